"""The corpus: documents as they were read, their language, and an original beside its translation."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from research_lib.coding.units import spans
from research_lib.errors import CodingError

_TAKEN = {"document", "name", "language", "translation_of", "characters"}
_TAKEN |= {"id", "start", "end", "code", "coder", "time", "memo", "text", "version"}


@dataclass(frozen=True)
class Document:
    """One text, unaltered; positions in it count Unicode code points from 0.

    `language`: a BCP 47 tag such as `zh-Hans`, `und` where it is not known. `translation_of`: the id of its original.
    `attributes`: what is known of the document, such as country, site or case.
    """

    id: str
    name: str
    text: str
    language: str = "und"
    translation_of: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    memo: str = ""


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
        return pd.DataFrame(
            [
                {
                    "document": document.id,
                    "name": document.name,
                    "language": document.language,
                    "translation_of": document.translation_of,
                    "characters": len(document.text),
                    **{_column(name): value for name, value in document.attributes.items()},
                }
                for document in self.documents
            ],
            columns=None if self.documents else ["document", "name", "language", "translation_of", "characters"],
        )


def _column(attribute: str) -> str:
    """A column for an attribute, under another name where tables of codings have one of that name already."""
    return f"{attribute} (attribute)" if attribute in _TAKEN else attribute


def align(original: Document, translation: Document) -> pd.DataFrame:
    """Put each paragraph of an original beside that of its translation: start, end, translation_start, translation_end.

    Raises CodingError where the numbers of paragraphs differ, with the first place where their lengths differ most.
    """
    here, there = spans(original.text, "paragraph"), spans(translation.text, "paragraph")
    if len(here) != len(there):
        place = _parting(original, translation)
        raise CodingError(
            f"{original.name} has {len(here)} paragraphs and {translation.name} {len(there)}; they seem to part at "
            f"paragraph {place}: split or join paragraphs there so that each stands beside its own"
        )
    columns = ["start", "end", "translation_start", "translation_end"]
    return pd.DataFrame([(*one, *other) for one, other in zip(here, there, strict=True)], columns=columns)


def _parting(original: Document, translation: Document) -> int:
    """The number of the first paragraph whose length, as a share of its text, differs by more than twice."""
    shares = [
        [(end - start) / max(len(document.text), 1) for start, end in spans(document.text, "paragraph")]
        for document in (original, translation)
    ]
    pairs = list(zip(*shares, strict=False))
    apart = (number for number, (one, other) in enumerate(pairs, start=1) if max(one, other) > 2 * min(one, other))
    return next(apart, len(pairs) + 1)
