"""A page as one file that a colleague can be mailed: it opens from disk and asks nothing of any server."""

from pathlib import Path

from research_lib.errors import ResearchError
from research_lib.evidence.settings import OWN_STUDY
from research_lib.files.saving import written_beside
from research_lib.show.material import open_material
from research_lib.show.site.rendering import render
from research_lib.show.words import study_words


def export_page(page: str, to: Path, language: str = "en", *, study: Path = OWN_STUDY) -> Path:
    """Write one page of a study as a self-contained HTML file.

    Raises ResearchError for a page or a language that the study does not have, StudyError where it has problems,
    SavingError where the file cannot be written; then an older one is as it was.
    """
    material = open_material(study)
    languages = material.study.settings.languages
    if page not in material.pages or language not in languages:
        known = f"pages: {', '.join(material.pages)}; languages: {', '.join(languages)}"
        raise ResearchError(f"the study has no page {page!r} in {language!r}; {known}")
    document = render(page, material, study_words(material.study, language), standalone=True)
    with written_beside(to) as part:
        part.write_text(document.html, encoding="utf-8")
    return to
