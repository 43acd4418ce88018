"""What can go wrong, and where: one tree of exceptions that name the file, the place and the fix."""

import unicodedata
from dataclasses import dataclass

_UNSEEN = ("Cc", "Cf", "Cs", "Cn")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a study: the file, line and column, and how to fix it."""

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        file, column, reason = seen(self.file), seen(self.column), seen(self.reason, but="\n")
        place = f"{file}:{self.line}" if self.line else file
        return f"{place} {column}: {reason}" if column else f"{place} {reason}"


def seen(text: str, *, but: str = "") -> str:
    """Write out the characters that are invisible or control a screen, such as \\x1b; the others stay as they are."""
    if text.isascii() and text.isprintable():
        return text
    unseen = (sign not in but and unicodedata.category(sign) in _UNSEEN for sign in text)
    return "".join(ascii(sign)[1:-1] if is_unseen else sign for sign, is_unseen in zip(text, unseen, strict=True))


def quoted(value: object, most: int = 60) -> str:
    """Quote what stands somewhere, a long text cut short."""
    return repr(f"{value[:most]}…" if isinstance(value, str) and len(value) > most else value)


def with_article(noun: str) -> str:
    """Write `a table`, `an index`."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


class ResearchError(Exception):
    """Anything this library refuses, in a sentence that names the place and the fix."""


class StudyError(ResearchError):
    """A study folder cannot be opened or used as it stands."""

    def __init__(self, message: str, problems: list[Problem] | None = None):
        self.problems = problems or []
        super().__init__("\n".join([message, *map(str, self.problems[:20])]))


class CitationError(ResearchError):
    """A reference such as `exchange2007[3.3.2.a]` is malformed or names an unknown source."""


class ViewStateError(ResearchError):
    """An address or a choice asks for a view that does not exist."""


class RebuildError(ResearchError):
    """A derived file cannot be rebuilt from its origin."""


class CodingError(ResearchError):
    """A codebook, a document or a coding cannot be used as it stands."""


class UnfitDataError(ResearchError, ValueError):
    """Data do not fit the method; the sentence names the column or case, and the fix."""
