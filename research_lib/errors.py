"""What can go wrong, and where: one tree of exceptions that name the file, the place and the mend."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a study: the file, line and column, and how to mend it."""

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place} {self.column}: {self.reason}" if self.column else f"{place} {self.reason}"


class ResearchError(Exception):
    """Anything this library refuses, said in a sentence that names the place and the mend."""


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
    """Data do not fit the method that was asked of them; the sentence says which column or case, and the mend."""
