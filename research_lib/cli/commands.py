"""The command `research-lib`: check and build a study, import answers, release tables, serve and export pages."""

import io
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer
from rich.markup import escape
from rich.progress import Progress

from research_lib.errors import ResearchError
from research_lib.show.pages.names import PAGES
from research_lib.show.site.bundle import ROOT

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
Folder = Annotated[Path, typer.Argument(help="The study's folder.")]
_DATA = ROOT / "data"
_STOPPED = 130


@app.command()
def check(folder: Folder = _DATA) -> None:
    """List every problem of a study, with file, line and column."""
    from research_lib.evidence.study import open_study

    problems = open_study(folder).problems()
    for problem in problems:
        typer.echo(str(problem))
    typer.echo(f"{len(problems)} problems")
    raise typer.Exit(int(bool(problems)))


@app.command()
def new(
    folder: Folder,
    *,
    title: Annotated[str, typer.Option(help="What the study is called; by default the folder's name.")] = "",
    licence: Annotated[str, typer.Option(help="The licence of its text, such as CC-BY-4.0.")] = "",
    country: Annotated[
        list[str] | None, typer.Option(help="A country that it is about, such as NGA; repeatable. Makes example rows.")
    ] = None,
    language: Annotated[list[str] | None, typer.Option(help="A language of its pages, en or fr; repeatable.")] = None,
) -> None:
    """Make a study that passes the check; what is not given and cannot be guessed is asked for in a terminal."""
    from research_lib.evidence.new_study import new_study

    if sys.stdin.isatty():
        title = title or typer.prompt("Title", default=folder.name)
        licence = licence or typer.prompt("Licence of its text", default="CC-BY-4.0")
        country = country or typer.prompt("Countries (ISO alpha-3, such as NGA ITA)", default="").upper().split()
    made = new_study(folder, title=title, licence=licence, countries=country or (), languages=language or ("en",))
    typer.echo(f"made {made}\ncheck it with: research-lib check {folder}\nlook at it with: research-lib serve {folder}")


@app.command()
def upgrade(folder: Folder) -> None:
    """Add what a study of an earlier version lacks: empty tables, and its study.toml."""
    from research_lib.evidence.data_dictionary import write_descriptions
    from research_lib.evidence.new_study import upgrade_study

    typer.echo(f"added to {folder}: {', '.join(upgrade_study(folder)) or 'nothing; nothing is missing'}")
    _report_unchanged(write_descriptions(folder))


@app.command()
def describe(folder: Folder = _DATA) -> None:
    """Write the study's README.md and datapackage.json from the table classes."""
    from research_lib.evidence.data_dictionary import write_descriptions

    _report_unchanged(write_descriptions(folder))


def _report_unchanged(names: list[str]) -> None:
    for name in names:
        typer.echo(f"left {name} unchanged, since this program did not write it; rename it to have it written")


@app.command()
def forms(
    to: Annotated[Path, typer.Option(help="The folder to write into.")],
    partner: Annotated[
        list[Path] | None, typer.Option(help="A partner's file of further questions; repeatable.")
    ] = None,
    form_name: Annotated[
        Literal["interview", "networks", "roles", "staff_exchange"],
        typer.Option("--form", help="The questionnaire to build."),
    ] = "interview",
    study: Annotated[Path, typer.Option(help="The study whose instruments/ may hold the questionnaire.")] = _DATA,
) -> None:
    """Check a form, with a partner's further questions, and write it as .xlsx and as XForm XML."""
    from research_lib.interviews import xlsform

    form = xlsform.study_form(study, form_name)
    for path in partner or []:
        form = xlsform.extend(form, xlsform.read_form(path))
    if problems := xlsform.lint(form):
        raise xlsform.FormError("the form cannot be used as it stands:", tuple(problems))
    to.mkdir(parents=True, exist_ok=True)
    typer.echo(f"wrote {xlsform.build_xlsx(form, to / f'{form_name}.xlsx')}")
    (to / f"{form_name}.xml").write_text(xlsform.build_xform(form), encoding="utf-8")
    typer.echo(f"wrote {to / f'{form_name}.xml'}")


