"""Commands on a study's tables and phrases: check, new, phrases, upgrade, describe, rebuild, changes."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from research_lib.cli.app import Folder, app
from research_lib.errors import Problem
from research_lib.evidence.study_folders import OWN_STUDY


@app.command()
def check(folder: Folder = OWN_STUDY) -> None:
    """List every problem of a study, with file, line and column, and notes on what was read otherwise or not used."""
    from research_lib.evidence.checks.place_checks import place_problems
    from research_lib.evidence.new_study import signs_of_an_earlier_version
    from research_lib.evidence.study import open_study
    from research_lib.interviews.xlsform import instrument_problems
    from research_lib.show.translation import phrase_problems, untranslated

    study = open_study(folder)
    if signs := signs_of_an_earlier_version(folder):
        said = f"{folder} is a study of an earlier version, or not whole: {'; '.join(signs)}"
        typer.echo(f"{said}\nrestore what is missing, or run: research-lib upgrade {folder}\nthen check it again")
        raise typer.Exit(1)
    problems = [*study.problems(), *place_problems(study.table_files["places"]), *phrase_problems(study)]
    problems += instrument_problems(folder)
    if (folder / "release/plan.toml").exists():  # a study without a plan does without the engine that counts
        from research_lib.disclosure.planning.plan import plan_problems

        problems += plan_problems(folder)
    for problem in sorted(problems):
        typer.echo(str(problem))
    if notes := [*study.notes(), *untranslated(study)]:
        typer.echo("\nNotes, which need no mend:")
    for note in notes:
        typer.echo(str(note))
    typer.echo(_counted(problems, "problem") + (f", {_counted(notes, 'note')}" if notes else ""))
    raise typer.Exit(int(bool(problems)))


def _counted(rows: Sequence[Problem], name: str) -> str:
    return f"{len(rows)} {name}{'' if len(rows) == 1 else 's'}"


@app.command()
def new(
    folder: Folder,
    *,
    title: Annotated[str, typer.Option(help="What the study is called; by default the folder's name.")] = "",
    licence: Annotated[str, typer.Option(help="The licence of its text, such as CC-BY-4.0.")] = "",
    author: Annotated[list[str] | None, typer.Option(help="Who wrote it, as it is to be cited; repeatable.")] = None,
    year: Annotated[int | None, typer.Option(help="The year of its publication, as it is to be cited.")] = None,
    country: Annotated[
        list[str] | None, typer.Option(help="A country that it is about, such as NGA; repeatable. Makes example rows.")
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option(help="A language of its pages, such as en or zh-Hans; repeatable.")
    ] = None,
    form: Annotated[
        Path | None, typer.Option(help="A form of KoBoToolbox or ODK that is its interview: .xlsx, .xls, .csv or .xml.")
    ] = None,
    choices: Annotated[
        Path | None, typer.Option(help="The table of its choices, where --form is that of its questions only.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="The encoding of the form, where it cannot be detected.")] = None,
) -> None:
    """Make a study that passes the check; what is not given and cannot be guessed is asked for in a terminal."""
    from research_lib.evidence.new_study import new_study
    from research_lib.interviews.forms.form_reading import given_form
    from research_lib.interviews.mapping import FILE
    from research_lib.interviews.mapping_draft import adopt_form

    if form:
        given_form(form, choices, encoding=encoding)
    if sys.stdin.isatty():
        title = title or typer.prompt("Title", default=folder.name)
        licence = licence or typer.prompt("Licence of its text", default="CC-BY-4.0")
        author = author or _each(typer.prompt("Authors, with ; between them", default=""))
        year = year or typer.prompt("Year", default=date.today().year, type=int)
        country = country or typer.prompt("Countries (ISO alpha-3, such as NGA BRA)", default="").upper().split()
    made = new_study(
        folder,
        title=title,
        licence=licence,
        authors=author or (),
        year=year,
        countries=country or (),
        languages=language or ("en",),
    )
    typer.echo(f"made {made}\ncheck it with: research-lib check {folder}\nlook at it with: research-lib serve {folder}")
    if form:
        taken, draft = adopt_form(folder, form, choices, encoding=encoding, countries=country or ())
        for note in taken.notes:
            typer.echo(note)
        typer.echo(f"drafted {folder / FILE}; read it before the first import")
        typer.echo(
            "\n".join([*(f"guessed: {each}" for each in draft.guessed), *(f"say: {each}" for each in draft.open)])
        )


@app.command()
def phrases(
    language: Annotated[str, typer.Argument(help="The code of a language, such as pt, de or zh-Hans.")],
    folder: Folder = OWN_STUDY,
) -> None:
    """Write, or bring up to date, the file in which a study is translated; what is translated already is kept."""
    from research_lib.evidence.study import open_study
    from research_lib.show.translation import write_phrases

    path, count = write_phrases(open_study(folder), language)
    typer.echo(f"wrote {path}: {count:,} texts to translate; without a translation pages show the English")


@app.command()
def upgrade(folder: Folder) -> None:
    """Bring a study of an earlier version up to date: tables, columns, study.toml, and names and rules of releases."""
    from research_lib.evidence.data_dictionary import write_descriptions
    from research_lib.evidence.new_study import upgrade_study
    from research_lib.evidence.study_folders import require_study
    from research_lib.files.drafts import changing

    require_study(folder)
    with changing(folder) as draft:
        added, left = upgrade_study(draft), write_descriptions(draft)
        if (draft / "release").is_dir():  # a study without a plan does without the engine that counts
            from research_lib.disclosure.study_folder.release_settings import upgrade_release_settings

            added += upgrade_release_settings(draft)
    typer.echo(f"added or changed in {folder}: {', '.join(added) or 'nothing; it is up to date'}")
    _report_unchanged(left)


@app.command()
def describe(folder: Folder = OWN_STUDY) -> None:
    """Write the study's README.md and datapackage.json from the table classes."""
    from research_lib.evidence.data_dictionary import write_descriptions

    _report_unchanged(write_descriptions(folder))


def _each(answer: str) -> list[str]:
    return [name.strip() for name in answer.split(";") if name.strip()]


def _report_unchanged(names: list[str]) -> None:
    for name in names:
        typer.echo(f"left {name} unchanged, since this program did not write it; rename it to have it written")


@app.command()
def rebuild(folder: Folder = OWN_STUDY) -> None:
    """Rebuild what is derived in a study: profiles, codings of claims, and what it has besides, such as its release."""
    from research_lib.rebuild import rebuild_all

    for path in rebuild_all(folder):
        typer.echo(f"wrote {path}")


@app.command()
def changes(
    old: Annotated[Path, typer.Argument(help="The folder of the earlier version.")],
    new: Annotated[Path, typer.Argument(help="The folder of the later version.")],
    *,
    to: Annotated[
        Path | None, typer.Option(help="A file to write instead: .txt, .csv (each changed cell), or .atom (a feed).")
    ] = None,
) -> None:
    """Tell what changed between two versions of a study: rows added, changed and withdrawn, table by table."""
    from research_lib.evidence.study import open_study
    from research_lib.exchange.change_reports import changes_text, write_changes

    versions = open_study(old), open_study(new)
    typer.echo(f"wrote {write_changes(*versions, to)}" if to else changes_text(*versions), nl=bool(to))
