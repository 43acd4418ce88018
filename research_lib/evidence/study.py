"""The opened study: its tables by name, what is wrong with them, and its sources written out."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from pybtex.database import BibliographyData

from research_lib.errors import CitationError, Problem, StudyError
from research_lib.evidence import bibliography as bib
from research_lib.evidence.cross_table_checks import cross_problems
from research_lib.evidence.references import Reference, parse_references
from research_lib.evidence.table_reading import Sheet, read_table
from research_lib.evidence.tables import TABLES

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

_OWN = Path(__file__).resolve().parents[2] / "data"


@dataclass(frozen=True)
class Study:
    """A folder of evidence: tables whose every row names its source."""

    path: Path
    sheets: Mapping[str, Sheet]
    bibliography: BibliographyData
    bibliography_problems: tuple[Problem, ...]

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name; `sources` is the bibliography as a table."""
        return {name: self[name] for name in [*self.sheets, "sources"]}

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Give a copy of one table; raises StudyError where it does not exist or has unreadable cells."""
        if name == "sources":
            return bib.sources_table(self.bibliography)
        if name not in self.sheets:
            raise StudyError(f"there is no table {name!r}; there are {', '.join([*self.sheets, 'sources'])}")
        sheet = self.sheets[name]
        if sheet.problems:
            raise StudyError(f"{sheet.file} cannot be used as it stands:", list(sheet.problems))
        return sheet.frame.copy()

    def geo(self, name: str) -> "GeoDataFrame":
        """Give `places` as points or `legs` as lines, in longitude and latitude (EPSG:4326).

        Raises StudyError for a table that has no place on the earth.
        """
        from research_lib.evidence import geography

        if name == "places":
            return geography.points_of(self["places"])
        if name == "legs":
            return geography.lines_of(self["legs"], self["places"])
        raise StudyError(f"the table {name!r} has no place on the earth; there are places and legs")

    def problems(self) -> list[Problem]:
        """List everything that is wrong, in the order of files and lines; an empty list means sound."""
        own = [problem for sheet in self.sheets.values() for problem in sheet.problems]
        sources = frozenset(self.bibliography.entries)
        return sorted([*self.bibliography_problems, *own, *cross_problems(self.sheets, sources)])

    def require_sound(self) -> None:
        """Raise StudyError, listing the problems, unless there are none."""
        problems = self.problems()
        if problems:
            raise StudyError(f"{self.path} has {len(problems)} problems; fix them first:", problems)

    def cite(self, references: str) -> str:
        """Write references such as `exchange2007[3.3.2.a]` out in full, one sentence each.

        Raises CitationError where a reference is malformed or its key is not in sources.bib.
        """
        return "\n".join(self._cited(reference) for reference in parse_references(references))

    def _cited(self, reference: Reference) -> str:
        """Write a reference out once, since a page cites the same ones thousands of times."""
        if reference not in self._citations:
            self._citations[reference] = self._cite_one(reference)
        return self._citations[reference]

    @cached_property
    def _citations(self) -> dict[Reference, str]:
        return {}

    def _cite_one(self, reference: Reference) -> str:
        if reference.key not in self.bibliography.entries:
            raise CitationError(f"{reference.key!r} is not in {self.path / 'sources.bib'}")
        sections = self.sheets["sections"].frame
        found = sections[(sections.source_id == reference.key) & (sections.locator == reference.locator)]
        section = f"Section {reference.locator}: {found.iloc[0].title}." if len(found) else ""
        return bib.cite(self.bibliography, reference, section)


def open_study(path: str | Path | None = None) -> Study:
    """Open a study folder: the one of this repository, or any of the same shape.

    `path`: a folder with `sources.bib` and `tables/`. Raises StudyError where that is not one. What is wrong inside is
    listed by `problems()`. From here on notebooks show tables as they are: no `$` in a text begins a formula.
    """
    pd.set_option("display.html.use_mathjax", False)
    folder = Path(path) if path is not None else _OWN
    if not (folder / "tables").is_dir():
        raise StudyError(f"{folder} is not a study: it has no folder tables/; make one with: research-lib new {folder}")
    sheets = {
        name: read_table(folder / f"tables/{name}.csv", model, f"tables/{name}.csv") for name, model in TABLES.items()
    }
    bibliography, problems = bib.read_bibliography(folder / "sources.bib", "sources.bib")
    return Study(folder, sheets, bibliography, tuple(problems))
