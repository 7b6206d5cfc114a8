"""Questionnaires: one answer for one token, counts and texts that cannot be joined to anybody, nothing before the opening
or after the closing, and nothing counted twice whatever is repeated."""
import time

import pytest

from harness.client import CallError
from harness.lists import DISTRICT, L, change
from harness.proto import CODE

SINGLE, MULTIPLE, SCALE, YES_NO, TEXT = range(1, 6)
NOTHING = L.NoDetails()
OPTIONS = ["加装电梯", "充电桩", "小舞台"]


def text(**fields):
    questions = fields.pop("questions", None) or [
        L.Question(n=1, kind=SINGLE, text="最想办的实事", options=OPTIONS, required=True),
        L.Question(n=2, kind=MULTIPLE, text="还想办哪些", options=OPTIONS),
        L.Question(n=3, kind=SCALE, text="对物业满意吗"), L.Question(n=4, kind=YES_NO, text="愿意参加议事会吗"),
        L.Question(n=5, kind=TEXT, text="还有什么建议")]
    return L.Questionnaire(**{"area": "370117001", "year": 2026, "title": "2027年为民办实事征集", "most_tokens": 50,
                              "closes_at": int((time.time() + 3600) * 1e6)} | fields, questions=questions)


def opened(cell, code, tokens=3, **fields):
    change(cell, code, questionnaire_draft=text(**fields))
    assert change(cell, code, questionnaire_open=NOTHING).disclosed
    return issue(cell, code, tokens)


def issue(cell, code, count, request_id=None, by="registrar"):
    """Tokens; without a request id always those of the same request."""
    return list(cell.call_when_there(by, "Lists/IssueTokens", L.IssueTokensRequest(
        district=DISTRICT, code=code, request_id=request_id or f"tokens of {code}", count=count)).tokens)

OWN = "a random number of the one who answers"


def given(*answers):
    """Each answer: number, choices or text."""
    return [L.GivenAnswer(n=n, text=a) if isinstance(a, str) else L.GivenAnswer(n=n, choices=a) for n, a in answers]


def answer(cell, code, token, *answers, by="gateway", own=""):
    """`own`: the request_id, which the one who answers makes and nobody else knows."""
    cell.call_when_there(by, "Lists/Answer", L.AnswerRequest(district=DISTRICT, code=code, token=token, answers=given(*answers),
                                                             request_id=own))


def refused(code, field, call, *args, **fields):
    with pytest.raises(CallError) as caught:
        call(*args, **fields)
    assert caught.value.code == code and caught.value.field == field, caught.value


def results(cell, code, by="registrar", texts=10):
    return cell.call(by, "Lists/Results", L.ResultsRequest(district=DISTRICT, code=code, texts=texts))


def test_answers_are_counted_and_belong_to_nobody(cell):
    tokens = opened(cell, "q-1")
    assert len(set(tokens)) == 3 and all(len(t) == 26 for t in tokens)
    answer(cell, "q-1", tokens[0], (1, [2]), (2, [1, 3]), (3, [5]), (4, [1]), (5, "多装路灯"))
    answer(cell, "q-1", tokens[1], (1, [2]), (4, [2]), own=OWN)
    refused(CODE.CODE_FAILED_PRECONDITION, "code", results, cell, "q-1", by="water")
    shown = results(cell, "q-1")
    assert (shown.issued, shown.answers) == (3, 2)
    assert [list(q.counts) for q in shown.questions] == [[0, 2, 0], [1, 0, 1], [0, 0, 0, 0, 1], [1, 1], []]
    assert [q.answered for q in shown.questions] == [2, 1, 1, 2, 1] and list(shown.questions[4].texts) == ["多装路灯"]
    change(cell, "q-1", questionnaire_close=NOTHING)
    assert results(cell, "q-1", by="water").answers == 2
    refused(CODE.CODE_FAILED_PRECONDITION, "code", answer, cell, "q-1", tokens[2], (1, [1]))
    answer(cell, "q-1", tokens[1], (1, [2]), (4, [2]), own=OWN)  # the same again is answered as it was
    assert results(cell, "q-1").answers == 2
    dump = str(cell.postgres.query("SELECT * FROM tracking.list_token")) + cell.log("tracking")
    assert not any(token in dump for token in tokens), "tokens are stored nowhere"
    columns = {row[0] for row in cell.postgres.query("SELECT DISTINCT column_name FROM information_schema.columns "
               "WHERE table_schema = 'tracking' AND table_name IN ('list_count', 'list_text')")}
    assert columns == {"district", "code", "question", "choice", "answers", "id", "text"}
    assert "多装路灯" not in str(cell.postgres.query("SELECT convert_from(body, 'LATIN1') FROM tracking.segment")), "no event tells it"


