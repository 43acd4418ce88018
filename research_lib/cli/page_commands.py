"""Commands on a study's pages: build, serve, export, site, report."""

from pathlib import Path
from typing import Annotated

import typer

from research_lib.cli.app import Folder, app
from research_lib.evidence.study_folders import OWN_STUDY
from research_lib.show.pages.study_pages import PAGES


@app.command()
def build(folder: Folder = OWN_STUDY) -> None:
    """Build the pages of a study into build/ beside it."""
    from research_lib.show.site.build import build as build_pages

    typer.echo(f"the pages are in {build_pages(folder, progress=typer.echo).folder}")


@app.command()
def serve(
    folder: Folder = OWN_STUDY,
    port: Annotated[int, typer.Option(envvar="PORT", min=1, max=65535, help="The port to listen on.")] = 8866,
    address: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    name: Annotated[
        list[str] | None, typer.Option(help="A name that people use for the server, such as a proxy's; repeatable.")
    ] = None,
    *,
    show_tracebacks: Annotated[bool, typer.Option(help="Show on a live page where in its code an error is.")] = False,
) -> None:
    """Build the pages of a study where needed, and serve them, and the notebooks in dashboards/ with Voilà."""
    from research_lib.show.site.build import build as build_pages
    from research_lib.show.site.connections import require_free
    from research_lib.show.site.live_pages import live_pages
    from research_lib.show.site.serve import serve as serve_pages

    require_free(address, port)
    bundle = build_pages(folder, progress=typer.echo)
    typer.echo(f"serving on http://{address}:{port}/  (stop with Ctrl+C)")
    for page in live_pages(folder):
        typer.echo(f"  live page: http://{address}:{port}/voila/render/{page.address}  {page.title}")
    serve_pages(bundle, study=folder, port=port, address=address, names=name or (), show_tracebacks=show_tracebacks)


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="The folder for the copy, new or made by this command.")] = Path(
        "example_study"
    ),
    port: Annotated[int, typer.Option(envvar="PORT", min=1, max=65535, help="The port to listen on.")] = 8866,
) -> None:
    """Copy the EX-CHANGE study, which the package brings, to a folder, and serve its pages."""
    from research_lib.evidence.new_study import copy_included_study

    if not (folder / "tables").is_dir():
        typer.echo(f"made {copy_included_study(folder)}, a copy of the study, which is yours to change")
    serve(folder, port)


@app.command()
def export(
    page: Annotated[str, typer.Argument(help=f"one of {', '.join(PAGES)}; or geo: the layers of the map")],
    folder: Folder = OWN_STUDY,
    *,
    to: Annotated[Path, typer.Option(help="The file to write: .html; for geo .gpkg, .geojson or .parquet.")],
    language: Annotated[str, typer.Option(help="The language of a page, one of the study's.")] = "en",
    layer: Annotated[
        list[str] | None, typer.Option(help="A layer of geo: places, legs or provinces; repeatable. Default: all.")
    ] = None,
) -> None:
    """Write one page as a single HTML file that makes no request, or the layers of the map for GIS programs."""
    if page == "geo":
        from research_lib.evidence.study import open_study
        from research_lib.exchange.geo_files import write_layers

        typer.echo(f"wrote {write_layers(open_study(folder), to, layer or [])}")
        return
    from research_lib.show.site.rendering import export_page

    typer.echo(f"wrote {export_page(page, to, language, study=folder)}")


@app.command()
def site(
    folder: Folder = OWN_STUDY,
    *,
    to: Annotated[Path, typer.Option(help="The folder to write: new, empty, or a site that this command has written.")],
    address: Annotated[str, typer.Option(help="Where the site will stand, such as https://example.org/study/.")] = "",
    since: Annotated[Path | None, typer.Option(help="The version before; the site then tells what changed.")] = None,
) -> None:
    """Write the pages in all languages and all tables as files that need no server."""
    from research_lib.show.site.static_site import write_site

    typer.echo(f"wrote {write_site(folder, to, base=address, since=since) / 'index.html'}")


@app.command()
def report(
    folder: Folder = OWN_STUDY,
    *,
    to: Annotated[Path, typer.Option(help="The file to write, which ends in .pdf.")],
    country: Annotated[
        str, typer.Option(help="A country of the study, such as NGA, set beside the others. Default: all.")
    ] = "",
    language: Annotated[str, typer.Option(help="A language of the study. Default: its first.")] = "",
    finding: Annotated[
        str, typer.Option(help="The id of a finding in study.toml: write a brief of two pages on it instead.")
    ] = "",
) -> None:
    """Write a study, or one of its findings, as a PDF to print and to send (PDF/UA-1)."""
    from research_lib.show.report.printed_report import write_report

    typer.echo(f"wrote {write_report(to, study=folder, country=country, language=language, finding=finding)}")
