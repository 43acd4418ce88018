"""Combinations of conditions as whole numbers: one bit for each level of each condition, set where it is allowed.

This is positional cube notation: two combinations meet in `a & b`, and `a` lies within `b` where `a & b == a`. Whatever
has a condition without any level is empty.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from research_lib.errors import UnfitDataError

_BITS = 62
_LITERAL = re.compile(r"(?P<not>~?)(?P<name>[^\[\]~*+]+)(?:\[(?P<levels>\d+(?:,\d+)*)\])?")


@dataclass(frozen=True)
class Layout:
    """Which conditions there are, and how many levels each has; two for presence and absence."""

    conditions: tuple[str, ...]
    levels: tuple[int, ...]

    def __post_init__(self) -> None:
        if sum(self.levels) > _BITS:
            raise UnfitDataError(
                f"{len(self.conditions)} conditions are more than this method can handle; keep at most "
                f"{_BITS // 2} of two levels, and mind that even ten are hard to interpret"
            )

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """The first bit of each condition."""
        return (0, *itertools.accumulate(self.levels[:-1]))

    @cached_property
    def parts(self) -> tuple[int, ...]:
        """The bits of each condition, all levels allowed."""
        return tuple(((1 << size) - 1) << offset for size, offset in zip(self.levels, self.offsets, strict=True))

    @cached_property
    def everything(self) -> int:
        """The combination without any literal."""
        return sum(self.parts)

    def is_empty(self, combination: int) -> bool:
        """Say whether some condition is without any level."""
        return any(not combination & part for part in self.parts)

    def of_levels(self, levels: Iterable[int]) -> int:
        """Make the combination in which each condition has one level."""
        return sum(1 << (offset + int(level)) for offset, level in zip(self.offsets, levels, strict=True))

    def text(self, combination: int) -> str:
        """Write a combination as a product, such as `DEV*~IND`, or `A[2]` for a level; `1` where it has no literal."""
        literals = []
        for name, size, offset, part in zip(self.conditions, self.levels, self.offsets, self.parts, strict=True):
            allowed = (combination & part) >> offset
            if combination & part != part and size == 2:
                literals.append(name if allowed > 1 else f"~{name}")
            elif combination & part != part:
                literals.append(f"{name}[{','.join(str(level) for level in range(size) if allowed >> level & 1)}]")
        return "*".join(literals) or "1"

    def parse(self, expression: str) -> list[int]:
        """Read a sum of products, such as `DEV*~IND + STB[2]`; raises UnfitDataError that names the unknown part."""
        if not isinstance(expression, str):
            raise UnfitDataError(f"{expression!r} is not an expression; write it as text, such as 'A*~B + C'")
        found = []
        for term in filter(str.strip, expression.split("+")):
            combination = self.everything
            for text in term.split("*"):
                combination &= self._parse_literal(text.strip())
            if self.is_empty(combination):
                raise UnfitDataError(f"{term.strip()!r} requires two things that exclude each other; take one out")
            found.append(combination)
        return found

    def _parse_literal(self, text: str) -> int:
        found = _LITERAL.fullmatch(text)
        if not found or found["name"] not in self.conditions:
            raise UnfitDataError(
                f"{text!r} is not a condition here; there are {', '.join(self.conditions)} "
                "(write ~A for its absence, A[2] for a level, * for and, + for or)"
            )
        at = self.conditions.index(found["name"])
        size, offset, part = self.levels[at], self.offsets[at], self.parts[at]
        if size != 2 and not found["levels"]:
            raise UnfitDataError(f"{text!r} has {size} levels; say which, such as {found['name']}[{size - 1}]")
        levels = [int(level) for level in (found["levels"] or "1").split(",")]
        if max(levels) >= size:
            raise UnfitDataError(f"{text!r}: the levels of {found['name']} are 0 to {size - 1}")
        chosen = sum(1 << (offset + level) for level in set(levels))
        return self.everything & ~part | (part & ~chosen if found["not"] else chosen)

    def rows(self, combination: int) -> Iterator[int]:
        """Give every single combination that lies within a combination."""
        choices = [
            [1 << (offset + level) for level in range(size) if combination >> (offset + level) & 1]
            for size, offset in zip(self.levels, self.offsets, strict=True)
        ]
        return (sum(chosen) for chosen in itertools.product(*choices))


def within(combination: int, other: int) -> bool:
    """Say whether all of one combination lies within another."""
    return combination & other == combination


def widest(combinations: Iterable[int]) -> list[int]:
    """Keep the combinations that lie within no other."""
    distinct = np.unique(np.fromiter(combinations, dtype=np.int64))
    lies_within = (distinct[:, None] & distinct) == distinct[:, None]
    return [int(each) for each in distinct[lies_within.sum(axis=1) == 1]]


def without(layout: Layout, combination: int, rows: Iterable[int]) -> list[int]:
    """Take single combinations out of a combination, and give the rest as combinations that may overlap."""
    left = [combination]
    for row in rows:
        # The sharp product: each combination that holds the row, without it in one condition or another.
        rests = [rest & ~(row & part) if within(row, rest) else rest for rest in left for part in layout.parts]
        left = widest(rest for rest in rests if not layout.is_empty(rest))
    return left
