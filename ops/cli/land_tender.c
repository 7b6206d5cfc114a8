// wangge land decision|holding|tender|rank|contract|pay: from a decision to a contract and its rents.
#include "ops/cli/land.h"

#include "ops/cli/output.h"
#include "ops/cli/rows.h"

#include "wangge/v1/land_tender.pb-c.h"

#include <stdio.h>
#include <string.h>

#define METHOD(name) "wangge.v1." name
#define TYPE(name) &wangge__v1__##name##__descriptor

// --- writing ---
#define STEP "day=step.day", "minutes=step.minutes", "place=step.place"
#define VOTE                                                                                                           \
  "eligible=step.vote.eligible", "present=step.vote.present", "for=step.vote.inFavour", "against=step.vote.against",   \
      "abstained=step.vote.abstained"
#define TENDER(NAME, METHOD_NAME, REQUEST, ...)                                                                        \
  {                                                                                                                    \
    "land " NAME, "LandTender/" METHOD_NAME, TYPE(REQUEST), "village", {                                               \
      __VA_ARGS__                                                                                                      \
    }                                                                                                                  \
  }
#define CONTRACT(NAME, METHOD_NAME, REQUEST, ...)                                                                      \
  {                                                                                                                    \
    "land " NAME, "LandContract/" METHOD_NAME, TYPE(REQUEST), "village", {                                             \
      __VA_ARGS__                                                                                                      \
    }                                                                                                                  \
  }

static const struct cli_land_write WRITES[] = {
    TENDER("decision propose", "ProposeDecision", propose_decision_request, "kind=decision.kind",
           "title=decision.title", "text=decision.text", "body=decision.body", "subject-kind=decision.subjectKind",
           "subject=decision.subjectId", "outsiders?=decision.outsidersAllowed", "ratifies?=decision.ratifies",
           "zero-rent=decision.zeroRentReason", STEP),
    TENDER("decision step", "RecordStep", record_step_request, "0:decisionId", "step=step.kind", STEP, VOTE),
    {"land decision approve",
     "LandTender/ApproveDecision",
     TYPE(approve_decision_request),
     "township",
     {"0:decisionId", "document"}},
    TENDER("holding put", "PutHolding", put_holding_request, "holding=holdingId", "parcel=holding.parcelId",
           "party=holding.partyId", "method=holding.method", "from=holding.from", "to=holding.to",
           "area-dm2=holding.areaDm2", "document=holding.document", "homestead?=holding.homestead",
           "ended-on=holding.endedOn", "breach?=holding.breach"),
    TENDER("tender draft", "DraftTender", draft_tender_request, "tender=tenderId", "title=tender.title",
           "opens-on=tender.opensOn", "closes-on=tender.closesOn"),
    TENDER("tender post-plan", "PostPlan", post_plan_request, "0:tenderId", "notice=noticeId"),
    TENDER("tender open", "OpenTender", open_tender_request, "0:tenderId"),
    TENDER("tender invite", "RecordInvitation", record_invitation_request, "0:invitation.tenderId",
           "1:invitation.lotId", "2:invitation.partyId", "answer=invitation.answer", "asked-on=invitation.askedOn",
           "document=invitation.document"),
    TENDER("tender apply", "Apply", apply_request, "0:application.tenderId", "1:application.lotId",
           "2:application.partyId", "use=application.use", "offer-fen=application.offerFenPerMu",
           "document=application.document", "nonce-sha256=application.nonceSha256"),
    TENDER("tender withdraw", "WithdrawApplication", withdraw_application_request, "0:applicationId"),
    TENDER("tender close", "CloseTender", close_tender_request, "0:tenderId"),
    TENDER("tender reveal", "RevealNonce", reveal_nonce_request, "0:applicationId", "nonce"),
    TENDER("tender rank", "RankTender", rank_tender_request, "0:tenderId"),
    TENDER("tender check-edge", "CheckEdge", check_edge_request, "0:tenderId", "1:lotId", "2:applicationId",
           "document"),
    TENDER("tender post-result", "PostResult", post_result_request, "0:tenderId", "notice=noticeId"),
    TENDER("tender award", "Award", award_request, "0:tenderId", "1:lotId"),
    TENDER("tender refuse", "RefuseAward", refuse_award_request, "0:tenderId", "1:lotId", "2:applicationId",
           "document"),
    TENDER("tender cancel", "CancelTender", cancel_tender_request, "0:tenderId"),
    CONTRACT("contract sign", "SignContract", sign_contract_request, "0:tenderId", "1:lotId", "holder",
             "signed-on=signedOn", "from", "to", "code", "method", "use", "breach-clause=breachClause",
             "documents+=documents", "use-document=useDocument"),
    CONTRACT("contract pay", "Pay", pay_request, "0:payment.contractId", "fen=payment.fen", "receipt=payment.receiptNo",
             "day=payment.day", "payer=payment.payer", "channel=payment.channel", "deposit?=payment.deposit"),
    CONTRACT("contract refund", "RefundPayment", refund_payment_request, "0:refund.contractId", "refund=refund.kind",
             "fen=refund.fen", "receipt=refund.receiptNo", "day=refund.day", "payee=refund.payee",
             "document=refund.document"),
    CONTRACT("contract transfer", "TransferContract", transfer_contract_request, "0:transfer.contractId",
             "kind=transfer.kind", "taker=transfer.taker", "from=transfer.from", "until=transfer.until",
             "area-dm2=transfer.areaDm2", "rent-fen=transfer.rentFen", "document=transfer.document",
             "consent=transfer.consent"),
    CONTRACT("contract terminate", "TerminateContract", terminate_contract_request, "0:contractId", "last-day=lastDay",
             "breach?", "document"),
    CONTRACT("contract suspend", "SuspendContract", suspend_contract_request, "0:contractId"),
    CONTRACT("contract resume", "ResumeContract", resume_contract_request, "0:contractId"),
    CONTRACT("contract renew", "RenewContract", renew_contract_request, "0:contractId", "decision=decisionId", "to",
             "rate-fen=rateFenPerMu", "signed-on=signedOn", "documents+=documents"),
};

