"""Spells XML: elements, attributes and texts, with what XML cannot hold replaced and reported.

And what a project has most of: the tree of codes, and the codings of a document from columns.

Each code's description has the fields that the standard has no place for.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from research_lib.coding.codebook import COLOR, Code, Codebook
from research_lib.coding.codings import COLUMNS
from research_lib.coding.project import Losses, Project
from research_lib.errors import CodingError
from research_lib.exchange.refi.identifiers import code_to_fields, derived, described, guid_of, is_guid, join_fields

_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_IN_TEXT = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}
_IN_ATTRIBUTE = {**_IN_TEXT, ord('"'): "&quot;", ord("\t"): "&#9;", ord("\n"): "&#10;"}
_DEEPEST = 2_000
Note = Callable[[str, str, str], str]


class Speller:
    """Spells elements; `at` says where, for what is reported."""

    def __init__(self, losses: Losses):
        self._losses = losses
        self.at = "project"

    def opening(self, name: str, attributes: Mapping[str, str | None]) -> str:
        """Spell the tag that opens an element; attributes that are None are left out."""
        spelled = "".join(
            f' {key}="{self._possible(value).translate(_IN_ATTRIBUTE)}"'
            for key, value in attributes.items()
            if value is not None
        )
        return f"<{name}{spelled}>"

    def element(self, name: str, attributes: Mapping[str, str | None], *content: str) -> str:
        """Spell an element with its content, which is XML already."""
        opened, inside = self.opening(name, attributes), "".join(content)
        return f"{opened}{inside}</{name}>\n" if inside else f"{opened[:-1]}/>\n"

    def text(self, name: str, text: str) -> str:
        """Spell an element that has only text; nothing for an empty text."""
        return f"<{name}>{self._possible(text).translate(_IN_TEXT)}</{name}>\n" if text else ""

    def _possible(self, text: str) -> str:
        found, count = _IMPOSSIBLE.subn("\ufffd", text)
        self._losses.add(self.at, "control character", "XML cannot hold it; U+FFFD stands in its place", count)
        return found


def spell_codes(codebook: Codebook, speller: Speller, note: Note | None = None) -> Iterator[str]:
    """Spell the codes, each with all below it inside; `note` keeps a memo and gives the reference to it.

    Without `note`, memos stand in the identifiers. Raises CodingError for a tree that is too deep to be read again.
    """
    tree = [code for code, opens in _walk(codebook) if opens]
    numbers = {code.id: str(number) for number, code in enumerate(codebook)} if list(codebook) != tree else {}
    for code, opens in _walk(codebook):
        if not opens:
            yield "</Code>\n"
        else:
            yield _opening(code, speller, numbers.get(code.id, ""), note)


def _walk(codebook: Codebook) -> Iterator[tuple[Code, bool]]:
    """Go through the tree; each code comes when it opens and, after all below it, when it closes."""
    waiting = [(code, 1, True) for code in reversed(codebook.children())]
    while waiting:
        code, depth, opens = waiting.pop()
        if depth > _DEEPEST:
            raise CodingError(f"code {code.id!r}: it lies more than {_DEEPEST:,} codes deep; flatten the tree")
        yield code, opens
        if opens:
            waiting.append((code, depth, False))
            waiting += [(below, depth + 1, True) for below in reversed(codebook.children(code.id))]


def _opening(code: Code, speller: Speller, number: str, note: Note | None) -> str:
    """Spell a code up to where those below it stand."""
    speller.at = f"code {code.id!r}"
    has_color = COLOR.fullmatch(code.color) is not None
    fields = code_to_fields(code) | {"Id": "", "Number": number}
    if note:
        fields["Memo"] = ""
    if has_color:
        fields["Color"] = ""
    guid = guid_of("code", code.id)
    attributes = {
        "guid": guid,
        "name": code.name,
        "isCodable": "true" if code.is_codable else "false",
        "color": code.color if has_color else None,
    }
    content = speller.text("Description", described(code.definition, fields, code.id))
    noted = note("code", guid, code.memo) if note else ""
    return speller.opening("Code", attributes) + content + noted


class Segments:
    """The codings of a project that can be written, each as a selection of its own with one coding; and `coders`."""

    def __init__(self, project: Project, codings: pd.DataFrame, losses: Losses):
        self._project, self._losses = project, losses
        for name in codings.columns.difference(COLUMNS):
            losses.add("codings", f"column {name!r}", "a coding in REFI-QDA has no field for it")
        # Ids that several codings have, or none: their GUIDs are the same, and change when they are read.
        ids = codings["id"]
        twice = int(ids[ids != ""].duplicated().sum())
        losses.add("codings", "id", "another coding has it too; it will get another when read", twice)
        losses.add("codings", "id", "it is empty; the coding will get another when read", int((ids == "").sum()))
        good = codings[self._writable(codings)]
        self._of_document, self._written = good.groupby("document", sort=False), frozenset(good["id"])
        self.coders = [str(coder) for coder in good["coder"].unique() if coder]
        self._users = {"": "", **{id_: f' creatingUser="{guid_of("user", id_)}"' for id_ in self.coders}}
        self._codes = {code.id: guid_of("code", code.id) for code in project.codebook}

    def _writable(self, codings: pd.DataFrame) -> "pd.Series[bool]":
        """Which codings have a document and a code, and stand inside their text; the others are reported."""
        lengths = {document.id: len(document.text) for document in self._project.corpus}
        lengths_of = codings["document"].map(lengths).astype("float64")
        known = codings["code"].isin([code.id for code in self._project.codebook])
        good = known & (codings["end"] <= lengths_of)
        for coding, length, is_known in zip(codings[~good].itertuples(), lengths_of[~good], known[~good], strict=True):
            reason = f"it runs to {coding.end}, beyond the end of {coding.document!r}"
            reason = reason if is_known else f"the codebook has no code {coding.code!r}"
            reason = reason if pd.notna(length) else f"there is no document {coding.document!r}"
            self._losses.add(f"coding {coding.id}", "coding", reason)
        return good

    def references(self, codings: Iterable[str], place: str) -> Iterator[str]:
        """Spell references to the selections of codings."""
        for id_ in codings:
            if id_ in self._written:
                yield f'<SelectionRef targetGUID="{derived("selection", guid_of("coding", id_))}"/>'
            else:
                self._losses.add(place, f"coding {id_!r}", "it was not written, or is not there")

    def spelled(self, document: str, speller: Speller, note: Note) -> Iterator[str]:
        """Spell all selections of one document."""
        if document not in self._of_document.indices:
            return
        part = self._of_document.get_group(document)
        times = np.datetime_as_string(part["time"].dt.tz_localize(None).to_numpy("datetime64[us]"), unit="us")
        columns = [part[name].tolist() for name in ("id", "start", "end", "code", "coder", "memo")]
        for id_, start, end, code, coder, memo, time in zip(*columns, times.tolist(), strict=True):
            guid = id_ if is_guid(id_) else derived("coding", id_)
            own = "" if guid is id_ else speller.text("Description", join_fields("", {"Id": id_}))
            when = "" if time == "NaT" else f' creationDateTime="{time}Z"'
            memo_reference = note("coding", guid, memo) if memo else ""
            selection = derived("selection", guid)
            yield (
                f'<PlainTextSelection guid="{selection}" startPosition="{start}" endPosition="{end}">{own}'
                f'<Coding guid="{guid}"{self._users[coder]}{when}><CodeRef targetGUID="{self._codes[code]}"/>'
                f"{memo_reference}</Coding></PlainTextSelection>\n"
            )
