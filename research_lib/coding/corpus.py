"""The corpus: documents as they were read, and their units."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from research_lib.errors import CodingError

_COLUMNS = ["document", "name", "language", "translation_of", "characters"]
_TAKEN = {*_COLUMNS, "id", "start", "end", "code", "coder", "time", "memo", "text", "version"}

HAN = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_MARK = (
    r"\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    r"\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
)
LETTER = rf"(?:(?![{HAN}])[\w{_MARK}])"
_IN_WORD = re.compile(rf"(?<={LETTER}){LETTER}")
_STOP = "。！？…．؟।!?."
_AFTER = r"(?=\s|$|(?<=[。！？…．”」』）]))"
_PATTERNS = {
    "character": re.compile(r"\S"),
    "token": re.compile(rf"[{HAN}]|{LETTER}+(?:[’'-]{LETTER}+)*"),
    "sentence": re.compile(rf"\S(?:[^\r\n]*?[{_STOP}]++(?:[ \u00a0\u202f]?[»›])?[”’」』）)\"']*+{_AFTER})|\S[^\r\n]*"),
    "paragraph": re.compile(r"\S[^\r\n]*"),
}


@dataclass(frozen=True)
class Document:
    """One text, unaltered; positions in it count Unicode code points from 0.

    `language`: a BCP 47 tag such as `zh-Hans`, `und` where it is not known. `translation_of`: the id of its original.
    `attributes`: what is known of the document, such as country, site or case. `times`: where in the text something is
    said, and when, in seconds from the start of the recording.
    """

    id: str
    name: str
    text: str
    language: str = "und"
    translation_of: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    memo: str = ""
    times: tuple[tuple[int, float], ...] = ()

    def __post_init__(self) -> None:
        # A store gives lists.
        object.__setattr__(self, "times", tuple((int(at), float(second)) for at, second in self.times))


@dataclass(frozen=True)
class Corpus:
    """Documents in their order; raises CodingError for an id given twice or a translation before its original."""

    documents: tuple[Document, ...] = ()

    def __post_init__(self) -> None:
        if len(self._by_id) < len(self.documents):
            twice, _ = Counter(document.id for document in self.documents).most_common(1)[0]
            raise CodingError(f"corpus: the document {twice!r} is there twice; rename one")
        before: set[str] = set()
        for document in self.documents:
            original = document.translation_of
            if original is not None and original not in before:
                raise CodingError(f"corpus: {document.id!r} translates {original!r}, which must stand before it")
            before.add(document.id)

    @cached_property
    def _by_id(self) -> dict[str, Document]:
        return {document.id: document for document in self.documents}

    def __len__(self) -> int:
        return len(self.documents)

    def __iter__(self) -> Iterator[Document]:
        return iter(self.documents)

    def __contains__(self, document_id: object) -> bool:
        return document_id in self._by_id

    def __getitem__(self, document_id: str) -> Document:
        if document_id not in self._by_id:
            raise CodingError(f"corpus: there is no document {document_id!r}")
        return self._by_id[document_id]

    def frame(self) -> pd.DataFrame:
        """Give one row a document: document, name, language, translation_of, characters, and each attribute."""
        rows = [(each.id, each.name, each.language, each.translation_of, len(each.text)) for each in self.documents]
        attributes = [{_column(name): value for name, value in each.attributes.items()} for each in self.documents]
        known = pd.DataFrame(rows, columns=_COLUMNS)
        return known.join(pd.DataFrame(attributes, index=known.index))


def _column(attribute: str) -> str:
    """A column for an attribute, under another name where tables of codings have one of that name already."""
    return f"{attribute} (attribute)" if attribute in _TAKEN else attribute


def spans(text: str, unit: str) -> list[tuple[int, int]]:
    """Find where each unit of a text begins and ends, in code points, half-open; white space at the edges is left out.

    `unit`: character (without white space), token (a word; in Chinese and Japanese each character is one), sentence
    (up to its stop, within a line) or paragraph (a line that is not empty). Raises CodingError for any other.
    """
    if unit not in _PATTERNS:
        raise CodingError(f"a unit is {', '.join(_PATTERNS)} or segment, not {unit!r}")
    return [(match.start(), match.start() + len(match.group().rstrip())) for match in _PATTERNS[unit].finditer(text)]


def words_around(text: str, start: int, end: int, characters: int) -> tuple[str, str]:
    """Give at most so many characters before and after a stretch; a word that is longer than half of it is cut."""
    low, high = max(0, start - characters), min(len(text), end + characters)
    first, last = min(start, low + characters // 2), max(end, high - characters // 2)
    begins = next((at for at in range(low, first) if not _IN_WORD.match(text, at)), low)
    ends = next((at for at in range(high, last, -1) if not _IN_WORD.match(text, at)), high)
    return text[begins:start], text[end:ends]
