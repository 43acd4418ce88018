"""The codebook: a tree of codes with their definitions, and what changed between two versions of it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

import pandas as pd

from research_lib.errors import CodingError


@dataclass(frozen=True)
class Code:
    """One code: its place in the tree, and what a coder must know to give it."""

    id: str
    name: str
    parent_id: str | None = None
    definition: str = ""
    include: str = ""
    exclude: str = ""
    example: str = ""
    memo: str = ""
    color: str = ""
    is_codable: bool = True


COLOR = re.compile("#(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})")
_FIELDS = [field.name for field in fields(Code)]
_WORDS = {"parent_id": "moved", "name": "renamed", "color": "recoloured", "memo": "annotated"}


@dataclass(frozen=True)
class Codebook:
    """A tree of codes in their order; raises CodingError for an id given twice, an unknown parent or a circle."""

    codes: tuple[Code, ...] = ()

    def __post_init__(self) -> None:
        if len(self._by_id) < len(self.codes):
            twice, _ = Counter(code.id for code in self.codes).most_common(1)[0]
            raise CodingError(f"codebook: the code {twice!r} stands there twice; rename one")
        self._must_be_a_tree()

    def _must_be_a_tree(self) -> None:
        """Go up from each code once; raises CodingError for an unknown parent or a circle."""
        sound: set[str] = set()
        for code in self.codes:
            at, trail = code, {code.id}
            while at.id not in sound and (up := at.parent_id) is not None:
                if up not in self._by_id:
                    raise CodingError(f"codebook: {at.id!r} lies under {up!r}, which does not exist; add or correct it")
                if up in trail:
                    raise CodingError(f"codebook: {up!r} lies, by way of its parents, under itself; move it")
                trail.add(up)
                at = self._by_id[up]
            sound |= trail

    @cached_property
    def _by_id(self) -> dict[str, Code]:
        return {code.id: code for code in self.codes}

    @cached_property
    def _children(self) -> dict[str | None, list[Code]]:
        below: dict[str | None, list[Code]] = {}
        for code in self.codes:
            below.setdefault(code.parent_id, []).append(code)
        return below

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def __contains__(self, code_id: object) -> bool:
        return code_id in self._by_id

    def __getitem__(self, code_id: str) -> Code:
        if code_id not in self._by_id:
            raise CodingError(f"codebook: there is no code {code_id!r}")
        return self._by_id[code_id]

    def children(self, code_id: str | None = None) -> list[Code]:
        """List the codes directly below one, or the topmost codes."""
        return self._children.get(code_id, [])

    def path(self, code_id: str) -> tuple[Code, ...]:
        """List the codes from the topmost one down to this."""
        trail = [self[code_id]]
        while (parent := trail[-1].parent_id) is not None:
            trail.append(self._by_id[parent])
        return tuple(reversed(trail))

    def color(self, code_id: str) -> str:
        """Give the colour of a code, or of the nearest code above it that has one, as `#rrggbb`; empty without any."""
        own = next((code.color for code in reversed(self.path(code_id)) if COLOR.fullmatch(code.color)), "").lower()
        return "#" + "".join(2 * digit for digit in own[1:]) if len(own) == 4 else own

    def full_name(self, code_id: str) -> str:
        """Give the names from the topmost code down to this one, with colons between."""
        return ": ".join(code.name for code in self.path(code_id))

    def below(self, code_id: str) -> list[Code]:
        """List a code and all that lie under it, in the tree's order."""
        found, waiting = [], [self[code_id]]
        while waiting:
            code = waiting.pop()
            found.append(code)
            waiting += reversed(self.children(code.id))
        return found

    def in_tree_order(self) -> list[Code]:
        """List all codes, each one directly before those under it."""
        return [code for top in self.children() for code in self.below(top.id)]

    def frame(self) -> pd.DataFrame:
        """Give the codebook as a table, one code a row."""
        return pd.DataFrame([asdict(code) for code in self.codes], columns=_FIELDS)


def from_frame(frame: pd.DataFrame) -> Codebook:
    """Read a codebook from a table such as `study["codebook"]`: id, parent_id, name and any further field of Code."""
    records = frame[[name for name in _FIELDS if name in frame]].to_dict("records")
    return from_records({str(key): value for key, value in each.items() if pd.notna(value)} for each in records)


def from_records(records: Iterable[dict[str, Any]]) -> Codebook:
    """Read a codebook from mappings, one a code; raises CodingError where an id or a name is missing."""
    codes = []
    for number, record in enumerate(records, start=1):
        if not record.get("id") or not record.get("name"):
            raise CodingError(f"codebook: code number {number} needs an id and a name")
        if strange := set(record) - set(_FIELDS):
            raise CodingError(
                f"codebook: code number {number} has a field {min(strange)!r}; drop or rename it (a code has "
                f"{', '.join(_FIELDS)})"
            )
        codes.append(Code(**record | {"parent_id": record.get("parent_id") or None}))
    return Codebook(tuple(codes))


def changes(old: Codebook, new: Codebook) -> pd.DataFrame:
    """Say what changed between two versions: code, change, field, before, after.

    A change is added, removed, renamed, moved, redefined (definition, include, exclude, example, codable), annotated,
    recoloured or, where the order among the remaining codes differs, reordered.
    """
    rows = [(code.id, "removed", "", code.name, "") for code in old if code.id not in new]
    rows += [(code.id, "added", "", "", code.name) for code in new if code.id not in old]
    for code in new:
        if code.id in old:
            before, after = asdict(old[code.id]), asdict(code)
            rows += [
                (code.id, _WORDS.get(name, "redefined"), name, before[name], after[name])
                for name in _FIELDS
                if before[name] != after[name]
            ]
    rows += [(code_id, "reordered", "", "", "") for code_id in _reordered(old, new)]
    return pd.DataFrame(rows, columns=["code", "change", "field", "before", "after"])


def _reordered(old: Codebook, new: Codebook) -> list[str]:
    before = [code.id for code in old if code.id in new]
    after = [code.id for code in new if code.id in old]
    kept = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    stayed = {after[block.b + step] for block in kept for step in range(block.size)}
    return [code_id for code_id in after if code_id not in stayed]
