"""Several fields in one description: the body first, then a paragraph `Label: …` for each, exactly reversible.

A line of a field that looks like the beginning of such a paragraph is written with a backslash before it.
"""

import re
from collections.abc import Mapping, Sequence

from research_lib.coding.codebook import Code
from research_lib.exchange.refi.identifiers import is_guid, is_own

_OF_CODE = {"Include": "include", "Exclude": "exclude", "Example": "example", "Memo": "memo", "Color": "color"}
CODE_FIELDS = tuple(_OF_CODE)
OURS = (*CODE_FIELDS, "Id", "Number")
ID = ("Id",)


def code_to_fields(code: Code) -> dict[str, str]:
    """Give the parts of a code, other than its definition, as the fields of a description."""
    return {label: getattr(code, name) for label, name in _OF_CODE.items()}


def fields_to_code(fields: Mapping[str, str]) -> dict[str, str]:
    """Give the fields of a description by the names that the parts of a code have."""
    return {name: fields.get(label, "") for label, name in _OF_CODE.items()}


def described(body: str, fields: Mapping[str, str], id_: str, *, prove: bool = False) -> str:
    """Spell a description with fields; the id stands among them where it proves that they are ours."""
    text = join_fields(body, {**fields, "Id": "" if is_guid(id_) else id_})
    return join_fields(body, {**fields, "Id": id_}) if prove or text != body else text


def taken_apart(kind: str, guid: str, text: str, labels: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Take a description of ours apart into its body and its fields; that of another program stays whole."""
    body, fields = split_fields(text, labels)
    return (body, fields) if is_own(kind, guid, fields.get("Id", "")) else (text, {})


def join_fields(body: str, fields: Mapping[str, str]) -> str:
    """Put a body and its fields into one text; a field that is empty is left out."""
    labels = tuple(fields)
    parts = [f"{label}: {_escape(value, labels)}" for label, value in fields.items() if value]
    return "\n\n".join([_escape(body, labels), *parts] if body else parts)


def split_fields(text: str, labels: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Take a text apart into its body and those of its fields that have one of these labels."""
    pieces = re.split(rf"(?:^|\n\n)({'|'.join(labels)}): ", text)
    fields: dict[str, list[str]] = {}
    for label, value in zip(pieces[1::2], pieces[2::2], strict=True):
        fields.setdefault(label, []).append(_unescape(value, labels))
    return _unescape(pieces[0], labels), {label: "\n\n".join(parts) for label, parts in fields.items()}


def _escape(text: str, labels: Sequence[str]) -> str:
    return re.sub(rf"(?m)^\\*(?:{'|'.join(labels)}): ", r"\\\g<0>", text)


def _unescape(text: str, labels: Sequence[str]) -> str:
    return re.sub(rf"(?m)^\\(?=\\*(?:{'|'.join(labels)}): )", "", text)