static int run_write(struct cli *cli) {
  return cli_land_do(cli, WRITES);
}

// --- rankings ---
static const char *money(int64_t fen, char text[32]) {
  snprintf(text, 32, "%s%lld.%02lld", fen < 0 ? "-" : "", (long long)(fen < 0 ? -fen : fen) / 100,
           (long long)(fen < 0 ? -fen : fen) % 100);
  return text;
}

static const struct {
  const char *gate, *label;
} GATES[] = {{"signed", "未签字"},   {"window", "不在报名期内"}, {"withdrawn", "已撤回"},
             {"second", "一户两份"}, {"reserve", "低于底价"},    {"overdue", "有欠租"},
             {"use", "用途不允许"},  {"member", "非本集体成员"}, {"outsider", "未决议或未批准对外"}};

static void append_reasons(struct wg_buffer *text, const Wangge__V1__RankingRow *row) {
  for (size_t i = 0; i < row->n_refused; i++) {
    const char *label = row->refused[i];
    for (size_t gate = 0; gate < sizeof GATES / sizeof *GATES; gate++) {
      if (strcmp(GATES[gate].gate, row->refused[i]) == 0) label = GATES[gate].label;
    }
    wg_buffer_printf(text, "%s%s", i ? "、" : "", label);
  }
  if (row->edge) wg_buffer_text(text, *row->edge_check ? "分档边界(已复核)" : "分档边界(须复核)");
}

