"""The command `research-lib`: check, describe, make and build a study, serve and export its pages."""

from pathlib import Path
from typing import Annotated

import typer

from research_lib.errors import ResearchError
from research_lib.evidence.describe import write_descriptions
from research_lib.evidence.scaffold import new_study
from research_lib.evidence.study import open_study
from research_lib.show.site.bundle import ROOT

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
Folder = Annotated[Path, typer.Argument(help="The study's folder.")]
_DATA = ROOT / "data"


@app.command()
def check(folder: Folder = _DATA) -> None:
    """List every problem of a study, with file, line and column."""
    problems = open_study(folder).problems()
    for problem in problems:
        typer.echo(str(problem))
    typer.echo(f"{len(problems)} problems")
    raise typer.Exit(int(bool(problems)))


@app.command()
def new(folder: Folder) -> None:
    """Make an empty study that passes its own check."""
    typer.echo(f"made {new_study(folder)}; check it with: research-lib check {folder}")


@app.command()
def describe(folder: Folder = _DATA) -> None:
    """Write the study's README.md and datapackage.json anew from the table classes."""
    write_descriptions(folder)


@app.command()
def rebuild() -> None:
    """Rebuild what is derived from elsewhere: the boundaries of countries and provinces, and the table of profiles."""
    from research_lib.exchange.rebuild import rebuild_all

    for path in rebuild_all(_DATA):
        typer.echo(f"wrote {path}")


@app.command()
def build() -> None:
    """Build what the pages read into build/."""
    from research_lib.show.site.build import build as build_pages

    typer.echo(f"the pages stand in {build_pages(say=typer.echo).folder}")


@app.command()
def serve(
    port: Annotated[int, typer.Option(envvar="PORT", help="The port to listen on.")] = 8866,
    pool: Annotated[int, typer.Option(help="Kernels that wait ready for each page.")] = 1,
    address: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
) -> None:
    """Build the pages where needed, and serve them on Voilà."""
    from research_lib.show.site.build import build as build_pages
    from research_lib.show.site.serve import serve as serve_pages

    bundle = build_pages(say=typer.echo)
    typer.echo(f"serving on http://{address}:{port}/  (stop with Ctrl+C)")
    serve_pages(ROOT / "dashboards", bundle, port=port, pool=pool, address=address)


@app.command()
def export(
    page: Annotated[str, typer.Argument(help="home, routes or profiles.")],
    to: Annotated[Path, typer.Option(help="The file to write.")],
    language: Annotated[str, typer.Option(help="en or fr.")] = "en",
) -> None:
    """Write one page as a single HTML file that opens from disk without any request."""
    from research_lib.show.site.export import export_page

    typer.echo(f"wrote {export_page(page, to, language)}")


def main() -> None:
    """Run the command; what the library refuses is said in its own words, without a traceback."""
    try:
        app()
    except ResearchError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(2) from error
    except OSError as error:
        typer.echo(f"{error.filename}: {error.strerror}", err=True)
        raise SystemExit(2) from error
