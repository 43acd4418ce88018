"""A page as one file that a colleague can be mailed: it opens from disk and asks nothing of any server."""

from pathlib import Path

from research_lib.errors import ResearchError
from research_lib.show.material import open_material
from research_lib.show.pages.names import LANGUAGES, PAGES
from research_lib.show.site.bundle import ROOT
from research_lib.show.site.rendering import render
from research_lib.show.words import words


def export_page(page: str, to: Path, language: str = "en", *, root: Path = ROOT) -> Path:
    """Write one page of the study as a self-contained HTML file.

    Raises ResearchError for an unknown page or language, StudyError where the study has problems.
    """
    if page not in PAGES or language not in LANGUAGES:
        raise ResearchError(
            f"there is no page {page!r} in {language!r}; pages: {', '.join(PAGES)}; {', '.join(LANGUAGES)}"
        )
    document = render(page, open_material(root), words(language), standalone=True)
    to.write_text(document.html, encoding="utf-8")
    return to