def test_a_token_is_good_for_one_answer(cell):
    tokens = opened(cell, "q-2")
    answer(cell, "q-2", tokens[0], (1, [1]), own=OWN)
    answer(cell, "q-2", tokens[0], (1, [1]), own=OWN)
    refused(CODE.CODE_PERMISSION_DENIED, "token", answer, cell, "q-2", tokens[0], (1, [2]), own=OWN)
    refused(CODE.CODE_INVALID_ARGUMENT, "request_id", answer, cell, "q-2", tokens[0], (1, [1]), own="guess")
    refused(CODE.CODE_INVALID_ARGUMENT, "request_id", answer, cell, "q-2", tokens[0], (1, [1]), own="x" * 65)
    refused(CODE.CODE_PERMISSION_DENIED, "token", answer, cell, "q-2", "a" * 26, (1, [1]))
    refused(CODE.CODE_INVALID_ARGUMENT, "token", answer, cell, "q-2", "short", (1, [1]))
    other = opened(cell, "q-3")
    refused(CODE.CODE_PERMISSION_DENIED, "token", answer, cell, "q-2", other[0], (1, [1]))
    cell.restart("tracking")
    answer(cell, "q-2", tokens[0], (1, [1]), own=OWN)
    assert results(cell, "q-2").answers == 1


def test_who_issued_the_tokens_cannot_find_out_what_they_were_used_for(cell):
    """Tokens come again for the same request, so who issued them has them; and the same person may know who got which."""
    tokens = opened(cell, "q-secret")
    answer(cell, "q-secret", tokens[0], (1, [2]), (5, "多装路灯"), own=OWN)
    answer(cell, "q-secret", tokens[1], (1, [3]))
    issued = issue(cell, "q-secret", 3)
    assert issued == tokens
    for guess in (1, 2, 3):  # right or wrong, the answer is the same
        for token, text in ((tokens[0], [(5, "多装路灯")]), (tokens[1], [])):
            refused(CODE.CODE_PERMISSION_DENIED, "token", answer, cell, "q-secret", token, (1, [guess]), *text, by="registrar")
            refused(CODE.CODE_PERMISSION_DENIED, "token", answer, cell, "q-secret", token, (1, [guess]), *text, by="registrar",
                    own="not the one that was used")
    assert results(cell, "q-secret").answers == 2
    # and in the database no row of a token shares its transaction with a text or a count; a receipt holds what nobody can compute
    left = cell.postgres.query("SELECT encode(hash, 'hex') FROM tracking.list_token WHERE code = 'q-secret'")
    assert len(left) == 1, "used tokens are gone"
    assert cell.postgres.query(
        "SELECT count(*) FROM tracking.list_token t WHERE code = 'q-secret' AND (t.xmin IN (SELECT xmin FROM tracking.list_text) "
        "OR t.xmin IN (SELECT xmin FROM tracking.list_count))") == [["0"]]
    assert cell.postgres.query("SELECT count(*) FROM tracking.list_receipt WHERE code = 'q-secret'") == [["1"]]


def test_many_answers_at_once_are_each_counted_once(cell):
    tokens = opened(cell, "q-4", tokens=40)
    client = cell.connect("gateway", "tracking")
    calls = []
    for n, token in enumerate(tokens):
        for _ in range(3):
            body = L.AnswerRequest(district=DISTRICT, code="q-4", token=token, answers=given((1, [n % 3 + 1])),
                                   request_id=f"{OWN}{n}").SerializeToString()
            calls.append(client.start_call("wangge.v1.Lists/Answer", body))
    for call in calls:
        assert client.reply(call)[0].code == CODE.CODE_OK
    client.close()
    shown = results(cell, "q-4")
    assert shown.answers == 40 and list(shown.questions[0].counts) == [14, 13, 13]


