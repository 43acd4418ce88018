"""The style and the browser module that pages and the panel share: common parts, and each page's own."""

from collections.abc import Iterable
from pathlib import Path

_FOLDER = Path(__file__).parent


def page_style() -> str:
    """Give the style sheet of all pages."""
    return "".join((_FOLDER / f"shared/{name}.css").read_text(encoding="utf-8") for name in ("theme", "page"))


def page_module(pages: Iterable[str]) -> str:
    """Put the module of some pages together: what is shared, their own parts, and what mounts them."""
    own = [path for page in pages if (path := _FOLDER / page / f"{page}.mjs").exists()]
    parts = [_FOLDER / "shared/choices_and_cards.mjs", *own, _FOLDER / "shared/mount.mjs"]
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)
