"""The data dictionary, written from the table classes: README.md and datapackage.json."""

import inspect
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from research_lib.evidence.settings import DRAWINGS, WRITTEN
from research_lib.evidence.study import Study, open_study
from research_lib.evidence.study_folders import require_study
from research_lib.evidence.table_reading import in_other_languages
from research_lib.evidence.tables import OPTIONAL_TABLES, TABLES, Column, Table, columns
from research_lib.evidence.vocabulary.study_vocabularies import LISTS
from research_lib.files.drafts import changing
from research_lib.files.opening import open_file
from research_lib.files.saving import save_file

DESCRIPTIONS = ("README.md", "datapackage.json")
_COLUMNS = ("table", "column", "meaning", "type", "constraints", "codes")
_EARLIER_MARK = """"name": "ex-change-living-study",
  "title": "Chinese women's migration to France and Italy"""
_HEAD = """# {title}

{description}{licence}

- `raw/` holds files as received, each with an origin record; they are never edited.
- `curated/` holds what the study adds.
- `tables/` holds the study itself. An empty cell means that the source does not say.
- `sources.bib` holds the bibliography; `ERRATA.md` the contradictions in the sources, and what was done about each.
"""

_SETTINGS = """## Findings in `study.toml`

A `[[findings]]` has an `id` and `claims`; if wanted, `figures`, `title`, `text` and `drawing`. The codes of `drawing`:

""" + "".join(f"- `{code}`: {meaning}.\n" for code, meaning in DRAWINGS.items())
_SETTINGS += """
## Permits in `study.toml`

A `[[permits]]` has a `country` and `depends_on`; if wanted, `which`, `lasts` and `reflects`: ids of provisions of that
country. The page on law begins with them: what a residence permit depends on, which permit it is, how long it lasts,
and how much time there is to decide.
"""


def write_descriptions(folder: Path) -> list[str]:
    """Write README.md and datapackage.json of a study folder, and list the files that are left unchanged.

    A file that this program did not write is left unchanged. Raises UnreadableFileError where one of the two is not a
    regular file, StudyError where study.toml cannot be used, LockedError, SavingError; then nothing was written.
    """
    others = [name for name in DESCRIPTIONS if not _may_be_written(folder / name)]
    require_study(folder)
    with changing(folder) as draft:
        for name, text in descriptions(open_study(draft)).items():
            if name not in others:
                save_file(draft / name, text)
    return others


def _may_be_written(path: Path) -> bool:
    """Whether the file is missing, or written by this program."""
    if not path.exists(follow_symlinks=False):
        return True
    with open_file(path) as file:
        content = file.read()
    return any(mark.encode() in content for mark in (WRITTEN.rstrip("."), _EARLIER_MARK))


def descriptions(study: Study) -> dict[str, str]:
    """Give both files as text, by name; `study.toml` of the study, where there is one, gives its title and licence."""
    return dict(zip(DESCRIPTIONS, (_readme(study), _datapackage(study)), strict=True))


def _readme(study: Study) -> str:
    settings = study.settings
    licence = f" Licence: {settings.licence}." if settings.licence else ""
    head = settings.readme or _HEAD.format(title=settings.title, description=settings.description, licence=licence)
    described = _tables(study)
    counts = {name: len(table.frame) for name, table in study.table_files.items()}
    counts |= {name: len(study[name]) for name in [*(name for name in described if name not in counts), "sources"]}
    rows = "\n".join(f"| `{name}` | {count} | {table_summary(name)} |" for name, count in counts.items())
    tables = "\n".join(table_description(*each) for each in described.items())
    return (
        f"{head}\n| table | rows | what it holds |\n|---|---|---|\n{rows}\n{_own_codes(study)}\n{_SETTINGS}\n{tables}"
    )


def _tables(study: Study) -> dict[str, list[Column]]:
    """The columns of each table that a study has: those in `tables/`, and the optional ones that it brings."""
    there = {name: model for name, model in OPTIONAL_TABLES.items() if (study.path / f"{name}.csv").exists()}
    return {name: _described(model, study) for name, model in (TABLES | there).items()}


