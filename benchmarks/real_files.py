"""What becomes of files that other people made: forms, exports, bibliographies, flows, documents and coded projects.

`real_files.csv` lists them with repository and commit; the files themselves are not ours and never in this repository.
`python benchmarks/real_files.py FOLDER` takes them from FOLDER/<kind>/<file>, fetches what is not there from its public
repository, hands each to the door that people use, with at most a mapping, and prints a table. `--save` writes what
became of each into a column of the list: `now`, and `before` for commit ac1fe02, where no mapping was drafted. Files
of one `set` are handed over together. `options`: what the message of a refusal asks for, such as an encoding.

understood: it came in, and agrees with a second reader where there is one (`real_values.py`). refused: a sentence names
the file. unclear: a sentence does not. Also: traceback, hang (two minutes), wrong in silence.
"""

import argparse
import csv
import multiprocessing
import sys
import tempfile
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import quote

from real_values import answers_that_differ, rows_that_differ

from research_lib.compare.flows import places_and_legs
from research_lib.errors import ResearchError
from research_lib.evidence.settings import StudySettings
from research_lib.evidence.sources.source_file import read_sources
from research_lib.exchange import qualcoder, refi_qda, taguette
from research_lib.files.documents import read_text
from research_lib.files.tabular import read_table
from research_lib.files.toml_files import parse_toml
from research_lib.interviews import answers_import
from research_lib.interviews.answers.export_tables import read_tables
from research_lib.interviews.answers.form_questions import questions_of
from research_lib.interviews.forms.form_reading import given_form
from research_lib.interviews.mapping import RecordMapping
from research_lib.interviews.mapping_draft import draft_mapping
from research_lib.interviews.xlsform import Form, variables

LIST = Path(__file__).with_suffix(".csv")
WITHOUT = "exports without a form"
LARGEST, LONGEST, TURNS = 64_000_000, 120, 8
RESULTS = ("understood", "refused", "unclear", "traceback", "hang", "wrong in silence")
SAID = {"consent": "yes", "country_code": "ITA", "site": "camp", "interview_year": "2020", "case_code": "numbered"}
_PROJECTS = {".qdc": refi_qda.read_codebook, ".sqlite3": taguette.read_project, ".qda": qualcoder.read_project}
_PROJECTS |= {".rqda": qualcoder.read_project}


@dataclass
class Unit:
    """What is handed over at once: its rows of the list, and its files."""

    kind: str
    rows: list[dict[str, str]] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    form: list[Path] = field(default_factory=list)

    @property
    def options(self) -> dict[str, str]:
        """What is said about its files."""
        return dict(part.split("=", 1) for row in self.rows for part in row["options"].split("; ") if part)


def main() -> None:
    """Run all, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", default="", help="only this kind")
    parser.add_argument("--save", default="", metavar="COLUMN", help="write the results into a column of the list")
    given = parser.parse_args()
    with LIST.open(encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for unit in units(rows, given.folder):
        if given.kind in ("", unit.kind):
            result, sentence = outcome(unit)
            found[unit.kind][result] += 1
            print(result, unit.rows[0]["file"], " ".join(sentence.split())[:300], sep=" | ", file=sys.stderr)
            if given.save:
                unit.rows[0][given.save] = result
    print("\n".join(table(found)))
    if given.save:
        with LIST.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def units(rows: list[dict[str, str]], folder: Path) -> list[Unit]:
    """Put rows of one set together, each with its files, fetched where they are not there."""
    made: dict[tuple[str, str], Unit] = {}
    kinds = {row["file"]: row for row in rows if row["kind"] in ("forms", "exports")}
    for row in rows:
        kind = WITHOUT if row["kind"] == "exports" and not row["form"] else row["kind"]
        unit = made.setdefault((kind, row["set"] or row["file"]), Unit(kind))
        unit.rows.append(row)
        unit.files.append(fetched(row, folder))
        if row["form"] and not unit.form:
            unit.form = [fetched(kinds[name], folder) for name in row["form"].split("+")]
            unit.rows += [kinds[name] for name in row["form"].split("+")]
    return [unit for unit in made.values() if all(path.exists() for path in (*unit.files, *unit.form))]


def fetched(row: dict[str, str], folder: Path) -> Path:
    """The file of a row; where it is not in the folder, it is taken from its repository at the commit."""
    path = folder / row["kind"] / row["file"]
    if not path.exists():
        address = f"https://raw.githubusercontent.com/{row['repository']}/{row['commit']}/{quote(row['path'])}"
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                content = answer.read(LARGEST)
        except OSError as error:
            print(f"not to be had: {address} ({error})", file=sys.stderr)
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return path


def outcome(unit: Unit) -> tuple[str, str]:
    """What became of a unit, and the sentence; a process of its own can be ended where it hangs."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=lambda: there.send(_judged(unit)), daemon=True)
    process.start()
    result = here.recv() if here.poll(LONGEST) else ("hang", "")
    process.kill()
    process.join()
    return result


def _judged(unit: Unit) -> tuple[str, str]:
    try:
        differs = DOORS[unit.kind](unit)
    except ResearchError as error:
        names = [path.stem for path in (*unit.files, *unit.form)]
        return "refused" if any(name in str(error) for name in names) else "unclear", str(error)
    except Exception as error:  # whatever it is, it is what people would see
        return "traceback", f"{type(error).__name__}: {error}"
    return ("wrong in silence", differs[0]) if differs else ("understood", "")


