"""The opened study: its tables by name, their problems, and its sources as citations."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from pybtex.database import BibliographyData

from research_lib.errors import CitationError, Problem, StudyError
from research_lib.evidence import bibliography as bib
from research_lib.evidence.checks.cross_table_checks import cross_problems
from research_lib.evidence.checks.nearest import nearest
from research_lib.evidence.checks.settings_checks import settings_problems
from research_lib.evidence.multiple_values import split
from research_lib.evidence.references import Reference, parse_references, places_by_source
from research_lib.evidence.settings import StudySettings, read_settings
from research_lib.evidence.sources.source_file import SourceFile, read_sources
from research_lib.evidence.study_folders import boundaries_of, require_study, study_to_read
from research_lib.evidence.table_reading import TableFile, read_optional_table, read_table
from research_lib.evidence.tables import OPTIONAL_TABLES, TABLES
from research_lib.evidence.vocabulary.study_vocabularies import Vocabularies, read_vocabularies
from research_lib.files.drafts import finish_unfinished
from research_lib.files.saving import written_beside
from research_lib.files.spreadsheet import guarded

if TYPE_CHECKING:
    from geopandas import GeoDataFrame


@dataclass(frozen=True, repr=False)
class Study:
    """The tables of a study folder; every row names its source."""

    path: Path
    table_files: Mapping[str, TableFile]
    source_file: SourceFile
    settings: StudySettings = field(default_factory=StudySettings)
    vocabularies: Vocabularies = field(default_factory=Vocabularies)
    optional_files: Mapping[str, TableFile] = field(default_factory=dict)

    @property
    def bibliography(self) -> BibliographyData:
        """The sources by their keys."""
        return self.source_file.sources

    @cached_property
    def countries(self) -> tuple[str, ...]:
        """The countries that the study compares, in its order: those of its settings, or those of its claims."""
        if self.settings.countries:
            return tuple(self.settings.countries)
        cells = self.table_files["claims"].frame["country_code"]
        return tuple(dict.fromkeys(code for cell in cells for code in split(cell)))

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions of the settings that the codebook has."""
        known = set(self.table_files["codebook"].frame["id"])
        return tuple(code for code in self.settings.dimensions if code in known)

    @property
    def field_work(self) -> tuple[str, ...]:
        """The countries in which the study's own material was gathered."""
        return tuple(self.settings.field_work) or self.countries

    @cached_property
    def last_year(self) -> int:
        """The year to which a period without an end runs: that of the settings, or the last one in the tables."""
        if self.settings.last_year:
            return self.settings.last_year
        names = [(name, column) for name in ("claims", "figures", "routes") for column in ("start_year", "end_year")]
        years = pd.concat([self.table_files[name].frame[column] for name, column in names]).dropna()
        return int(years.max() if len(years) else date.today().year)

    def is_own(self, references: "pd.Series[str]") -> "pd.Series[bool]":
        """Whether rows are evidence on the study's people, and not figures of the frame around them."""
        frame = tuple(f"{source}[" for source in self.settings.frame_sources)
        return ~(references + "[").str.startswith(frame) if frame else references.notna()

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name; `sources` is the bibliography as a table. The optional ones are not among them."""
        return {name: self[name] for name in [*self.table_files, "sources"]}

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Give a copy of one table; raises StudyError where it does not exist or has unreadable cells."""
        if name == "sources":
            return self._sources.copy()
        files = self.optional_files if name in self.optional_files else self.table_files
        if name not in files:
            raise StudyError(f"table {name!r} is unknown; there are {', '.join(self)}")
        table = files[name]
        if table.problems:
            raise StudyError(f"{table.file} cannot be used as it stands:", list(table.problems))
        return table.frame.copy()

    @cached_property
    def _sources(self) -> pd.DataFrame:
        return bib.sources_table(self.bibliography)

    def __iter__(self) -> Iterator[str]:
        return chain(self.table_files, self.optional_files, ("sources",))

    def __len__(self) -> int:
        return len(self.table_files) + len(self.optional_files) + 1

    def __repr__(self) -> str:
        rows = ", ".join(f"{name} {len(table.frame)}" for name, table in self.table_files.items() if len(table.frame))
        return f"<Study {self.settings.title or self.path.name} in {self.path}: {rows}>"

    def long(self, name: str, *columns: str) -> pd.DataFrame:
        """Give a table with a row for each value of columns whose cells hold several, such as `informant` of claims.

        What else a row holds stands in each of its rows; a row without a value stays once. So `long("claims",
        "country_code")` can be merged, grouped and compared by country; with two columns there is a row for each pair
        of their values. Raises StudyError for what does not exist.
        """
        table = self[name]
        for column in columns:
            if column not in table:
                raise StudyError(
                    f"table {name!r} has no column {column!r}{nearest(column, [*table])}; it has {', '.join(table)}"
                )
            table = table.assign(**{column: table[column].map(split)}).explode(column, ignore_index=True)
        return table

    def to_excel(self, path: str | Path) -> Path:
        """Write all tables with rows to a workbook, a sheet each; text that a spreadsheet would compute is guarded."""
        with written_beside(Path(path)) as part, pd.ExcelWriter(part, engine="openpyxl") as book:
            for name in self:
                if len(table := self[name]):
                    table.map(lambda cell: guarded(cell) if isinstance(cell, str) else cell).to_excel(
                        book, sheet_name=name, index=False, freeze_panes=(1, 0)
                    )
        return Path(path)

    def geo(self, name: str) -> "GeoDataFrame":
        """Give `places` as points, `legs` as lines, or the outlines of `provinces` that places name in EPSG:4326.

        Its `explore()` draws a map without a network. Raises StudyError for any other name.
        """
        from research_lib.evidence import geography

        if name == "places":
            return geography.points_of(self["places"])
        if name == "legs":
            return geography.lines_of(self["legs"], self["places"])
        if name == "provinces":
            outlines = geography.load_outlines(boundaries_of(self.path), name)
            return geography.provinces_of(self["places"], outlines)
        raise StudyError(f"there is no map layer {name!r}; there are places, legs and provinces")

    def problems(self) -> list[Problem]:
        """List all problems in the order of files and lines; an empty list means that there are none."""
        files = {**self.table_files, **self.optional_files}
        own = [problem for table in files.values() for problem in table.problems]
        cross = cross_problems(files, self.source_file, self.vocabularies)
        stated = settings_problems(self.settings, self.table_files, self.source_file, self.vocabularies)
        return sorted([*self.source_file.problems, *self.vocabularies.problems, *own, *cross, *stated])

    def notes(self) -> list[Problem]:
        """List what was done with the study's files, or left unused, without a need to mend it."""
        return list(self.source_file.notes)

    def require_sound(self) -> None:
        """Raise StudyError with the list of problems where there are any."""
        problems = self.problems()
        if problems:
            raise StudyError(f"{self.path} has {len(problems)} problems; fix them first:", problems)

    def cite(self, references: str) -> str:
        """Write references such as `exchange2007[3.3.2.a]`, or the id of an entry such as `c-3-3-2-a-01`, as citations.

        One a line. Raises CitationError where a reference is malformed or its key is neither a source nor an entry.
        """
        named = parse_references(references)
        is_known = all(each.key in self.bibliography.entries for each in named)
        if not is_known and (source := self._sources_of_entries.get(references)):
            return "\n".join(f"{cited} Entry {references}." for cited in self.cite(source).split("\n"))
        return "\n".join(map(self._citation, named))

    def sources_of(self, *columns: Iterable[str]) -> str:
        """Write the sources behind columns `source` of tables: each once, a line each, with the places that they name.

        Their notes are left out; `cite` has them. Raises CitationError where a reference is malformed or its key is not
        among the sources.
        """
        cells = pd.concat([pd.Series([*column], dtype="str") for column in columns]).dropna().unique()
        return "\n".join(
            " ".join(
                [bib.cite(self.bibliography, key, note=False), *([f"Here: {', '.join(places)}."] if places else [])]
            )
            for key, places in places_by_source(cells).items()
        )

    @cached_property
    def _citation(self) -> Callable[[Reference], str]:
        """The citation of a reference, kept, since a page cites the same references thousands of times."""
        written = cache(partial(bib.cite, self.bibliography))

        @cache
        def cited(reference: Reference) -> str:
            if reference.key not in self.bibliography.entries:
                raise CitationError(
                    f"{reference.key!r} is not in {self.path / self.source_file.file} and is the id of no entry"
                )
            title = self._titles.get((reference.key, reference.locator))
            where = f"{reference.locator}." if reference.locator else ""
            section = where if title is None else f"Section {reference.locator}: {title.removesuffix('.')}."
            return " ".join(part for part in (written(reference.key), section) if part)

        return cited

    @cached_property
    def _sources_of_entries(self) -> dict[str, str]:
        frames = [table.frame for table in self.table_files.values()]
        cited = [
            frame.dropna(subset="source").set_index("id")["source"] for frame in frames if {"id", "source"} <= {*frame}
        ]
        return {str(key): source for column in reversed(cited) for key, source in column.items()}

    @cached_property
    def _titles(self) -> dict[tuple[str, str], str]:
        rows = self.table_files["sections"].frame[["source_id", "locator", "title"]].itertuples(index=False)
        return {(row.source_id, row.locator): row.title for row in reversed([*rows])}


def open_study(path: str | Path | None = None) -> Study:
    """Open a study folder.

    `path`: a folder with `tables/` and its sources (`sources.bib`, `sources.ris` or `sources.json`); without it, the
    study of the checkout that the package stands in, that of the current folder or one above it, or the EX-CHANGE study
    that the package brings. `problems()` lists what is wrong inside, `notes()` what was left unused.

    Raises StudyError where the folder is no study, and where its `study.toml` cannot be used.
    """
    folder = study_to_read(path)
    require_study(folder)
    finish_unfinished(folder)
    settings = read_settings(folder)
    table_files = {
        name: read_table(folder / f"tables/{name}.csv", model, f"tables/{name}.csv", languages=settings.languages)
        for name, model in TABLES.items()
    }
    optional = {
        name: read_optional_table(folder / f"{name}.csv", model, languages=settings.languages)
        for name, model in OPTIONAL_TABLES.items()
    }
    own = read_vocabularies(folder)
    sources = read_sources(folder, settings, own.codes("informants"))
    return Study(folder, table_files, sources, settings, own, optional)
