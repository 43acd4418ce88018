"""Commands on people's records: forms, import, survey, purge, demonstrate."""

from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from research_lib.cli.app import Folder, app
from research_lib.evidence.study_folders import OWN_STUDY

if TYPE_CHECKING:
    from research_lib.interviews.xlsform import Form

_note = partial(typer.echo, err=True)
Partner = Annotated[list[Path] | None, typer.Option(help="A partner's file of further questions; repeatable.")]


@app.command()
def forms(
    *,
    to: Annotated[Path, typer.Option(help="The folder to write into.")],
    partner: Partner = None,
    form_name: Annotated[
        Literal["interview", "networks", "roles", "staff_exchange"],
        typer.Option("--form", help="The questionnaire to build."),
    ] = "interview",
    study: Annotated[Path, typer.Option(help="The study whose instruments/ may hold the questionnaire.")] = OWN_STUDY,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="A question that could say who somebody is, and why it may be asked: name=reason."),
    ] = None,
) -> None:
    """Write a form, with a partner's further questions, as .xlsx and as XForm XML, with advice on it.

    A question that could say who somebody is stops it.
    """
    from research_lib.interviews import xlsform

    form = _with_partners(xlsform.study_form(study, form_name), partner)
    allowed = _pairs(allow, "--allow")
    if problems := xlsform.names_a_person(form, allowed=allowed):
        raise xlsform.FormError("the form asks what could say who somebody is:", tuple(problems))
    advice = [*map(str, xlsform.lint(form, allowed=allowed)), *xlsform.warnings_of(form), *form.notes]
    typer.echo("\n".join(f"advice: {each}" for each in advice), err=True)
    for path in xlsform.write_form(form, to, form_name):
        typer.echo(f"wrote {path}")


@app.command("import")
def import_answers(
    folder: Folder,
    files: Annotated[
        list[Path], typer.Argument(help="Exports of KoboToolbox, ODK or SurveyCTO: CSV, XLSX, a zip of CSV or of XML.")
    ],
    *,
    retention: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day to keep the records.")],
    legal_basis: Annotated[
        Literal["consent", "public_interest"], typer.Option(help="The legal basis of records that state none.")
    ] = "consent",
    partner: Partner = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="What is the same for all records, such as country_code=KEN; repeatable."),
    ] = None,
    rename: Annotated[
        list[str] | None,
        typer.Option(help="A column that is a question of the form, such as q12=age_band; repeatable."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(help="A column to leave out, or a pattern such as 'kids*'; repeatable.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="A question or repeated group known not to be in the exports; repeatable.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="The encoding of the files, where it cannot be detected.")
    ] = None,
    decisions: Annotated[
        Path | None,
        typer.Option(help="A file of decisions on cells that may name a person; written where it does not exist."),
    ] = None,
    persons: Annotated[
        Path | None, typer.Option(help="A CSV file that says whose each record is: case_code, person.")
    ] = None,
    latest: Annotated[bool, typer.Option(help="Where records of one case differ, keep the one sent last.")] = False,
    inconsistent: Annotated[
        Literal["refuse", "report"],
        typer.Option(help="What to do with answers that do not go with the form: refuse all, or leave out and name."),
    ] = "refuse",
    allow: Annotated[
        list[str] | None,
        typer.Option(help="A question that only seems to say who somebody is, and why it may come in: name=reason."),
    ] = None,
    again: Annotated[
        bool, typer.Option(help="Put what arrives in the place of the cases of the same codes, with this retention.")
    ] = False,
    synthetic: Annotated[bool, typer.Option(help="The answers are synthetic.")] = False,
) -> None:
    """Import answers as the cases of a study: all of them, with a report, or none, with the reason."""
    from research_lib.files.saving import save_file
    from research_lib.interviews import answers_import, xlsform
    from research_lib.interviews.answers.decisions import decisions_text, read_decisions
    from research_lib.interviews.case_files import read_persons
    from research_lib.interviews.case_store import join_cases
    from research_lib.interviews.mapping import read_mapping

    form = _with_partners(xlsform.study_form(folder), partner)
    mapping = read_mapping(folder).with_changes(_pairs(set_, "--set"), _pairs(rename, "--rename"))
    whose = read_persons(persons) if persons else {}
    decided = read_decisions(decisions, may_be_missing=True) if decisions else {}
    try:
        imported = answers_import.read_answers(
            files,
            form,
            legal_basis=legal_basis,
            retention=retention.date(),
            ignore=ignore or (),
            without=without or (),
            decisions=decided,
            persons=whose,
            latest=latest,
            inconsistent=inconsistent,
            is_synthetic=synthetic,
            encoding=encoding,
            mapping=mapping,
            allowed=_pairs(allow, "--allow"),
        )
    except answers_import.PrivacyError as error:
        if decisions:
            save_file(decisions, decisions_text(error.finds, decided), private=True)
            typer.echo(f"the list to decide on: {decisions}")
        raise
    cases = join_cases(imported, folder / "cases", again=again, progress=_note)
    if persons:
        named = imported.cases.frame["case_id"].isin(whose)
        which = f"{named.sum()} of {len(named)} records have a person in {persons}"
        typer.echo(f"{which}; each other one counts as a person")
    typer.echo(f"{imported.report}\n{folder / 'cases'} has {len(cases.frame)} cases")


@app.command()
def survey(
    folder: Folder,
    files: Annotated[list[Path], typer.Argument(help="Exports of the questionnaire on networks.")],
    *,
    source: Annotated[str, typer.Option(help="The reference of every answer, such as survey2027.")],
) -> None:
    """Import organisations' answers on networking into the table of survey answers; questionnaires are not kept."""
    from research_lib.evidence.study import open_study
    from research_lib.interviews import answers_import, xlsform
    from research_lib.interviews.survey_import import add_answers, publishable, survey_rows

    form = xlsform.study_form(folder, "networks")
    imported = answers_import.read_answers(files, form, legal_basis="consent", retention=date.today())
    path = add_answers(open_study(folder), imported, source)
    kept_back = imported.report.taken - len(publishable(imported))
    typer.echo(f"{imported.report}\n{kept_back} without consent to published tables, left out")
    typer.echo(f"{len(survey_rows(imported, source))} answers written into {path}")


@app.command()
def purge(folder: Folder) -> None:
    """Remove the cases whose retention date has passed."""
    from research_lib.interviews.case_store import purge_study

    removed, kept = purge_study(folder / "cases", date.today(), progress=_note)
    typer.echo(f"removed {removed} cases; {kept} are kept")


@app.command()
def demonstrate(folder: Folder) -> None:
    """Make the synthetic demonstration study in a new folder: 600 invented records, to try the commands."""
    from research_lib.disclosure.demonstration import demonstration_study

    typer.echo(f"made {demonstration_study(folder)}; release its tables with: research-lib release {folder}")


def _with_partners(form: "Form", partner: list[Path] | None) -> "Form":
    """The form with a partner's further questions."""
    from research_lib.interviews import xlsform

    for path in partner or []:
        form = xlsform.extend(form, xlsform.read_form(path))
    return form


def _pairs(texts: list[str] | None, option: str) -> dict[str, str]:
    """The names and values of a repeated option."""
    found = dict[str, str]()
    for text in texts or []:
        name, _, value = text.partition("=")
        if not (name and value):
            raise typer.BadParameter(f"{text!r} is not written name=value", param_hint=option)
        found[name.strip()] = value.strip()
    return found
