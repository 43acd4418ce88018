"""The codes that a study adds to the common lists or renames: one file a list in its folder `vocabularies/`."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from research_lib.errors import Problem, quoted
from research_lib.evidence.settings import IDENTIFIER, TEXT_LANGUAGES
from research_lib.evidence.vocabulary.common_codes import CODES
from research_lib.files.opening import MB, read_text

_EXTENDED = (
    "actors features informants legal_statuses modes_of_entry place_kinds route_kinds sets stations topics transport"
)
LISTS = {name: CODES[name] for name in _EXTENDED.split()}
NAMES = ("name", *(f"name_{language}" for language in TEXT_LANGUAGES if language != "en"))
_COLUMNS = ("code", *NAMES, "meaning")


@dataclass(frozen=True)
class Vocabularies:
    """A study's own codes by list, each with its names and its meaning, and the problems of their files.

    `renamed`: common codes that the study calls by another name; their meaning stays.
    """

    own: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    renamed: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def codes(self, name: str) -> tuple[str, ...]:
        """The codes of a list: the common ones, then the study's own."""
        return (*LISTS[name], *self.own.get(name, {}))

    def meanings(self, name: str) -> dict[str, str]:
        """The codes of a list with their meanings: the common ones, then the study's own."""
        return {**LISTS[name], **{code: row["meaning"] for code, row in self.own.get(name, {}).items()}}

    def added_to(self, codes: Mapping[str, str]) -> dict[str, str]:
        """A common list of codes and meanings, with the codes that the study adds to it."""
        return next((self.meanings(name) for name, common in LISTS.items() if common == codes), dict(codes))


def read_vocabularies(folder: Path) -> Vocabularies:
    """Read `vocabularies/*.csv` of a study folder: the columns code, name, name_fr and meaning.

    A row adds a code with its meaning, or gives a common code another name and no meaning, since that does not change.
    A file that is not named after a list is a problem.
    """
    own: dict[str, dict[str, Mapping[str, str]]] = {}
    renamed: dict[str, dict[str, Mapping[str, str]]] = {}
    problems: list[Problem] = []
    for path in sorted((folder / "vocabularies").glob("*.csv")):
        file = f"vocabularies/{path.name}"
        if path.stem not in LISTS:
            problems.append(Problem(file, 0, "", f"is not a list that can be extended; name it {', '.join(LISTS)}"))
            continue
        rows = list(csv.DictReader(StringIO(read_text(path, limit=MB)), restval=""))
        found = list(_problems(rows, path.stem, file))
        problems += found
        sound = {} if found else {row["code"]: row for row in rows}
        own[path.stem] = {code: row for code, row in sound.items() if code not in LISTS[path.stem]}
        renamed[path.stem] = {code: row for code, row in sound.items() if code in LISTS[path.stem]}
    return Vocabularies(own, renamed, tuple(problems))


def _problems(rows: list[dict[str, str]], name: str, file: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for line, row in enumerate(rows, start=2):
        code = row.get("code", "")
        if strange := sorted({*map(str, row)} - {*_COLUMNS}):
            yield Problem(file, 1, strange[0], f"is not a column of this table; the columns are {', '.join(_COLUMNS)}")
            return
        if not re.fullmatch(IDENTIFIER, code):
            yield Problem(file, line, "code", f"{quoted(code)} is not a code; use a-z, 0-9, - and _")
        elif code in seen:
            yield Problem(file, line, "code", f"{quoted(code)} stands here twice; choose another code")
        if not row.get("name"):
            yield Problem(file, line, "name", "is empty; fill it")
        if code in LISTS[name] and row.get("meaning"):
            yield Problem(file, line, "meaning", f"is that of the common code {code!r}; leave it empty, or add a code")
        elif code not in LISTS[name] and not row.get("meaning"):
            yield Problem(file, line, "meaning", "is empty; fill it")
        seen.add(code)
