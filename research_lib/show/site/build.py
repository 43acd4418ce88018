"""Building what the pages read: every page in every language, only those anew whose inputs have changed."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from research_lib.show.pages.names import LANGUAGES, PAGES
from research_lib.show.site.bundle import COMPLETE, ROOT, Bundle
from research_lib.show.site.fingerprints import build_name, page_fingerprints

_KEPT = 3


def build(root: Path = ROOT, *, say: Callable[[str], object] = str) -> Bundle:
    """Build every page into `build/`; a page whose data and code are as in an earlier build is copied from there.

    Nothing is opened where every page is built already. Raises StudyError where the study has problems, ResearchError
    where a release is not as it was signed.
    """
    fingerprints = page_fingerprints(root)
    folder = root / "build" / build_name(fingerprints)
    if not (folder / COMPLETE).exists():
        say(f"building the pages into {folder} …")
        _build_into(folder, fingerprints, root)
        _tidy(folder.parent)
    return Bundle(folder)


def _build_into(folder: Path, fingerprints: Mapping[str, str], root: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    changed = {name for name in fingerprints if not _copied(name, fingerprints[name], folder)}
    if changed:
        from research_lib.show.site.rendering import write_pages

        pages = {page: [each for each in LANGUAGES if f"{page}.{each}" in changed] for page in PAGES}
        write_pages(folder, {page: languages for page, languages in pages.items() if languages}, root)
    (folder / COMPLETE).write_text(json.dumps(fingerprints), encoding="utf-8")


def _copied(name: str, fingerprint: str, folder: Path) -> bool:
    """Copy a page in one language from an earlier build that has it with the same fingerprint, if there is one."""
    for earlier in folder.parent.glob(f"*/{COMPLETE}"):
        if json.loads(earlier.read_text(encoding="utf-8") or "{}").get(name) == fingerprint:
            for kind in ("html", "json"):
                shutil.copyfile(earlier.with_name(f"{name}.{kind}"), folder / f"{name}.{kind}")
            return True
    return False


def _tidy(parent: Path) -> None:
    """Keep the newest builds, since a server may still read the one before."""
    for old in sorted(filter(Path.is_dir, parent.iterdir()), key=lambda folder: folder.stat().st_mtime, reverse=True)[
        _KEPT:
    ]:
        shutil.rmtree(old)