static void ranking_row(struct cli_table *table, const Wangge__V1__RankingRow *row) {
  static const char *const olds[] = {"原承包户", "原使用户", "曾承包", "无"};
  char offer[32];
  struct wg_buffer reasons = {0};
  append_reasons(&reasons, row);
  if (row->rank) cli_table_cell(table, "%d", (int)row->rank);
  else cli_table_cell(table, "-");
  cli_table_cell(table, "%s", row->application_id);
  cli_table_cell(table, "%s", row->party_id);
  if (row->shared_dm >= 10) cli_table_cell(table, "相邻 %.1f 米", (double)row->shared_dm / 10);
  else if (row->distance_mm >= 0)
    cli_table_cell(table, "%.3f 米(第%lld档)", (double)row->distance_mm / 1000, (long long)row->near);
  else cli_table_cell(table, "无地");
  cli_table_cell(table, "%s", row->old >= 0 && row->old <= 3 ? olds[row->old] : "");
  cli_table_cell(table, "%s", money(row->offer_fen_per_mu, offer));
  cli_table_cell(table, "%s", row->revealed ? "已公开" : "未公开");
  cli_table_cell(table, "%s", wg_buffer_cstr(&reasons));
  wg_buffer_free(&reasons);
}

static int run_ranking(struct cli *cli) {
  static const char *const headings[] = {">名次", "申请", "农户", "从近", "从旧", ">元/亩·年", "抽签", "说明", NULL};
  struct wg_error error = {0};
  Wangge__V1__GetLandRequest request = WANGGE__V1__GET_LAND_REQUEST__INIT;
  int code = CLI_DONE;
  request.village = (char *)(uintptr_t)cli_land_village(cli, &error);
  if (request.village == NULL) return cli_usage(cli, &error);
  request.kind = (char *)(uintptr_t) "ranking";
  request.id = wg_arena_printf(cli->arena, "%s.%s", cli->parsed.argument[0], cli->parsed.argument[1]);
  const Wangge__V1__GetLandResponse *response = (Wangge__V1__GetLandResponse *)cli_ask(
      cli, CLI_LAND, METHOD("Land/GetLand"), &request.base, TYPE(get_land_response), &code);
  if (response == NULL) return code;
  if (cli->json) {
    cli_print_message(&response->base);
    return CLI_DONE;
  }
  const Wangge__V1__Ranking *ranking = response->record->ranking;
  struct cli_table *table = cli_table_create(headings);
  for (size_t i = 0; i < ranking->n_rows; i++)
    ranking_row(table, ranking->rows[i]);
  cli_table_print(table, stdout);
  cli_table_free(table);
  if (ranking->result_sha256.len == 0) return CLI_DONE;
  fputs("result_sha256 ", stdout);
  for (size_t i = 0; i < ranking->result_sha256.len; i++)
    printf("%02x", ranking->result_sha256.data[i]);
  printf(", entries up to %lld\n", (long long)ranking->close_seq);
  return CLI_DONE;
}

// --- dues ---
struct dues {
  struct cli_table *table;
  const char *contract; // NULL: all
  bool overdue;         // only these
};

static void due_row(void *context, const ProtobufCMessage *row) {
  static const char *const states[] = {"", "待缴", "已缴", "欠缴", "取消"};
  const struct dues *dues = context;
  const Wangge__V1__LandRecord *record = ((const Wangge__V1__GetLandResponse *)row)->record;
  const Wangge__V1__PaymentDue *due = record->payment_due;
  if (dues->contract != NULL && strcmp(due->contract_id, dues->contract) != 0) return;
  if (dues->overdue && due->state != WANGGE__V1__DUE_STATE__DUE_STATE_OVERDUE) return;
  char owed[32], paid[32];
  cli_table_cell(dues->table, "%s", record->village);
  cli_table_cell(dues->table, "%s", record->id);
  cli_table_cell(dues->table, "%s", due->due_on);
  cli_table_cell(dues->table, "%s 至 %s", due->from, due->to);
  cli_table_cell(dues->table, "%s", money(due->fen, owed));
  cli_table_cell(dues->table, "%s", money(due->paid_fen, paid));
  cli_table_cell(dues->table, "%s", (int)due->state > 0 && (int)due->state < 5 ? states[due->state] : "");
}

