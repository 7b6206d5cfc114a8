"""The attachment store: what it takes, what it refuses, who gets what, what it forgets."""
import hashlib
import io
import os
import struct
import subprocess
import threading
import zipfile
import zlib

import pytest

from harness import proto
from harness.cell import Cell
from harness.client import CallError
from harness.clock import Clock
from harness.orders import DISTRICT, HOUSING, order
from harness.proto import CODE

I = proto.intake
PNG = b"\x89PNG\r\n\x1a\n"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PIECE = 1 << 20


def sha(data):
    return hashlib.sha256(data).hexdigest()


def png(size=5000, seed=b""):
    return PNG + (hashlib.sha256(seed).digest() * (size // 32 + 1))[:size - len(PNG)]


def piece(whole, offset=0, end=None, media_type="image/png", **fields):
    values = dict(district=DISTRICT, sha256=sha(whole), media_type=media_type, size_bytes=len(whole), offset=offset,
                  data=whole[offset:end if end is not None else offset + PIECE])
    values.update(fields)
    return I.PutAttachmentRequest(**values)


def put(cell, data, principal="hotline-12345", **fields):
    answer = I.PutAttachmentResponse()
    while not answer.complete:
        answer = cell.call(principal, "Intake/PutAttachment", piece(data, answer.received, **fields))
    return sha(data)


def get(cell, principal, order_id, hashed, **fields):
    data, request = b"", I.GetAttachmentRequest(order_id=order_id, sha256=hashed, **fields)
    while True:
        answer = cell.call(principal, "Intake/GetAttachment", request)
        data += answer.data
        if not answer.data:
            assert len(data) == answer.size_bytes
            return data
        request.offset = len(data)


def refusal(cell, principal, method, request):
    with pytest.raises(CallError) as refused:
        cell.call(principal, method, request)
    return refused.value


def put_refused(cell, data, **fields):
    error = refusal(cell, "hotline-12345", "Intake/PutAttachment", piece(data, **fields))
    return error.code, str(error)


def with_attachment(cell, hashed, **fields):
    named = proto.common.Attachment(sha256=hashed, name="a.png", media_type="image/png", size_bytes=1)
    return cell.push_accepted([order(attachments=[named], **fields)])[0]


def ticket_of(cell, order_id, hashed, department="water"):
    follower = cell.follow(department, "routing.dispatch", topic=department, start=proto.stream.START_EARLIEST)
    try:
        while True:
            message = follower.next().message
            if message.DESCRIPTOR.name == "OrderDispatched" and message.order.order_id == order_id:
                return next(a.ticket for a in message.order.attachments if a.sha256 == hashed)
    finally:
        follower.close()


def test_what_is_put_comes_back(cell):
    data = png(2 * PIECE + 12345, b"large")
    hashed = put(cell, data)
    order_id = with_attachment(cell, hashed)
    for principal in ("hotline-12345", "dispatcher", "operator"):
        assert get(cell, principal, order_id, hashed) == data
    assert cell.call("hotline-12345", "Intake/PutAttachment", piece(data)).complete  # again: nothing to do


def test_each_type_by_its_bytes(cell):
    samples = {"image/jpeg": b"\xff\xd8\xff\xe0" + b"j" * 20, "image/gif": b"GIF89a" + b"g" * 20,
               "image/webp": b"RIFF\x10\0\0\0WEBPVP8 ", "application/pdf": b"%PDF-1.7\n%%EOF", "audio/amr": b"#!AMR\n\x04",
               "video/mp4": b"\0\0\0\x18ftypmp42" + b"\0" * 12, "audio/wav": b"RIFF\x10\0\0\0WAVEfmt ",
               "audio/mpeg": b"ID3\x03" + b"\0" * 12}
    for media_type, data in samples.items():
        put(cell, data, media_type=media_type)
    for media_type, data in samples.items():
        for lie in ("image/png", DOCX):
            code, text = put_refused(cell, data + b"!", media_type=lie)
            assert code == CODE.CODE_INVALID_ARGUMENT and "bytes are not" in text
    for media_type in ("text/html", "image/svg+xml", "application/zip", "application/x-msdownload", ""):
        assert put_refused(cell, b"<svg/>", media_type=media_type)[0] == CODE.CODE_INVALID_ARGUMENT


def docx(entries=(), compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        made.writestr("word/document.xml", "<w:document/>")
        for name, content in entries:
            made.writestr(name, content)
    return out.getvalue()


def lying(data, declared):
    """The directory says that the first entry unpacks to `declared` bytes."""
    at = data.index(b"PK\x01\x02")
    return data[:at + 24] + struct.pack("<I", declared) + data[at + 28:]


def overlapping(copies):
    """Many directory entries for one local entry."""
    packed = zlib.compress(b"0" * 900_000, 9)[2:-4]
    name = b"word/document.xml"
    crc = zlib.crc32(b"0" * 900_000)
    local = struct.pack("<IHHHHHIIIHH", 0x04034b50, 20, 0, 8, 0, 0, crc, len(packed), 900_000, len(name), 0) + name + packed
    central = b"".join(struct.pack("<IHHHHHHIIIHHHHHII", 0x02014b50, 20, 20, 0, 8, 0, 0, crc, len(packed), 900_000, len(name),
                                   0, 0, 0, 0, 0, 0) + name for _ in range(copies))
    end = struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, copies, copies, len(central), len(local), 0)
    return local + central + end


BOMBS = {
    "ratio": (docx([("word/media/bomb", b"\0" * (30 << 20))]), "a hundred times"),
    "total": (docx([(f"word/m{i}", os.urandom(8192) * 128) for i in range(70)]), "64 MiB"),
    "nested": (docx([("word/embeddings/inner.zip", docx())]), "another archive"),
    "lying small": (lying(docx([("x", b"y")]), 3), "not what its directory says"),
    "lying large": (lying(docx([("x", b"y")]), 3000), "not what its directory says"),
    "overlapping": (overlapping(40), "overlap"),
    "traversal": (docx([("../../etc/passwd", b"x")]), "leaves its folder"),
    "absolute": (docx([("/etc/passwd", b"x")]), "leaves its folder"),
    "too many": (docx([(f"e{i}", b"") for i in range(2001)]), "2,000 entries"),
    "no document": (docx().replace(b"word/document.xml", b"xxxx/document.xml"), "zip without"),
    "cut": (docx()[:-5], "has no end"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused(cell, name):
    data, why = BOMBS[name]
    answer = None
    offset = 0
    while offset + PIECE < len(data):
        offset = cell.call("hotline-12345", "Intake/PutAttachment", piece(data, offset, media_type=DOCX)).received
    answer = refusal(cell, "hotline-12345", "Intake/PutAttachment", piece(data, offset, media_type=DOCX))
    assert answer.code == CODE.CODE_INVALID_ARGUMENT and why in str(answer), answer
    assert cell.postgres.query(f"SELECT count(*) FROM intake.blob WHERE sha256 = '{sha(data)}'") == [["0"]]


def test_an_honest_document_is_taken(cell):
    put(cell, docx([("word/media/image1.png", png())]), media_type=DOCX)


def test_limits_are_told_before_a_byte_is_taken(cell):
    data = png()
    for fields in ({"size_bytes": 20971521}, {"size_bytes": 0}, {"size_bytes": -1}, {"sha256": "A" * 64}, {"sha256": "ab"},
                   {"offset": -1}, {"offset": 10}, {"district": ""}, {"district": "999999"}, {"order_id": -1},
                   {"data": b"x" * (PIECE + 1), "size_bytes": PIECE + 2}):
        request = piece(data, **{k: v for k, v in fields.items() if k != "offset"})
        if "offset" in fields:
            request.offset = fields["offset"]
        assert refusal(cell, "hotline-12345", "Intake/PutAttachment", request).code == CODE.CODE_INVALID_ARGUMENT, fields
    assert cell.postgres.query(f"SELECT count(*) FROM intake.upload WHERE sha256 = '{sha(data)}'") == [["0"]]


def test_a_wrong_hash_is_refused_and_the_right_one_still_taken(cell):
    data, other = png(seed=b"right"), png(seed=b"wrong")
    code, text = put_refused(cell, other, sha256=sha(data))
    assert code == CODE.CODE_INVALID_ARGUMENT and sha(other) in text
    put(cell, data)


def test_a_truncated_upload_goes_on_where_it_stopped(cell):
    data = png(3000, b"cut")
    assert cell.call("hotline-12345", "Intake/PutAttachment", piece(data, 0, 1000)).received == 1000
    order_id = with_attachment(cell, sha(data))
    assert refusal(cell, "dispatcher", "Intake/GetAttachment",
                   I.GetAttachmentRequest(order_id=order_id, sha256=sha(data))).code == CODE.CODE_NOT_FOUND
    asked = cell.call("hotline-12345", "Intake/PutAttachment", piece(data, 0, 0))
    assert (asked.received, asked.complete) == (1000, False)
    for wrong in (500, 1001):
        error = refusal(cell, "hotline-12345", "Intake/PutAttachment", piece(data, wrong))
        assert error.code == CODE.CODE_OUT_OF_RANGE and "1000 bytes are there" in str(error)
    assert refusal(cell, "hotline-12345", "Intake/PutAttachment",
                   piece(data, 1000, media_type="image/gif")).code == CODE.CODE_ALREADY_EXISTS
    assert cell.call("hotline-12345", "Intake/PutAttachment", piece(data, 1000)).complete
    assert get(cell, "dispatcher", order_id, sha(data)) == data


def test_the_same_bytes_at_once_are_stored_once(cell):
    data = png(2 * PIECE, b"together")
    errors = []

    def one(principal):
        client = cell.connect(principal, "intake")
        try:
            offset = 0
            while offset < len(data):
                offset = client.call("wangge.v1.Intake/PutAttachment", piece(data, offset)).received
        except CallError as error:
            # the same principal's other connection began anew: its upload goes on
            if error.code != CODE.CODE_OUT_OF_RANGE:
                errors.append(error)
        finally:
            client.close()
    threads = [threading.Thread(target=one, args=(p,)) for p in ("hotline-12345", "hotline-12345", "patrol", "dispatcher")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    put(cell, data)
    stored = cell.postgres.query(f"SELECT sum(octet_length(p.data)) FROM intake.blob b JOIN intake.upload u USING (district, sha256) "
                                 f"JOIN intake.piece p ON p.upload_id = u.upload_id WHERE b.sha256 = '{sha(data)}'")
    assert stored == [[str(len(data))]]


def test_who_may_not_get_it(cell):
    data = png(seed=b"mine")
    hashed = put(cell, data)
    order_id = with_attachment(cell, hashed)
    ticket = ticket_of(cell, order_id, hashed)
    assert get(cell, "water", order_id, hashed, ticket=ticket) == data
    other = with_attachment(cell, put(cell, png(seed=b"other")), category=HOUSING)
    for principal, request in [
            ("patrol", I.GetAttachmentRequest(order_id=order_id, sha256=hashed)),
            ("water", I.GetAttachmentRequest(order_id=order_id, sha256=hashed)),
            ("housing", I.GetAttachmentRequest(order_id=order_id, sha256=hashed, ticket=ticket ^ 1)),
            ("housing", I.GetAttachmentRequest(order_id=other, sha256=hashed, ticket=ticket)),
            ("dispatcher", I.GetAttachmentRequest(order_id=other, sha256=hashed)),
            ("hotline-12345", I.GetAttachmentRequest(order_id=other, sha256=hashed))]:
        assert refusal(cell, principal, "Intake/GetAttachment", request).code == CODE.CODE_NOT_FOUND, principal
    assert refusal(cell, "dispatcher", "Intake/GetAttachment", I.GetAttachmentRequest(
        order_id=order_id, sha256=hashed, offset=len(data) + 1)).code == CODE.CODE_OUT_OF_RANGE


def test_naming_a_hash_is_not_having_the_bytes(cell):
    hashed = put(cell, png(seed=b"secret"))
    thief = cell.call("patrol", "Intake/Push", I.PushRequest(source="patrol", orders=[order(
        attachments=[proto.common.Attachment(sha256=hashed)])])).results[0].order_id
    assert refusal(cell, "patrol", "Intake/GetAttachment",
                   I.GetAttachmentRequest(order_id=thief, sha256=hashed)).code == CODE.CODE_NOT_FOUND


def test_evidence_belongs_to_its_order(cell):
    order_id = cell.push_accepted([order()])[0]
    data = png(seed=b"evidence")
    hashed = put(cell, data, principal="water", order_id=order_id)
    for principal in ("water", "dispatcher", "operator", "hotline-12345"):
        assert get(cell, principal, order_id, hashed) == data
    for principal in ("housing", "patrol"):
        assert refusal(cell, principal, "Intake/GetAttachment",
                       I.GetAttachmentRequest(order_id=order_id, sha256=hashed)).code == CODE.CODE_NOT_FOUND
    assert refusal(cell, "patrol", "Intake/PutAttachment", piece(data, order_id=order_id)).code == CODE.CODE_NOT_FOUND
    assert refusal(cell, "water", "Intake/PutAttachment", piece(data, order_id=9_000_000_000)).code == CODE.CODE_NOT_FOUND


def test_attachments_of_a_held_order_need_a_reason(cell):
    data = png(seed=b"held")
    hashed = put(cell, data)
    order_id = with_attachment(cell, hashed, confidential=True)
    request = I.GetAttachmentRequest(order_id=order_id, sha256=hashed)
    assert refusal(cell, "dispatcher", "Intake/GetAttachment", request).code == CODE.CODE_PERMISSION_DENIED
    assert refusal(cell, "operator", "Intake/GetAttachment", request).code == CODE.CODE_NOT_FOUND
    assert get(cell, "dispatcher", order_id, hashed, reveal_reason="核实") == data
    views = cell.call("operator", "Intake/PiiAccesses", I.PiiAccessesRequest(order_id=order_id)).accesses
    assert [v.reason for v in views] == ["核实"]


def test_the_command_puts_and_gets(cell, tmp_path):
    order_id = cell.push_accepted([order()])[0]
    source, back = tmp_path / "照片.png", tmp_path / "back.png"
    source.write_bytes(png(PIECE + 77, b"command"))

    def wangge(*words):
        return subprocess.run([cell.build.resolve() / "ops/cli/wangge", *map(str, words), "--config", cell.folder / "client.ini"],
                              capture_output=True, text=True, timeout=60, env={**os.environ, "LC_ALL": "C.UTF-8"})
    done = wangge("attach", "put", source, "--order", order_id, "--district", DISTRICT, "--as", "water")
    assert done.returncode == 0 and sha(source.read_bytes()) in done.stdout, done
    done = wangge("attach", "get", order_id, sha(source.read_bytes()), "--out", back, "--as", "dispatcher")
    assert done.returncode == 0 and back.read_bytes() == source.read_bytes(), done
    assert wangge("attach", "get", order_id, "0" * 64, "--out", back, "--as", "dispatcher").returncode == 1
    (tmp_path / "page.html").write_text("<html>")
    assert wangge("attach", "put", tmp_path / "page.html", "--district", DISTRICT, "--as", "water").returncode == 2


def test_what_nobody_names_is_forgotten():
    cell = Cell()
    clock = Clock(cell.folder / "now")
    cell.settings = {"intake": {"attachment_grace_hours": "0", "clock": clock.path}}
    try:
        cell.start()
        unnamed, stopped = png(seed=b"unnamed"), png(seed=b"stopped")
        named = png(seed=b"named")
        order_id = with_attachment(cell, sha(named))
        put(cell, named)
        put(cell, unnamed)
        cell.call("hotline-12345", "Intake/PutAttachment", piece(stopped, 0, 100))
        clock.until(lambda: cell.postgres.query("SELECT count(*) FROM intake.upload") == [["1"]], "two uploads are forgotten", 60)
        assert get(cell, "dispatcher", order_id, sha(named)) == named
        assert cell.postgres.query("SELECT count(*) FROM intake.piece") == [["1"]]
    finally:
        cell.stop()
