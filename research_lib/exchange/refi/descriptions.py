"""Several fields in one description: the body first, then a paragraph `Label: …` for each, exactly reversible.

A line of a field that looks like the beginning of such a paragraph is written with a backslash before it.
"""

import re
from collections.abc import Mapping, Sequence

from research_lib.exchange.refi.identifiers import is_guid, is_own

OURS = ("Include", "Exclude", "Example", "Memo", "Color", "Id", "Number")
ID = ("Id",)


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
    return _looks_like_a_field(labels).sub(r"\\\g<0>", text)


def _unescape(text: str, labels: Sequence[str]) -> str:
    return re.sub(rf"(?m)^\\(?=\\*(?:{'|'.join(labels)}): )", "", text)


def _looks_like_a_field(labels: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?m)^\\*(?:{'|'.join(labels)}): ")
