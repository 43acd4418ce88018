"""The style, the icon and the browser module that pages and the panel share: common parts, and each page's own."""

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from research_lib.show.pages.names import PAGES

_FOLDER = Path(__file__).parent
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#174f8f"/>'
    '<path d="M6 22Q16 2 26 14" fill="none" stroke="#fff" stroke-width="3"/>'
    '<circle cx="6" cy="22" r="3.5" fill="#fff"/><circle cx="26" cy="15" r="3.5" fill="#fff"/></svg>'
)
_COMMENT = re.compile(r"^ *//.*\n", re.MULTILINE)


def page_style(pages: Iterable[str] = PAGES) -> str:
    """Put the style sheet of some pages together: what is shared, and their own rules."""
    own = [path for page in pages if (path := _FOLDER / page / f"{page}.css").exists()]
    parts = [_FOLDER / "shared/theme.css", _FOLDER / "shared/page.css", *own]
    return re.sub(r"/\*.*?\*/\n", "", "".join(part.read_text(encoding="utf-8") for part in parts), flags=re.DOTALL)


def page_icon() -> str:
    """Give the icon of all pages as an address that holds it."""
    return f"data:image/svg+xml,{quote(_ICON)}"


def page_module(pages: Iterable[str]) -> str:
    """Put the module of some pages together: what is shared, their own parts, and what mounts them; no comments.

    What saves pictures comes with the pages that do.
    """
    first, pictures, last = (_FOLDER / f"shared/{name}.mjs" for name in ("choices_and_cards", "pictures", "mount"))
    own = [path.read_text(encoding="utf-8") for page in pages for path in sorted((_FOLDER / page).glob("*.mjs"))]
    shared = [pictures] if any("savePicture(" in part for part in own) else []
    before = [path.read_text(encoding="utf-8") for path in (first, *shared)]
    return _COMMENT.sub("", "\n".join([*before, *own, last.read_text(encoding="utf-8")]))
