"""Recoding variables: codes of a variable taken together under a new one, as a plan asks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    import ibis


@dataclass(frozen=True)
class Recoding:
    """A variable that is made of another one: each of its `codes` stands for several codes of the other.

    A code that none of them takes in, and every kind of missing, stays as it is.
    """

    name: str
    of: str
    codes: Mapping[str, tuple[str, ...]]

    @cached_property
    def coarser_code(self) -> dict[str, str]:
        """The new code of each code that is taken together with others."""
        return {fine: code for code, every in self.codes.items() for fine in every}

    def code_of(self, fine: str) -> str:
        """Give the code of this variable for a code of the finer one."""
        return self.coarser_code.get(fine, fine)

    def values(self, fine: Sequence[str]) -> tuple[str, ...]:
        """Give the codes of this variable, in the order of the codes of the finer one."""
        return tuple(dict.fromkeys(map(self.code_of, fine)))

    def unknown(self, fine: Sequence[str]) -> str:
        """Say which code the finer variable has not, given those of the form; empty where it has all."""
        strange = [code for code in self.coarser_code if code not in fine]
        return f"{self.of} has no code {strange[0]!r:.60}; its codes are {', '.join(fine)}" if strange else ""

    def ambiguous(self, fine: Sequence[str]) -> str:
        """Say which new code is already one of the finer variable; empty where none is."""
        again = [code for code, every in self.codes.items() if code in fine and code not in every]
        return f"the code {again[0]!r} is one of {self.of} already; choose another" if again else ""

    def labels(self, fine: Mapping[str, Any]) -> dict[str, Any]:
        """Give the labels of this variable from those of the finer one: a code is called by all that it stands for."""
        named = fine["choice_labels"]
        joined = {
            code: {
                language: " / ".join(named[each][language] for each in every)
                for language in set.intersection(*(set(named.get(each, {})) for each in every))
            }
            for code, every in self.codes.items()
        }
        kept = {code: labels for code, labels in named.items() if code not in self.coarser_code}
        return {
            **fine,
            "question": self.name,
            "choice_labels": {**kept, **joined},
            "values": self.values(fine["values"]),
        }

    def add_to[Table: (pd.DataFrame, ibis.Table)](self, cases: Table) -> Table:
        """Give cases with this variable as one more column."""
        if isinstance(cases, pd.DataFrame):
            return cases.assign(**{self.name: cases[self.of].map(self.code_of)})
        return cases.mutate(**{self.name: cases[self.of].substitute(self.coarser_code)})