static int run_dues(struct cli *cli) {
  static const char *const headings[] = {"村", "应收", "最迟", "租期", ">应缴(元)", ">已缴(元)", "状态", NULL};
  struct wg_error error = {0};
  Wangge__V1__ListLandRequest request = WANGGE__V1__LIST_LAND_REQUEST__INIT;
  cli_check_out(cli, &error);
  if (error.code == WG_OK) request.village = (char *)(uintptr_t)cli_land_village(cli, &error);
  if (error.code != WG_OK) return cli_usage(cli, &error);
  request.kind = (char *)(uintptr_t) "payment_due";
  if (cli_given(&cli->parsed, "overdue")) request.state = (char *)(uintptr_t) "overdue";
  struct dues dues = {.table = cli_table_create(headings),
                      .contract = cli_text(&cli->parsed, "contract"),
                      .overdue = cli_given(&cli->parsed, "overdue")};
  int code = cli_list_rows(cli,
                           &(struct cli_listing){.service = CLI_LAND,
                                                 .method = METHOD("Land/ListLand"),
                                                 .request = &request.base,
                                                 .response = TYPE(list_land_response),
                                                 .row = due_row,
                                                 .context = &dues},
                           INT64_MAX);
  if (code == CLI_DONE && !cli->json) code = cli_give_table(cli, dues.table);
  cli_table_free(dues.table);
  return code;
}

// --- tables of commands ---
#define DOCUMENT                                                                                                       \
  { "document", "SHA256", "signed paper, named by the SHA-256 of its file" }
#define DOCUMENTS                                                                                                      \
  { "documents", "LIST", "signed papers, SHA-256 with \",\" between" }
#define STEP_OPTIONS                                                                                                   \
  {"day", "DAY", "when the meeting was"}, {"minutes", "SHA256", "minutes with signatures"}, {                          \
    "place", "TEXT", "where"                                                                                           \
  }
static const struct cli_option write_options[] = {CLI_LAND_WRITE};
static const struct cli_option document_options[] = {DOCUMENT, CLI_LAND_WRITE};
static const struct cli_option notice_options[] = {{"notice", "ID", "notice with which it is posted; required"},
                                                   CLI_LAND_WRITE};
static const struct cli_option propose_options[] = {{"kind", "NAME", "plan, renewal or other"},
                                                    {"title", "TEXT", "of the decision"},
                                                    {"text", "TEXT", "what is decided"},
                                                    {"body", "NAME", "members or representatives"},
                                                    {"subject-kind", "KIND", "what it is about: tender, contract"},
                                                    {"subject", "ID", "which"},
                                                    {"outsiders", NULL, "others than members may take part"},
                                                    {"ratifies", NULL, "a contract may begin before it is signed"},
                                                    {"zero-rent", "TEXT", "why land is let for nothing"},
                                                    STEP_OPTIONS,
                                                    CLI_LAND_WRITE};
static const struct cli_option step_options[] = {{"step", "NAME", "discuss, review or resolve"},
                                                 STEP_OPTIONS,
                                                 {"eligible", "N", "entitled to vote"},
                                                 {"present", "N", "who came"},
                                                 {"for", "N", "votes in favour"},
                                                 {"against", "N", "votes against"},
                                                 {"abstained", "N", "abstentions"},
                                                 CLI_LAND_WRITE};
static const struct cli_option holding_options[] = {{"holding", "ID", "end this one early"},
                                                    {"parcel", "ID", "of which parcel"},
                                                    {"party", "ID", "who has it"},
                                                    {"method", "N", "110, 121, 122, 123 or 129 (NY/T 2539)"},
                                                    {"from", "DAY", "first day"},
                                                    {"to", "DAY", "last day"},
                                                    {"area-dm2", "N", "0.01 m²; else the whole parcel"},
                                                    DOCUMENT,
                                                    {"homestead", NULL, "a homestead"},
                                                    {"ended-on", "DAY", "with --holding: its last day"},
                                                    {"breach", NULL, "ended by a breach"},
                                                    CLI_LAND_WRITE};