def test_tokens_come_again_for_the_same_request_and_are_limited(cell):
    tokens = opened(cell, "q-5", tokens=20)
    assert issue(cell, "q-5", 20) == tokens
    refused(CODE.CODE_ALREADY_EXISTS, "request_id", issue, cell, "q-5", 21)
    assert not set(issue(cell, "q-5", 20, by="dispatcher")) & set(tokens)
    refused(CODE.CODE_FAILED_PRECONDITION, "count", issue, cell, "q-5", 11, "more")
    refused(CODE.CODE_INVALID_ARGUMENT, "count", issue, cell, "q-5", 0, "none")
    refused(CODE.CODE_INVALID_ARGUMENT, "count", issue, cell, "q-5", 1001, "many")
    refused(CODE.CODE_NOT_FOUND, "code", issue, cell, "nothing", 1)
    change(cell, "q-6", questionnaire_draft=text())
    refused(CODE.CODE_FAILED_PRECONDITION, "code", issue, cell, "q-6", 1)
    refused(CODE.CODE_NOT_FOUND, "code", answer, cell, "q-6", tokens[0], (1, [1]))


@pytest.mark.parametrize("field,answers", [
    ("answers", []), ("answers", [(2, [1])]), ("answers[0].n", [(6, [1])]), ("answers[0].n", [(0, [1])]),
    ("answers[1].n", [(1, [1]), (1, [2])]), ("answers[0].choices", [(1, [4])]), ("answers[0].choices", [(1, [0])]),
    ("answers[0].choices", [(1, [1, 2])]), ("answers[1].choices", [(1, [1]), (2, [1, 1])]),
    ("answers[1].choices", [(1, [1]), (3, [6])]), ("answers[0].text", [(1, "加装电梯")]), ("answers[1].choices", [(1, [1]), (5, [1])]),
    ("answers[1].text", [(1, [1]), (5, "长" * 342)]), ("answers[1].text", [(1, [1]), (5, "<script>")]),
])
def test_a_wrong_answer_is_refused_and_its_token_stays_good(cell, wrong_token, field, answers):
    refused(CODE.CODE_INVALID_ARGUMENT, field, answer, cell, "q-wrong", wrong_token, *answers)
    assert results(cell, "q-wrong").answers == 0


@pytest.fixture(scope="module")
def wrong_token(cell):
    return opened(cell, "q-wrong", tokens=1)[0]


@pytest.mark.parametrize("field,fields", [
    ("closes_at", {"closes_at": 1}), ("most_tokens", {"most_tokens": 0}), ("most_tokens", {"most_tokens": 100_001}),
    ("questions", {"questions": [L.Question(n=1, kind=TEXT, text="t")] * 51}),
    ("questions[0].n", {"questions": [L.Question(n=2, kind=TEXT, text="t")]}),
    ("questions[0].kind", {"questions": [L.Question(n=1, text="t")]}),
    ("questions[0].options", {"questions": [L.Question(n=1, kind=SINGLE, text="t", options=["只有一个"])]}),
    ("questions[0].options", {"questions": [L.Question(n=1, kind=SCALE, text="t", options=["a", "b"])]}),
    ("questions[0].text", {"questions": [L.Question(n=1, kind=TEXT)]}),
    ("introduction", {"introduction": "<b>您好</b>"}),
])
def test_a_wrong_questionnaire_is_refused_by_its_field(cell, field, fields):
    refused(CODE.CODE_INVALID_ARGUMENT, field, change, cell, "q-draft", questionnaire_draft=text(**fields))


def test_the_time_of_a_questionnaire_ends(cell):
    tokens = opened(cell, "q-7", closes_at=int((time.time() + 2) * 1e6))
    answer(cell, "q-7", tokens[0], (1, [1]))
    while time.time() * 1e6 < cell.call("operator", "Lists/Entry", L.EntryRequest(
            district=DISTRICT, kind=L.LIST_KIND_QUESTIONNAIRE, code="q-7")).entry.questionnaire.closes_at + 100_000:
        time.sleep(0.1)
    refused(CODE.CODE_FAILED_PRECONDITION, "code", answer, cell, "q-7", tokens[1], (1, [1]))
    assert results(cell, "q-7", by="water").answers == 1, "its results are shown from then on"