def _described(model: type[Table], study: Study) -> list[Column]:
    """The columns of a table as a study has them: with its own codes, and empty in languages that it does not have."""
    own, described = study.vocabularies, columns(model)
    optional = in_other_languages(described, study.settings.languages)
    return [
        replace(
            column,
            is_required=column.is_required and column.name not in optional,
            codes=own.added_to(column.codes) if column.codes else column.codes,
        )
        for column in described
    ]


def _own_codes(study: Study) -> str:
    """The codes that the study adds or renames, with their names and meanings, where there are any."""
    lists = [study.vocabularies.own, study.vocabularies.renamed]
    rows = [
        f"| `{name}` | `{code}` | {row['name']} | {row.get('meaning') or 'that of the common code'} |"
        for name in LISTS
        for codes in lists
        for code, row in codes.get(name, {}).items()
    ]
    head = "\n## The study's own codes\n\n| list | code | name | meaning |\n|---|---|---|---|\n"
    return head + "\n".join(rows) + "\n" if rows else ""


def table_summary(name: str) -> str:
    """Say in a sentence what a table holds."""
    model = (TABLES | OPTIONAL_TABLES).get(name)
    return inspect.cleandoc(model.__doc__ or "") if model else "The bibliography, read from `sources.bib`."


def table_files(study: Study) -> dict[str, str]:
    """Give the files of the tables that a study has, named from its folder, by the names of the tables."""
    return {name: f"tables/{name}.csv" if name in TABLES else f"{name}.csv" for name in _tables(study)}


def dictionary_rows(study: Study) -> list[tuple[str, ...]]:
    """Give the columns of all tables of a study as the rows of a table, below its header."""
    rows = [
        (name, each.name, each.description, each.type, each.sentence(), "; ".join(map(": ".join, each.codes.items())))
        for name, described in _tables(study).items()
        for each in described
    ]
    return [_COLUMNS, *rows]


def table_description(name: str, described: Sequence[Column]) -> str:
    """Describe a table in Markdown: what it holds, its columns with their constraints, and their codes."""
    rows = "\n".join(f"| `{c.name}` | {c.type} | {c.description} | {c.sentence()} |" for c in described)
    codes = "".join(_codes(column) for column in described if column.codes)
    head = "| column | type | what it holds | constraints |\n|---|---|---|---|"
    return f"## {name}\n\n{table_summary(name)}\n\n{head}\n{rows}\n{codes}"


def _codes(column: Column) -> str:
    meanings = "\n".join(f"- `{code}`: {meaning}" for code, meaning in column.codes.items())
    return f"\nCodes of `{column.name}`:\n\n{meanings}\n"


def _datapackage(study: Study) -> str:
    settings, files = study.settings, table_files(study)
    licence = {"name": settings.licence, "title": settings.licence_title}
    package = {
        "profile": "tabular-data-package",
        "name": settings.name,
        "title": settings.title,
        "description": settings.description,
        "licenses": [{key: value for key, value in licence.items() if value}] if settings.licence else [],
        "resources": [_resource(name, described, files[name]) for name, described in _tables(study).items()],
    }
    return json.dumps({key: value for key, value in package.items() if value}, indent=2, ensure_ascii=False) + "\n"


def _resource(name: str, described: Sequence[Column], file: str) -> dict[str, Any]:
    single = [column for column in described if column.table and column.table != "sources" and not column.has_many]
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": file,
        "encoding": "utf-8",
        "description": table_summary(name),
        "schema": {
            "fields": [_field(column) for column in described],
            **({"primaryKey": described[0].name} if described[0].is_unique else {}),
            "missingValues": [""],
            "foreignKeys": [_foreign_key(column, name) for column in single if column.key == "id"],
        },
    }


def _field(column: Column) -> dict[str, Any]:
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


def _foreign_key(column: Column, table: str) -> dict[str, Any]:
    resource = "" if column.table == table else column.table
    return {"fields": column.name, "reference": {"resource": resource, "fields": column.key}}
