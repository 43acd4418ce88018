"""What is read of a document, and the error where nothing is."""

from dataclasses import dataclass

from research_lib.errors import ResearchError


class DocumentError(ResearchError):
    """A document cannot be read as text."""


@dataclass(frozen=True)
class ReadText:
    """The text of a document, its encoding and how it was found, and notes on what the text leaves out.

    Where the format has an encoding of its own (Word, OpenDocument, RTF, PDF) the encoding is empty and `found_by` is
    "format".
    """

    text: str
    encoding: str = ""
    found_by: str = "format"
    notes: tuple[str, ...] = ()
