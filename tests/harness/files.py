"""Pictures that tests bring to the attachment store."""
import hashlib

from . import proto
from .orders import DISTRICT
from .year import picture

I = proto.intake


def bring(cell, seed, by="registrar", district=DISTRICT):
    """Brings a picture of its own and gives what a record says of it."""
    data = picture(seed)
    named = proto.common.Attachment(sha256=hashlib.sha256(data).hexdigest(), name="现场.png", media_type="image/png", size_bytes=len(data))
    cell.call_when_there(by, "Intake/PutAttachment", I.PutAttachmentRequest(
        district=district, sha256=named.sha256, media_type=named.media_type, size_bytes=len(data), data=data))
    return named


def get_kept(cell, by, kind, record, sha256, ticket=0, district=DISTRICT):
    """The bytes that are kept for a record."""
    return cell.call_when_there(by, "Intake/GetAttachment", I.GetAttachmentRequest(
        sha256=sha256, ticket=ticket, record=I.KeptRecord(district=district, kind=f"KEPT_KIND_{kind.upper()}", id=record))).data