static const struct cli_option draft_options[] = {{"tender", "ID", "draft to be changed; else a new one"},
                                                  {"title", "TEXT", "of the tender"},
                                                  {"opens-on", "DAY", "first day of applications"},
                                                  {"closes-on", "DAY", "their last day"},
                                                  CLI_LAND_WRITE};
static const struct cli_option invite_options[] = {{"answer", "NAME", "applied, declined or no_answer"},
                                                   {"asked-on", "DAY", "when it was asked"},
                                                   DOCUMENT,
                                                   CLI_LAND_WRITE};
static const struct cli_option apply_options[] = {{"use", "NAME", "crops, fruit_forest, breeding, …"},
                                                  {"offer-fen", "FEN", "rent per mu and year"},
                                                  DOCUMENT,
                                                  {"nonce-sha256", "BASE64", "commitment to the nonce for the draw"},
                                                  CLI_LAND_WRITE};
static const struct cli_option reveal_options[] = {{"nonce", "BASE64", "the nonce, 32 bytes"}, CLI_LAND_WRITE};
static const struct cli_option sign_options[] = {{"holder", "ID", "party it was awarded to"},
                                                 {"signed-on", "DAY", "not in the future"},
                                                 {"from", "DAY", "else as the lot says"},
                                                 {"to", "DAY", "else as the lot says"},
                                                 {"code", "CODE", "18 digits and J or Q (GB/T 35958)"},
                                                 {"method", "N", "121, 122, 123 or 129; 121"},
                                                 {"use", "NAME", "else as applied for"},
                                                 {"breach-clause", "TEXT", "what follows a breach"},
                                                 DOCUMENTS,
                                                 {"use-document", "SHA256", "approval or filing of the use"},
                                                 CLI_LAND_WRITE};
static const struct cli_option pay_options[] = {{"fen", "FEN", "amount"},
                                                {"receipt", "NUMBER", "unique in the village"},
                                                {"day", "DAY", "when it was paid"},
                                                {"payer", "NAME", "who paid"},
                                                {"channel", "NAME", "cash, bank, mobile or offset"},
                                                {"deposit", NULL, "it is the deposit"},
                                                CLI_LAND_WRITE};
static const struct cli_option refund_options[] = {{"refund", "NAME", "unspent or deposit"},
                                                   {"fen", "FEN", "amount"},
                                                   {"receipt", "NUMBER", "unique in the village"},
                                                   {"day", "DAY", "when it was paid back"},
                                                   {"payee", "NAME", "to whom"},
                                                   DOCUMENT,
                                                   CLI_LAND_WRITE};
static const struct cli_option transfer_options[] = {
    {"kind", "NAME", "lease, subcontract, shares, assign, swap or tilling"},
    {"taker", "ID", "party"},
    {"from", "DAY", "first day"},
    {"until", "DAY", "last day; within the contract"},
    {"area-dm2", "N", "0.01 m²"},
    {"rent-fen", "FEN", "of a year"},
    DOCUMENT,
    {"consent", "SHA256", "the issuer's consent"},
    CLI_LAND_WRITE};
static const struct cli_option terminate_options[] = {
    {"last-day", "DAY", "last day in force"}, {"breach", NULL, "by a breach of the holder"}, DOCUMENT, CLI_LAND_WRITE};
static const struct cli_option renew_options[] = {{"decision", "ID", "decision about it, passed and posted"},
                                                  {"to", "DAY", "last day of the new term"},
                                                  {"rate-fen", "FEN", "rent per mu and year"},
                                                  {"signed-on", "DAY", "not in the future"},
                                                  DOCUMENTS,
                                                  CLI_LAND_WRITE};