# ---- doors: each gives what differs from what a second reader says


def form_door(unit: Unit) -> list[str]:
    """A form, or its questions and choices as two tables."""
    form, _ = given_form(*unit.files, encoding=unit.options.get("encoding"))
    variables(form), questions_of(form)
    return rows_that_differ(form, unit.files)


def export_door(unit: Unit) -> list[str]:
    """An export with its form and the mapping drafted from it, in which somebody says what the draft leaves open."""
    form, _ = given_form(
        *unit.form[: 2 if "choices" in unit.form[-1].stem else 1], encoding=unit.options.get("encoding")
    )
    draft = draft_mapping(form)
    rename = dict([unit.options["rename"].split(":")]) if "rename" in unit.options else {}
    mapping = RecordMapping(**parse_toml(draft.text, "mapping"))
    mapping = mapping.with_changes({name: SAID[name] for name in draft.open}, rename)
    brought(unit, form, mapping)
    everybody = mapping.with_changes({name: SAID[name] for name in ("consent", "case_code")}, {})
    return answers_that_differ(
        brought(unit, form, everybody), form, unit.files, unit.options.get("encoding", "utf-8-sig")
    )


def table_door(unit: Unit) -> list[str]:
    """An export whose form is not known: its tables are read, and no more."""
    tables, _ = read_tables(unit.files, encoding=unit.options.get("encoding"))
    return [] if tables else ["no table"]


def brought(unit: Unit, form: Form, mapping: RecordMapping) -> answers_import.Imported:
    """Bring an export in: cells that may name somebody are withheld, what the mapping lacks is said."""
    decisions: dict[tuple[str, int, str], str] = {}
    for _ in range(TURNS):
        try:
            return answers_import.read_answers(
                unit.files,
                form,
                legal_basis="consent",
                retention=date(2099, 1, 1),
                mapping=mapping,
                inconsistent="report",
                decisions=decisions,
                encoding=unit.options.get("encoding"),
            )
        except answers_import.PrivacyError as error:
            decisions |= {(find.file, find.line, find.column): "withhold" for find in error.finds}
        except answers_import.AnswersError as error:
            lacking = {
                name: SAID[name] for problem in error.problems for name in _lacking(problem.column, problem.reason)
            }
            if not lacking or all(mapping.same_for_all.get(name) == value for name, value in lacking.items()):
                raise
            mapping = mapping.with_changes(lacking, {})
    raise ResearchError(f"{unit.files[0].name}: the same is asked again and again")


def _lacking(column: str, reason: str) -> Iterator[str]:
    """The items that each record needs, and about which something must be said."""
    for name in SAID:
        is_open = any(words in reason for words in ("no column is", "no consent", "it is not two small"))
        if (column == name and is_open) or f"is no {name}" in reason:
            yield name
    if "no consent" in reason:
        yield "consent"


def bibliography_door(unit: Unit) -> list[str]:
    """A bibliography as the file of sources of a study."""
    suffix = {".ris": ".ris", ".json": ".json"}.get(unit.files[0].suffix, ".bib")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"sources{suffix}").write_bytes(unit.files[0].read_bytes())
        found = read_sources(Path(folder), StudySettings(), ())
    if found.problems and not found.sources.entries:
        raise ResearchError(f"{unit.files[0].name}: {found.problems[0]}")
    return []


def flow_door(unit: Unit) -> list[str]:
    """A table of flows by the names of its columns."""
    origin, destination, *value = unit.options["columns"].split()
    table = read_table(unit.files[0]).frame
    amount = {"value": value[0], "unit": "persons", "source": unit.files[0].name} if value else {}
    without = unit.options.get("without", "").split("|")
    try:
        made = places_and_legs(table, origin=origin, destination=destination, without=without, **amount)
    except ResearchError as error:
        raise ResearchError(f"{unit.files[0].stem}: {error}") from error
    return [] if len(made.legs) else ["no legs"]


def document_door(unit: Unit) -> list[str]:
    """A document to be coded."""
    return [] if read_text(unit.files[0]).text.strip() else ["no text"]


def project_door(unit: Unit) -> list[str]:
    """A coded project of another program."""
    path = unit.files[0]
    root = next((parent for parent in path.parents if parent.suffix == ".qda"), path)
    _PROJECTS.get(root.suffix, refi_qda.read_project)(root)
    return []


DOORS: dict[str, Callable[[Unit], list[str]]] = {
    "forms": form_door,
    "exports": export_door,
    WITHOUT: table_door,
    "bibliographies": bibliography_door,
    "flows": flow_door,
    "documents": document_door,
    "projects": project_door,
}


def table(found: dict[str, Counter[str]]) -> Iterator[str]:
    """The results by kind, as a Markdown table."""
    yield f"| kind | handed over | {' | '.join(RESULTS)} |"
    yield f"|---|---:|{'---:|' * len(RESULTS)}"
    for kind, results in found.items():
        yield f"| {kind} | {results.total()} | {' | '.join(str(results[name]) for name in RESULTS)} |"


if __name__ == "__main__":
    main()
