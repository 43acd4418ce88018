"""Rendering the pages: each in one language as a finished document, with the choices and the table that it has."""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment

from research_lib.evidence.study_folders import OWN_STUDY
from research_lib.files.saving import written_beside
from research_lib.show.material import Material, open_material
from research_lib.show.pages.addresses import Addresses
from research_lib.show.pages.browser_module import page_icon, page_module, page_style
from research_lib.show.pages.fonts import font_faces
from research_lib.show.pages.opened_templates import open_templates
from research_lib.show.pages.shared.content import PageContent
from research_lib.show.site.live_pages import live_pages
from research_lib.show.words import Words, language_name, study_words

_PAGES = Path(__file__).resolve().parents[1] / "pages"
_BRACKETED = re.compile(r" ?\(([\u4e00-\u9fff][^()<>\"]*)\)")
_SPACE_BEHIND_MARK = re.compile(r"([。，、；：！？）](?:</\w+>)*) (?=(?:<[^>]*>)*[\u4e00-\u9fff《（“\d])")
_MARKS = ("colon", "comma", "semicolon", "stop")


def export_page(page: str, to: Path, language: str = "en", *, study: Path = OWN_STUDY) -> Path:
    """Write one page of a study as a self-contained HTML file.

    Raises ResearchError for a page or a language that the study does not have, StudyError where it has problems,
    SavingError where the file cannot be written; then an older one is as it was.
    """
    material = open_material(study)
    material.require_page(page, language)
    document = render(page, material, study_words(material.study, language), standalone=True)
    with written_beside(to) as part:
        part.write_text(document.html, encoding="utf-8")
    return to


def page_content(page: str, material: Material, words: Words) -> PageContent:
    """Give one page in one language; a page's code is loaded when it is first needed, since some needs seconds."""
    module = import_module(f"research_lib.show.pages.{page}.{page}_content")
    content: PageContent = getattr(module, f"{page}_content")(material, words)
    return content


@dataclass(frozen=True)
class Document:
    """One page in one language: its HTML; what its head says, and the choices and the table that stand in it.

    `parts`: its own part, `main`, and what only a click asks for, `later`, as they stand in the HTML.
    """

    html: str
    parts: Mapping[str, str]
    data: Mapping[str, Any]


def write_pages(folder: Path, wanted: Mapping[str, Sequence[str]], study: Path) -> None:
    """Render pages of a study in the languages that each is wanted in, and write them into a folder.

    A page that another process has begun is left to it. Raises StudyError where the study has problems, ResearchError
    where a release is not as it was signed.
    """
    with pd.option_context("mode.string_storage", "python"):  # tables are read row by row, which Arrow makes slow
        material = open_material(study)
        words = cache(partial(study_words, material.study))
        for page, languages in wanted.items():
            if _is_mine(folder / f"{page}.{languages[0]}.html"):
                for language in languages:
                    _write(folder, f"{page}.{language}", render(page, material, words(language)))


def _write(folder: Path, name: str, document: Document) -> None:
    (folder / f"{name}.html").write_text(document.html, encoding="utf-8")
    for kind, value in (("json", document.data), ("parts.json", document.parts)):
        (folder / f"{name}.{kind}").write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def _is_mine(page: Path) -> bool:
    """Whether this process is the first to begin a page."""
    with suppress(FileExistsError):
        page.touch(exist_ok=False)
        return True
    return False


def render(
    page: str,
    material: Material,
    words: Words,
    *,
    standalone: bool = False,
    chosen: str = "",
    part: str = "",
    address: Addresses | None = None,
    dataset: Mapping[str, Any] | None = None,
) -> Document:
    """Render one page in one language.

    `standalone` leaves out the links to other pages. `chosen`: what is chosen at first, as an address says it; `part`:
    the id of the only section to show. `address`: the addresses of the other pages, by default those on a server;
    `dataset`: how the home page of a site describes the study to programs.
    """
    content = page_content(page, material, words)
    head, choices = _description(page, content, words), {"options": content.options, "single": content.single}
    data = {
        **choices,
        "table": content.table.written(),
        "default": {name: [*values] for name, values in content.default.items()},
        "head": head | {"name": words("site.name")},
    }
    address = address or Addresses(words.language)
    live = [] if standalone else live_pages(material.study.path, language=words.language)
    common: dict[str, Any] = {
        **{"words": words, "name": page, "standalone": standalone, "address": address, "chosen": chosen, "part": part},
        "cases_kind": "synthetic" if material.is_synthetic else "real",
        "pages": material.pages,
        "apart": ["cases"] if "cases" in material.pages and material.is_synthetic else [],
        "live": [] if address.site else live,
        "unserved": [one.title for one in live] if address.site else [],
        "dataset": dataset,
        "call": not standalone and bool(len(material.study["contacts"])),
        "model": {mark: words(f"list.{mark}") for mark in _MARKS} | {**choices, **content.model},
        **{"content": content, "table": content.packed or data["table"], "later": []},
        "licence": material.study.settings.licence or words("site.no_licence"),
    }
    written = partial(_written, open_templates(_PAGES / "shared", _PAGES / page), words.language)
    body = written(f"{page}.html.j2", {**common, **content.context})
    parts = {name: written(f"{name}.html.j2", common | {"body": body}) for name in ("main", "later")}
    around = {
        "icon": page_icon(),
        "picture": "" if standalone else address.picture(page),
        "languages": {code: language_name(code) for code in material.study.settings.languages},
        "css": page_style([page]),
        "fonts": font_faces(f"{head}{''.join(parts.values())}"),
        "module": page_module([page]),
    }
    return Document(written("page.html.j2", common | head | parts | around), parts, data)


def _written(templates: Environment, language: str, template: str, names: Mapping[str, Any]) -> str:
    """Fill in a template; between Chinese words, brackets are full width, with no space behind a full-width mark."""
    text = templates.get_template(template).render(names)
    if not language.startswith("zh"):
        return text
    return _SPACE_BEHIND_MARK.sub(r"\1", _BRACKETED.sub(r"（\1）", text))


def _description(page: str, content: PageContent, words: Words) -> dict[str, str]:
    """What the head of a page says of it: its title in a tab, its heading, and its first sentence."""
    title = content.context.get("title", words(f"{page}.short"))
    heading = words.phrases.get(f"{page}.title", title)
    lede = content.context.get("lede") or words.phrases.get(f"{page}.lede", "")
    return {"title": title, "heading": heading, "description": lede}


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]), json.loads(sys.argv[3]), Path(sys.argv[2]))