@app.command("import")
def import_answers(
    folder: Folder,
    files: Annotated[list[Path], typer.Argument(help="Exports of KoBoToolbox or ODK: CSV, XLSX, or a zip of CSV.")],
    *,
    retention: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day to keep the records.")],
    legal_basis: Annotated[
        Literal["consent", "public_interest"], typer.Option(help="The legal basis of records that state none.")
    ] = "consent",
    partner: Annotated[
        list[Path] | None, typer.Option(help="A partner's file of further questions; repeatable.")
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="A column to leave out; repeatable.")] = None,
    without: Annotated[
        list[str] | None, typer.Option(help="A question or repeated group that is not in the exports; repeatable.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="The encoding of the files, where it cannot be detected.")
    ] = None,
    decisions: Annotated[
        Path | None,
        typer.Option(help="A file of decisions on cells that may name a person; written where it does not exist."),
    ] = None,
    latest: Annotated[bool, typer.Option(help="Where records of one case differ, keep the one sent last.")] = False,
    synthetic: Annotated[bool, typer.Option(help="The answers are synthetic.")] = False,
) -> None:
    """Import answers as the cases of a study: all of them, with a report, or none, with the reason."""
    from research_lib.files.saving import save_file
    from research_lib.interviews import kobo, xlsform
    from research_lib.interviews.answers.decisions import decisions_text, read_decisions
    from research_lib.interviews.case_store import join_cases

    form = xlsform.study_form(folder)
    for path in partner or []:
        form = xlsform.extend(form, xlsform.read_form(path))
    decided = read_decisions(decisions, may_be_missing=True) if decisions else {}
    try:
        imported = kobo.read_answers(
            files,
            form,
            legal_basis=legal_basis,
            retention=retention.date(),
            ignore=ignore or (),
            without=without or (),
            decisions=decided,
            latest=latest,
            is_synthetic=synthetic,
            encoding=encoding,
        )
    except kobo.PrivacyError as error:
        if decisions:
            save_file(decisions, decisions_text(error.finds, decided), private=True)
            typer.echo(f"the list to decide on: {decisions}")
        raise
    cases = join_cases(imported, folder / "cases", progress=_note)
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
    from research_lib.interviews import kobo, xlsform
    from research_lib.interviews.survey_import import add_answers, publishable, survey_rows

    form = xlsform.study_form(folder, "networks")
    imported = kobo.read_answers(files, form, legal_basis="consent", retention=date.today())
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

    typer.echo(f"made {demonstration_study(_DATA, folder)}; release its tables with: research-lib release {folder}")


@app.command()
def release(
    folder: Folder,
    day: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The date of the release.")
    ] = None,
) -> None:
    """Release protected tables of a study's cases, audited together with all earlier releases."""
    from research_lib.disclosure.study_release import release_study

    with Progress(transient=True) as bar:
        task = bar.add_task("releasing", total=None)
        made = release_study(
            folder,
            day.date() if day else date.today(),
            progress=lambda step: bar.update(task, description=escape(step)),
        )
    for path in made.cleared:
        typer.echo(f"{path}: removed the unfinished draft of a stopped release")
    typer.echo(f"released into {made.folder}; what was hidden, why, and at what cost: {made.report}")


@app.command()
def rebuild(folder: Folder = _DATA) -> None:
    """Rebuild what is derived in a study: profiles, codings of claims, and what it has besides, such as its release."""
    from research_lib.rebuild import rebuild_all

    for path in rebuild_all(folder):
        typer.echo(f"wrote {path}")


@app.command()
def build(folder: Folder = _DATA) -> None:
    """Build the pages of a study into build/ beside it."""
    from research_lib.show.site.build import build as build_pages

    typer.echo(f"the pages are in {build_pages(folder, progress=typer.echo).folder}")


@app.command()
def serve(
    folder: Folder = _DATA,
    port: Annotated[int, typer.Option(envvar="PORT", help="The port to listen on.")] = 8866,
    address: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    name: Annotated[
        list[str] | None, typer.Option(help="A name that people use for the server, such as a proxy's; repeatable.")
    ] = None,
) -> None:
    """Build the pages of a study where needed, and serve them, and the notebooks of dashboards/ with Voilà."""
    from research_lib.show.site.build import build as build_pages
    from research_lib.show.site.serve import serve as serve_pages

    bundle = build_pages(folder, progress=typer.echo)
    typer.echo(f"serving on http://{address}:{port}/  (stop with Ctrl+C)")
    serve_pages(ROOT / "dashboards", bundle, port=port, address=address, names=name or ())


@app.command()
def export(
    page: Annotated[str, typer.Argument(help=f"one of {', '.join(PAGES)}")],
    folder: Folder = _DATA,
    *,
    to: Annotated[Path, typer.Option(help="The file to write.")],
    language: Annotated[str, typer.Option(help="The language: en or fr.")] = "en",
) -> None:
    """Write one page as a single HTML file that opens from disk and makes no request."""
    from research_lib.show.site.export import export_page

    typer.echo(f"wrote {export_page(page, to, language, study=folder)}")


def main() -> None:
    """Run the command; errors of the library are printed as messages, without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except KeyboardInterrupt:
        _stop()
    except SystemExit as ended:
        if ended.code == _STOPPED:
            _stop()
        raise
    except ResearchError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(2) from error
    except OSError as error:
        place, reason = error.filename or "a file", error.strerror or str(error)
        typer.echo(f"{place}: {reason}; check the path, its rights and the space on the disk, then try again", err=True)
        raise SystemExit(2) from error


def _stop() -> NoReturn:
    typer.echo("stopped; what was not finished is not saved, and the next command clears it away", err=True)
    raise SystemExit(_STOPPED)


def _note(sentence: str) -> None:
    typer.echo(sentence, err=True)
