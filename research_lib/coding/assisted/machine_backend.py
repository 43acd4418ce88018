"""What a machine that codes is given and what it answers: definitions and a passage, quotations or a refusal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from research_lib.coding.assisted.coded_units import CodedUnits
from research_lib.coding.codebook import Code


@dataclass(frozen=True)
class Passage:
    """A stretch of a document that a machine is asked to code; `start` is where it begins there."""

    document: str
    start: int
    end: int
    text: str
    language: str


@dataclass(frozen=True)
class Quotation:
    """Words of a passage to which a machine gives a code; `start` counts from where the passage begins, if known."""

    code: str
    text: str
    start: int | None = None


@dataclass(frozen=True)
class Refusal:
    """A machine's answer that it does not code a passage, and why."""

    reason: str


Answer = Sequence[Quotation] | Refusal
Answers = Sequence[tuple[Passage, Answer]]


class Backend(Protocol):
    """A machine that codes; what `configuration` and `prompt` give is written down for good, so no keys in them."""

    name: str

    def configuration(self) -> Mapping[str, Any]:
        """Give all that decides what the machine does, such as its model and settings: texts and plain numbers."""

    def prompt(self, definitions: Sequence[Code]) -> str:
        """Give the instruction that stands before each passage."""

    def code(self, definitions: Sequence[Code], passage: Passage) -> Answer:
        """Code one passage, or refuse it."""


@runtime_checkable
class LearningBackend(Backend, Protocol):
    """A machine that learns from what people have coded in other documents."""

    def learned(self, examples: CodedUnits, definitions: Sequence[Code]) -> Backend:
        """Give the machine as it is after learning."""