static const struct cli_option ranking_options[] = {CLI_LAND_VILLAGE, {0}};
static const struct cli_option dues_options[] = {CLI_LAND_VILLAGE,
                                                 {"contract", "ID", "only of this contract"},
                                                 {"overdue", NULL, "only what is overdue"},
                                                 {"out", "FILE", "write .csv or .xlsx, marked with who exported it"},
                                                 {0}};

#define V " --village 131102101201"
#define S "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

const struct cli_command cli_land_decision[] = {
    {"land decision propose", "", 0, 0, "begin a decision of the village (四议两公开: 提议)", propose_options,
     "  wangge land decision propose" V " --kind plan --title '三号地块承包方案' --body representatives \\\n"
     "    --subject-kind tender --subject tender-12 --day 2027-01-04 --minutes " S "\n",
     run_write},
    {"land decision step", "DECISION", 1, 1, "record the next step (商议、审议、决议)", step_options,
     "  wangge land decision step decision-13" V " --step resolve --day 2027-01-08 --minutes " S " \\\n"
     "    --eligible 30 --present 26 --for 22 --against 3 --abstained 1\n",
     run_write},
    {"land decision approve", "DECISION", 1, 1, "the township's approval of letting to outsiders", document_options,
     "  wangge land decision approve decision-13" V " --document " S "\n", run_write},
    {"land holding put", "", 0, 0, "rights of before the ledger (原有承包、宅基地)", holding_options,
     "  wangge land holding put" V " --parcel p-7 --party h-17 --method 110 --from 1999-01-01 --to 2028-12-31 \\\n"
     "    --document " S "\n"
     "  wangge land holding put" V " --holding holding-9 --ended-on 2026-12-31\n",
     run_write},
    {0},
};

const struct cli_command cli_land_tender[] = {
    {"land tender draft", "", 0, 0, "draft a tender, its lots from a file (发包方案)", draft_options,
     "  wangge land tender draft" V " --title '三号地块承包' --opens-on 2027-02-01 --closes-on 2027-02-10 \\\n"
     "    --file lots.json\n"
     "  lots.json: {\"tender\":{\"round\":1,\"lots\":[{\"id\":\"lot-1\",\"parcelId\":\"p-3\",\"uses\":[\"crops\"],\n"
     "    \"from\":\"2027-03-15\",\"to\":\"2030-03-14\",\"reserveFenPerMu\":50000,\"everyMonths\":12}]}}\n",
     run_write},
    {"land tender post-plan", "TENDER", 1, 1, "it was posted (方案张榜)", notice_options,
     "  wangge land tender post-plan tender-12" V " --notice notice-15\n", run_write},
    {"land tender open", "TENDER", 1, 1, "open it for applications; it opens by itself too", write_options,
     "  wangge land tender open tender-12" V "\n", run_write},
    {"land tender invite", "TENDER LOT PARTY", 3, 3, "what a household said that must be asked", invite_options,
     "  wangge land tender invite tender-12 lot-1 h-17" V " --answer declined --asked-on 2027-02-01 --document " S "\n",
     run_write},
    {"land tender apply", "TENDER LOT PARTY", 3, 3, "receive an application", apply_options,
     "  wangge land tender apply tender-12 lot-1 h-18" V " --use crops --offer-fen 60000 --document " S " \\\n"
     "    --nonce-sha256 \"$(openssl dgst -sha256 -binary nonce | base64)\"\n",
     run_write},
    {"land tender withdraw", "APPLICATION", 1, 1, "withdraw an application before the closing", write_options,
     "  wangge land tender withdraw application-20" V "\n", run_write},
    {"land tender close", "TENDER", 1, 1, "end the receipt of applications; it ends by itself too", write_options,
     "  wangge land tender close tender-12" V "\n", run_write},
    {"land tender reveal", "APPLICATION", 1, 1, "open an applicant's commitment for the draw", reveal_options,
     "  wangge land tender reveal application-20" V " --nonce \"$(base64 -w0 nonce)\"\n", run_write},
    {"land tender rank", "TENDER", 1, 1, "rank the applications of all lots (从近、从旧、自愿、有偿)", write_options,
     "  wangge land tender rank tender-12" V "\n", run_write},
    {"land tender check-edge", "TENDER LOT APPLICATION", 3, 3, "keep the signed check of a distance", document_options,
     "  wangge land tender check-edge tender-12 lot-1 application-20" V " --document " S "\n", run_write},
    {"land tender post-result", "TENDER", 1, 1, "the rankings were posted (结果张榜)", notice_options,
     "  wangge land tender post-result tender-12" V " --notice notice-30\n", run_write},
    {"land tender award", "TENDER LOT", 2, 2, "award a lot to whose turn it is", write_options,
     "  wangge land tender award tender-12 lot-1" V "\n", run_write},
    {"land tender refuse", "TENDER LOT APPLICATION", 3, 3, "whose turn it is does not want the lot any more",
     document_options,
     "  wangge land tender refuse tender-12 lot-1 application-20" V " --reason '外出务工' --document " S "\n",
     run_write},
    {"land tender cancel", "TENDER", 1, 1, "end a tender for good", write_options,
     "  wangge land tender cancel tender-12" V " --reason '方案有误'\n", run_write},
    {"land tender ranking", "TENDER LOT", 2, 2, "the ranking of a lot, explained line by line", ranking_options,
     "  wangge land tender ranking tender-12 lot-1" V "\n", run_ranking},
    {0},
};

