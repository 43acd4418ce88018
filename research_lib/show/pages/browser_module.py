"""The style, the icon and the browser module that pages and the panel share: common parts, and each page's own."""

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from research_lib.errors import ResearchError
from research_lib.show.pages.study_pages import PAGES

_FOLDER = Path(__file__).parent
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#174f8f"/>'
    '<path d="M6 22Q16 2 26 14" fill="none" stroke="#fff" stroke-width="3"/>'
    '<circle cx="6" cy="22" r="3.5" fill="#fff"/><circle cx="26" cy="15" r="3.5" fill="#fff"/></svg>'
)
_COMMENT = re.compile(r"^ *//[^\n]*\n|(?<=[;,{}]) +// [^\n]*|^ */\*\*.*?\*/\n", re.MULTILINE | re.DOTALL)
_SPACE = re.compile(r"\n\s+")  # before a line; no text of a module goes over several lines
_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n+', re.MULTILINE)
_DEFINED = re.compile(r"^(export )?((?:async )?(?:function|class|const|let) (\w+))", re.MULTILINE)


def page_style(pages: Iterable[str] = PAGES) -> str:
    """Put the style sheet of some pages together: what is shared, and their own rules."""
    own = [path for page in pages if (path := _FOLDER / page / f"{page}.css").exists()]
    parts = [_FOLDER / "shared/theme.css", _FOLDER / "shared/page.css", *own]
    return re.sub(r"/\*.*?\*/\n", "", "".join(part.read_text(encoding="utf-8") for part in parts), flags=re.DOTALL)


def page_icon() -> str:
    """Give the icon of all pages as an address that holds it."""
    return f"data:image/svg+xml,{quote(_ICON)}"


def page_module(pages: Iterable[str]) -> str:
    """Put the module of some pages together: their own parts, what these need, and what mounts them; no comments."""
    return joined_modules([*(_FOLDER / page / f"{page}.mjs" for page in pages), _FOLDER / "shared/mount.mjs"])


def joined_modules(entries: Iterable[Path]) -> str:
    """Put browser modules and all that they import into one, each after what it needs.

    Imports, the word `export`, comments, empty lines and indents are left out.

    Raises ResearchError for a file that is not there, an import of a name that the file does not export, one that is
    written in another way, a name that two files define, and a ring.
    """
    texts: dict[Path, str] = {}
    for entry in entries:
        _add(entry.resolve(), texts, ())
    _require_own_names(texts)
    return _SPACE.sub("\n", "\n".join(_DEFINED.sub(r"\2", text) for text in texts.values()))


def _add(path: Path, texts: dict[Path, str], trail: tuple[Path, ...]) -> None:
    """Add a module after what it imports; `trail` leads to it."""
    if path in trail:
        ring = " → ".join(each.name for each in (*trail[trail.index(path) :], path))
        raise ResearchError(f"{ring}: these modules import each other in a ring; put what both need into a third")
    if path in texts:
        return
    if not path.is_file():
        raise ResearchError(f"{(trail or (path,))[-1].name} imports {path.name}, which is not there ({path})")
    text = _COMMENT.sub("", path.read_text(encoding="utf-8"))
    for names, address in _IMPORT.findall(text):
        _add(needed := (path.parent / address).resolve(), texts, (*trail, path))
        _require_exports(needed, names, texts[needed], path)
    texts[path] = _IMPORT.sub("", text)
    if other := re.search(r"^(?:import\b|export [{*]).*", texts[path], re.MULTILINE):
        raise ResearchError(
            f'{path.name}: {other[0]!r:.80}; write: import {{ name }} from "./file.mjs"; and export where it is made'
        )


def _require_exports(path: Path, names: str, text: str, by: Path) -> None:
    exported = {name for export, _, name in _DEFINED.findall(text) if export}
    if missing := {name.strip() for name in names.split(",")} - {""} - exported:
        raise ResearchError(f"{by.name} imports {', '.join(sorted(missing))}, which {path.name} does not export")


def _require_own_names(texts: dict[Path, str]) -> None:
    owners: dict[str, Path] = {}
    for path, text in texts.items():
        for *_, name in _DEFINED.findall(text):
            if name in owners:
                raise ResearchError(f"{name} is defined in {owners[name].name} and in {path.name}; rename one")
            owners[name] = path
