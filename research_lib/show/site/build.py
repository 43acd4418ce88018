"""Building what the pages read: every page in every language, as finished documents and as rows."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from research_lib.show.drawing.labels import shortened
from research_lib.show.material import Material, open_material
from research_lib.show.pages import views
from research_lib.show.pages.browser_module import page_module, page_style
from research_lib.show.site.bundle import PAGES, ROOT, Bundle, build_folder
from research_lib.show.words import LANGUAGES, Words, words

_PAGES = Path(__file__).resolve().parents[1] / "pages"
_KEPT = 3
_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader([_PAGES / name for name in ("shared", *PAGES)]),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)
_TEMPLATES.filters |= {"num": lambda number: f"{number:g}", "shortened": shortened}


@dataclass(frozen=True)
class Document:
    """One page in one language: its HTML up to the end of the body, and its rows."""

    html: str
    rows: Mapping[str, Any]


def build(root: Path = ROOT, *, say: Callable[[str], object] = str) -> Bundle:
    """Build every page into `build/`, unless the present data and code are built already.

    Raises StudyError where the study has problems, ResearchError where a release is not as it was signed.
    """
    folder = build_folder(root)
    if not (folder / "complete").exists():
        say(f"building the pages into {folder} …")
        _build_into(folder, open_material(root))
        _tidy(folder.parent)
    return Bundle(folder)


def _build_into(folder: Path, material: Material) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        for page in PAGES:
            document = render(page, material, words(language))
            (folder / f"{page}.{language}.html").write_text(document.html, encoding="utf-8")
            (folder / f"{page}.{language}.json").write_text(
                json.dumps(document.rows, ensure_ascii=False), encoding="utf-8"
            )
    (folder / "complete").touch()


def _tidy(parent: Path) -> None:
    """Keep the newest builds, since a server may still read the one before."""
    for old in sorted(filter(Path.is_dir, parent.iterdir()), key=lambda folder: folder.stat().st_mtime, reverse=True)[
        _KEPT:
    ]:
        shutil.rmtree(old)


def render(page: str, material: Material, words: Words, *, standalone: bool = False) -> Document:
    """Render one page in one language; `standalone` leaves out the links that need a server."""
    view = views.VIEWS[page](material, words)
    query = "" if words.language == "en" else f"?lang={words.language}"
    common = {"words": words, "name": page, "standalone": standalone, "query": query}
    common |= {"cases_kind": "synthetic" if material.is_synthetic else "real"}
    content = _TEMPLATES.get_template(f"{page}.html.j2").render(**common, **view.context)
    shell = _TEMPLATES.get_template("page.html.j2").render(
        **common,
        content=content,
        title=view.context.get("title", words(f"{page}.short")),
        pages=PAGES,
        languages=LANGUAGES,
        css=page_style(),
        module=page_module([page]),
    )
    return Document(shell, view.rows)


def close(html: str) -> str:
    """Close a page's document where no server adds to it."""
    return f"{html}</body>\n</html>\n"
