"""Changing the code tree while coding: new codes, names, places, colours; codes merged, split and retired.

Each change is a new version of the codebook and one action, which its coder's undo takes back with the codings that it
moved.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.consensus.adjudication import carry_decisions
from research_lib.coding.storage.store import Store
from research_lib.errors import CodingError

_LONGEST_ID = 40
_CHANGEABLE = ("name", "definition", "include", "exclude", "example", "memo", "color", "is_codable")


def add_code(store: Store, name: str, *, coder: str, definition: str = "", parent_id: str | None = None) -> Code:
    """Add a code to the codebook, last among those of its parent, and give it with the id that it got.

    Raises CodingError for an empty name, one that a code beside it has already, and an unknown parent.
    """
    with store.writing():
        book = store.codebook()
        named = _free_name(book, name, parent_id)
        code = Code(_free_id(book, named), named, parent_id, definition.strip())
        store.save_codebook(Codebook((*book, code)), coder=coder, is_undoable=True)
    return code


def change_code(store: Store, code_id: str, *, coder: str, **changes: Any) -> Code:
    """Change what a code is called, means or looks like; `is_codable=False` retires it: its codings stay.

    Raises CodingError for an unknown code or field, and for a name that a code beside it has already.
    """
    if unknown := set(changes) - set(_CHANGEABLE):
        raise CodingError(f"a code's {unknown.pop()!r} cannot be changed; {', '.join(_CHANGEABLE)} can")
    with store.writing():
        book = store.codebook()
        old = book[code_id]
        if "name" in changes and changes["name"].strip() != old.name:
            changes["name"] = _free_name(book, changes["name"], old.parent_id)
        new = replace(old, **changes)
        codes = tuple(new if code.id == code_id else code for code in book)
        store.save_codebook(Codebook(codes), coder=coder, is_undoable=True)
    return new


def move_code(store: Store, code_id: str, *, coder: str, parent_id: str | None, before: str | None = None) -> None:
    """Put a code, with all below it, under another or at the top, before one of those there or last.

    Raises CodingError where the parent lies under the code itself.
    """
    with store.writing():
        book = store.codebook()
        if parent_id in {below.id for below in book.below(code_id)}:
            raise CodingError(f"{code_id!r} cannot lie under itself; choose a code that is not below it")
        moved = replace(book[code_id], parent_id=parent_id)
        _free_name(book, moved.name, parent_id, but=code_id)
        rest = [code for code in book if code.id != code_id]
        place = next((number for number, code in enumerate(rest) if code.id == before), len(rest))
        store.save_codebook(Codebook((*rest[:place], moved, *rest[place:])), coder=coder, is_undoable=True)


def merge_codes(store: Store, code_id: str, *, into: str, coder: str) -> int:
    """Give the segments of a code another code, move what lies under it there, and remove it; say how many segments.

    A segment of the other code on the same stretch by the same coder stays beside it: nothing is thrown away.
    """
    with store.one_action():
        book = store.codebook()
        if into in {below.id for below in book.below(code_id)}:
            raise CodingError(f"{into!r} lies under {code_id!r}; move it first, or merge the other way round")
        segments = _of_code(store, code_id)
        _recode(store, segments, into, coder)
        carry_decisions(store, code_id, into=into, coder=coder)
        rest = (code for code in book if code.id != code_id)
        heirs = (replace(code, parent_id=into) if code.parent_id == code_id else code for code in rest)
        store.save_codebook(Codebook(tuple(heirs)), coder=coder, is_undoable=True)
    return len(segments)


def split_code(
    store: Store, code_id: str, name: str, *, coder: str, codings: Iterable[str], definition: str = ""
) -> Code:
    """Give some segments of a code a new code, which stands beside it, and give the new code."""
    chosen = set(codings)
    with store.one_action():
        of_code = _of_code(store, code_id)
        if not chosen:
            raise CodingError(f"no segment of {code_id!r} is chosen; choose those that the new code takes")
        if strange := chosen - {one for one, _ in of_code}:
            raise CodingError(f"the coding {sorted(strange)[0]!r} does not have the code {code_id!r}; choose others")
        code = add_code(store, name, coder=coder, definition=definition, parent_id=store.codebook()[code_id].parent_id)
        _recode(store, [one for one in of_code if one[0] in chosen], code.id, coder)
    return code


def _of_code(store: Store, code_id: str) -> list[tuple[str, int]]:
    rows = store.rows("SELECT id, version FROM codings WHERE code = ? AND NOT is_removed ORDER BY id", (code_id,))
    return [(row["id"], row["version"]) for row in rows]


def _recode(store: Store, codings: Iterable[tuple[str, int]], code_id: str, coder: str) -> None:
    for coding, version in codings:
        store.change(coding, coder=coder, version=version, code=code_id)


def _free_name(book: Codebook, name: str, parent_id: str | None, *, but: str = "") -> str:
    """A name without white space at its ends, which no code there has but perhaps one."""
    if not (named := " ".join(name.split())):
        raise CodingError("a code needs a name; type one")
    if any(code.name.casefold() == named.casefold() and code.id != but for code in book.children(parent_id)):
        raise CodingError(f"there is a code {named!r} here already; choose it, or give this another name")
    if parent_id is not None:
        _ = book[parent_id]
    return named


def _free_id(book: Codebook, name: str) -> str:
    """An id from the letters of a name, or `code` where it has none of a to z, with a number where it is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = "-".join(re.findall("[a-z0-9]+", plain))[:_LONGEST_ID].strip("-") or "code"
    numbers = range(2, len(book) + 3)
    return next(one for one in (stem, *(f"{stem}-{number}" for number in numbers)) if one not in book)
