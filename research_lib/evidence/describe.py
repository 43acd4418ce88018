"""The data dictionary, written from the table classes: README.md and datapackage.json."""

import inspect
import json
from pathlib import Path

from research_lib.evidence.columns import Column, columns
from research_lib.evidence.study import Study, open_study
from research_lib.evidence.tables import TABLES, Table
from research_lib.files.opening import UnreadableFileError, objection
from research_lib.files.saving import save_file

_NAMES = ("README.md", "datapackage.json")
_HEAD = """# The study's data

Written by `research-lib describe` from the classes in `research_lib/evidence/schema/`; a test fails when this page is
stale. Text is CC BY 4.0. Numbers of others keep their own terms, named in `sources.bib` and in the origin records.

- `raw/` holds files as received, each with an origin record; they are never edited.
- `curated/` holds what we add: simplified boundaries with their origin record, synthetic practice texts, and the
  margins of a synthetic demonstration study (`demonstration/margins.csv`: which share of whom gives which answer, and
  which claim or figure it follows), with an export and the plan of a release.
- `instruments/` holds four XLSForms, to be read and reviewed as text: the interview in five languages, and the report's
  questionnaires on networks, on roles and for staff exchanges in four; and an example of a partner's further questions.
  `research-lib forms` builds the .xlsx and the XForm. The translations are ours, and no native speaker has read them.
- `released/` holds releases: protected tables with a signed manifest. The one here is **synthetic**: no person stands
  behind it.
- `tables/` holds the study itself. An empty cell means that the source does not say.
- `sources.bib` holds the bibliography; `ERRATA.md` the contradictions of the report, and what we did about each.
"""


def write_descriptions(folder: Path) -> None:
    """Write README.md and datapackage.json of a study folder anew.

    Raises UnreadableFileError where something else than a file stands in the place of one; then nothing was written.
    """
    for path in (folder / name for name in _NAMES):
        if path.exists(follow_symlinks=False) and (found := objection(path)):
            raise UnreadableFileError(path, *found)
    for name, text in descriptions(open_study(folder)).items():
        save_file(folder / name, text)


def descriptions(study: Study) -> dict[str, str]:
    """Give both files as text, by name."""
    return dict(zip(_NAMES, (_readme(study), _datapackage()), strict=True))


def _readme(study: Study) -> str:
    counts = {**{name: len(sheet.frame) for name, sheet in study.sheets.items()}, "sources": len(study["sources"])}
    rows = "\n".join(f"| `{name}` | {count} | {_summary(name)} |" for name, count in counts.items())
    tables = "\n".join(_table(name, model) for name, model in TABLES.items())
    return f"{_HEAD}\n| table | rows | what it holds |\n|---|---|---|\n{rows}\n\n{tables}"


def _summary(name: str) -> str:
    return (
        inspect.cleandoc(TABLES[name].__doc__ or "") if name in TABLES else "The bibliography, read from `sources.bib`."
    )


def _table(name: str, model: type[Table]) -> str:
    rows = "\n".join(f"| `{c.name}` | {c.type} | {c.description} | {c.sentence()} |" for c in columns(model))
    codes = "".join(_codes(column) for column in columns(model) if column.codes)
    head = "| column | type | what it holds | constraints |\n|---|---|---|---|"
    return f"## {name}\n\n{_summary(name)}\n\n{head}\n{rows}\n{codes}"


def _codes(column: Column) -> str:
    meanings = "\n".join(f"- `{code}`: {meaning}" for code, meaning in column.codes.items())
    return f"\nCodes of `{column.name}`:\n\n{meanings}\n"


def _datapackage() -> str:
    package = {
        "profile": "tabular-data-package",
        "name": "ex-change-living-study",
        "title": "Chinese women's migration to France and Italy: claims, figures, routes and profiles",
        "licenses": [{"name": "CC-BY-4.0", "title": "Creative Commons Attribution 4.0"}],
        "resources": [_resource(name, model) for name, model in TABLES.items()],
    }
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"


def _resource(name: str, model: type[Table]) -> dict:
    described = columns(model)
    single = [column for column in described if column.table and column.table != "sources" and not column.has_many]
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": f"tables/{name}.csv",
        "encoding": "utf-8",
        "description": _summary(name),
        "schema": {
            "fields": [_field(column) for column in described],
            "primaryKey": "id",
            "missingValues": [""],
            "foreignKeys": [_foreign_key(column, name) for column in single if column.key == "id"],
        },
    }


def _field(column: Column) -> dict:
    constraints = {
        "required": column.is_required,
        "unique": column.is_unique or None,
        "enum": list(column.codes) if column.codes and not column.has_many else None,
        "pattern": column.pattern or None,
        "minimum": column.minimum,
        "maximum": column.maximum,
    }
    kept = {key: value for key, value in constraints.items() if value is not None}
    return {"name": column.name, "type": column.type, "description": column.description, "constraints": kept}


def _foreign_key(column: Column, table: str) -> dict:
    resource = "" if column.table == table else column.table
    return {"fields": column.name, "reference": {"resource": resource, "fields": column.key}}
