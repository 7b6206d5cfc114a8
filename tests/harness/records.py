"""Records of the registry: made from values as they stand in <kind>.csv, read from a folder of them, put."""
import csv
import re

from . import proto

R = proto.registry
PART = 1000  # most records of one Put


def _kinds():
    """Kind -> field of Record: the kind's name is its message's in lower_snake."""
    return {re.sub(r"(?<!^)(?=[A-Z])", "_", field.message_type.name).lower(): field
            for field in R.Record.DESCRIPTOR.fields if field.containing_oneof}


KINDS = _kinds()


def _scalar(field, text):
    if field.type == field.TYPE_ENUM:
        prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", field.enum_type.name).upper()
        return field.enum_type.values_by_name[f"{prefix}_{text.upper()}"].number
    if field.type == field.TYPE_BOOL:
        return text == "true"
    if field.type == field.TYPE_DOUBLE:
        return float(text)
    return int(text) if field.type in (field.TYPE_INT32, field.TYPE_INT64) else text


def record(kind, /, code, district="370117", deleted=False, **values):
    """A record; values are texts as in the file, or of the field's own type."""
    made = R.Record(district=district, code=code, deleted=deleted)
    body = getattr(made, KINDS[kind].name)
    body.SetInParent()
    for name, value in values.items():
        field = body.DESCRIPTOR.fields_by_name[name]
        if value in ("", None):
            continue
        if field.label == field.LABEL_REPEATED:
            items = value.split("|") if isinstance(value, str) else value
            getattr(body, name).extend(_scalar(field, item) for item in items)
        else:
            setattr(body, name, _scalar(field, value) if isinstance(value, str) else value)
    return made


def read(folder, kinds):
    """All records of these kinds in a folder; kinds that others refer to come first if named first."""
    made = []
    for kind in kinds:
        with (folder / f"{kind}.csv").open(encoding="utf-8-sig", newline="") as file:
            made += [record(kind, **row) for row in csv.DictReader(file)]
    return made


def put(cell, records, reason="test", principal="registrar", **options):
    """Puts them, all or none of each district; gives the answer to the last part."""
    answer = None
    for district in dict.fromkeys(one.district for one in records):
        answer = _put_district(cell, [one for one in records if one.district == district], reason, principal, options)
    return answer


def _put_district(cell, records, reason, principal, options):
    name = f"import-{id(records)}" if len(records) > PART else ""
    for start in range(0, len(records), PART):
        request = R.PutRequest(records=records[start:start + PART], reason=reason, **options)
        if name:
            request.import_id, request.part = name, start // PART + 1
            request.last_part = start + PART >= len(records)
        answer = cell.call(principal, "Registry/Put", request)
    return answer
