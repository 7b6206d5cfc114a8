// The sheet of a notice as it is put up on a wall (张榜): HTML and PDF of the same content.
//
// On it stand, as text and as QR codes, the hash of what is posted and the village's ledger before the posting (its
// size and root, three lines that are a checkpoint of ledger/checkpoint.h): whoever photographs a sheet can prove later
// what stood in the ledger then. A sheet depends on the record alone, so the same bytes come out whenever it is asked
// for; a draft and a void notice say in large letters that they are no posting.
#pragma once

#include "common/base/arena.h"
#include "common/stage/stage.h"

#include "wangge/v1/land_notice.pb-c.h"

enum { LAND_SHEET_BYTES = 7 << 20 }; // fits the largest frame (wire.h) with room for its envelope

struct land_sheet {
  const char *village; // 12 digits
  const char *notice_id;
  const Wangge__V1__Notice *notice;
};

// land_sheet_html appends the whole document, UTF-8, no scripts, nothing loaded from elsewhere.
void land_sheet_html(const struct land_sheet *sheet, struct wg_arena *arena, struct wg_buffer *out);
// land_sheet_pdf appends a PDF, A4, fonts embedded. *missing counts characters that no font here has; they are boxes.
// FAILED_PRECONDITION: there is no Chinese font at all (fonts-noto-cjk). INTERNAL: what the library said.
// From any thread: each has fonts of its own.
wg_status land_sheet_pdf(const struct land_sheet *sheet, struct wg_arena *arena, struct wg_buffer *out, int *missing,
                         struct wg_error *error);

// LandNotice/Sheet (read.c).
wg_status land_check_sheet(const struct wg_principal *caller, const ProtobufCMessage *request, struct wg_error *error);
wg_status land_read_sheet(struct wg_read_call *call, ProtobufCMessage **reply, struct wg_error *error);

// --- what both forms say (sheet.c) ---
struct land_sheet_fact {
  const char *label, *value;
};
bool land_sheet_posted(const struct land_sheet *sheet);      // with hash, period and ledger
const char *land_sheet_mark(const struct land_sheet *sheet); // "草稿 …", "作废 …", or NULL
const char *land_sheet_title(const struct land_sheet *sheet, struct wg_arena *arena);
// Rows of label and value, ended by a row without label; in the arena.
const struct land_sheet_fact *land_sheet_facts(const struct land_sheet *sheet, struct wg_arena *arena);
const char *land_sheet_kind(const char *kind); // Chinese name of a kind of record, else the kind itself
// Beginning of a subject's hash, 16 hex digits; "" in a draft.
const char *land_sheet_short(const Wangge__V1__NoticeSubject *subject, char text[17]);
extern const char LAND_SHEET_OBJECT[], LAND_SHEET_VERIFY[]; // how to object; what the codes are for
// Texts of the two codes. checkpoint: three lines. notice: "wangge-notice/VILLAGE/ID" and the hash in hex, two lines.
const char *land_sheet_checkpoint(const struct land_sheet *sheet, struct wg_arena *arena);
const char *land_sheet_notice(const struct land_sheet *sheet, struct wg_arena *arena);

// --- QR codes (qr.c) ---
struct land_qr {
  int width;            // modules, without the quiet zone of 4 around it
  const uint8_t *black; // width × width, row by row, 1: black; in the arena
};
// land_qr_make: error correction M. Texts here are far shorter than what a code holds.
struct land_qr land_qr_make(const char *text, struct wg_arena *arena);