const struct cli_command cli_land_contract[] = {
    {"land contract sign", "TENDER LOT", 2, 2, "sign the contract of an awarded lot, or hear what is missing",
     sign_options,
     "  wangge land contract sign tender-12 lot-1" V " --holder h-18 --signed-on 2027-02-20 --documents " S "\n",
     run_write},
    {"land contract pay", "CONTRACT", 1, 1, "receive rent, the oldest due first, or the deposit", pay_options,
     "  wangge land contract pay contract-33" V " --fen 900000 --receipt 2027-001 --day 2027-03-20 \\\n"
     "    --payer '演示户18' --channel bank\n",
     run_write},
    {"land contract refund", "CONTRACT", 1, 1, "pay back what is not owed, or the deposit", refund_options,
     "  wangge land contract refund contract-33" V " --refund deposit --fen 100000 --receipt 2030-009 \\\n"
     "    --day 2030-03-20 --payee '演示户18' --document " S "\n",
     run_write},
    {"land contract transfer", "CONTRACT", 1, 1, "keep a transfer of its land (流转)", transfer_options,
     "  wangge land contract transfer contract-33" V " --kind lease --taker h-19 --from 2027-03-15 \\\n"
     "    --until 2028-03-14 --area-dm2 600000 --document " S "\n",
     run_write},
    {"land contract terminate", "CONTRACT", 1, 1, "end a contract before its last day", terminate_options,
     "  wangge land contract terminate contract-33" V " --last-day 2027-09-13 --reason '自愿退出' --document " S "\n",
     run_write},
    {"land contract suspend", "CONTRACT", 1, 1, "a dispute", write_options,
     "  wangge land contract suspend contract-33" V " --reason '边界争议'\n", run_write},
    {"land contract resume", "CONTRACT", 1, 1, "the dispute is over", write_options,
     "  wangge land contract resume contract-33" V " --reason '已调解'\n", run_write},
    {"land contract renew", "CONTRACT", 1, 1, "continue it behind its last day, by a decision that was posted",
     renew_options,
     "  wangge land contract renew contract-33" V " --decision decision-40 --to 2033-03-14 --rate-fen 70000 \\\n"
     "    --signed-on 2030-02-01 --documents " S "\n",
     run_write},
    {"land contract dues", "", 0, 0, "rents: due, paid, overdue", dues_options,
     "  wangge land contract dues" V " --contract contract-33\n"
     "  wangge land contract dues --village 131102 --overdue --out overdue.xlsx\n",
     run_dues},
    {0},
};
