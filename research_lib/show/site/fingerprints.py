"""What each page is made of, as a fingerprint: a page whose fingerprint is known already is not rendered again."""

import hashlib
from functools import cache
from pathlib import Path, PurePosixPath

from research_lib.evidence.geography import boundaries_of
from research_lib.evidence.settings import read_settings
from research_lib.show.pages.study_pages import PAGES, study_pages
from research_lib.show.site.live_pages import live_pages

_PACKAGE = Path(__file__).resolve().parents[2]
MADE_FROM = (".csv", ".bib", ".geojson", ".json", ".sig", ".toml", ".py", ".j2", ".mjs", ".css", ".po", ".md")
_READ_BY_NO_PAGE = ("raw", "curated", "instruments", "datapackage.json", "README.md")
_READ_BY_ONE = {
    "ERRATA.md": "about",
    "contacts.csv": "about",
    "glossary.csv": "about",
    "curated/short_profiles.csv": "profiles",
}
TABLES = {
    "home": ["claims", "figures", "groups", "legs", "places", "routes", "sections"],
    "routes": ["claims", "figures", "groups", "legs", "places", "routes", "sections"],
    "profiles": ["claims", "codebook", "figures", "groups", "places", "profiles", "routes", "sections"],
    "comparison": ["claims", "comparisons", "pathways", "places", "provisions", "sections"],
    "assessment": ["definition_elements", "indicators", "places", "sections", "situations"],
    "networks": [
        *("best_practices", "documented_profiles", "exchanges", "memberships", "networks", "organisations"),
        *("partnerships", "places", "professional_profiles", "recommendations", "roles", "sections", "services"),
        *("survey_answers", "ties"),
    ],
    "evidence": [
        *("calibrations", "claims", "codebook", "codings", "comparisons", "figures", "groups", "indicators", "legs"),
        *("memberships", "networks", "organisations", "pathways", "places", "profiles", "provisions", "routes"),
        *("sections", "situations", "survey_answers", "ties"),
    ],
    "cases": ["codebook", "places"],
    "about": ["claims", "figures", "legs", "places", "routes", "sections"],
}
IN_EVERY_LANGUAGE = ("evidence",)  # pages that hold words of each language of the study
_BROUGHT_BY_THE_PACKAGE = ("boundaries", "common", "demonstration", "notebooks", "practice")  # data, not code
OUTLINES = {
    "profiles": ["countries", "provinces"],
    "routes": ["countries", "provinces"],
}
COUNTS_NOTEBOOKS = ("home",)


def page_fingerprints(study: Path) -> dict[str, str]:
    """Give a fingerprint of all that each page of a study in each language is made of, such as `home.en`.

    Only the tables and outlines that a page reads count for it; `TABLES` and `OUTLINES` list them. Other files of the
    study count for every page: each page's menu states whether the release is synthetic, and names the live pages.
    """
    digest = cache(lambda path: hashlib.sha256(path.read_bytes()).hexdigest())
    code, data = _files(_PACKAGE), _files(study)
    data |= {f"curated/geography/{name}": path for name, path in _files(boundaries_of(study)).items()}

    every = [(page, language) for page in study_pages(study) for language in read_settings(study).languages]
    live = [
        f"{page.path} {page.title}"
        for code in read_settings(study).languages
        for page in live_pages(study, language=code)
    ]
    menu = " ".join([*(f"{page}.{language}" for page, language in every), *live])

    def of(page: str, language: str) -> str:
        own = {f"code/{name}": digest(path) for name, path in code.items() if is_code_of(page, language, name)}
        own |= {f"data/{name}": digest(path) for name, path in data.items() if is_data_of(page, language, name)}
        notebooks = sorted(path.name for path in study.parent.glob("notebooks/*.ipynb") if page in COUNTS_NOTEBOOKS)
        return _digest(menu, *(f"{name} {found}" for name, found in own.items()), *notebooks)

    return {f"{page}.{language}": of(page, language) for page, language in every}


def build_name(fingerprints: dict[str, str]) -> str:
    """Name a build by the fingerprints of its pages: twelve hexadecimal digits."""
    return _digest(*(f"{page} {found}" for page, found in fingerprints.items()))[:12]


def is_data_of(page: str, language: str, name: str) -> bool:
    """Whether a file of the study's folder, named from there, counts for a page in a language."""
    path = PurePosixPath(name)
    if path.parts[0] == "tables":
        return path.stem in TABLES[page]
    if path.parts[:2] == ("curated", "geography"):
        return path.stem in OUTLINES.get(page, ())
    if name in _READ_BY_ONE:
        return page == _READ_BY_ONE[name]
    return path.parts[0] not in _READ_BY_NO_PAGE and _is_in(page, language, path)


def is_code_of(page: str, language: str, name: str) -> bool:
    """Whether a file of the package, named from there, counts for a page in a language."""
    folder, path = name.split("/"), PurePosixPath(name)
    if path.parent.name in _BROUGHT_BY_THE_PACKAGE:
        return False
    if folder[:2] == ["show", "pages"]:
        return folder[2] == page or folder[2] not in PAGES
    return _is_in(page, language, path)


def _is_in(page: str, language: str, path: PurePosixPath) -> bool:
    """Whether a file counts for a page in a language: a catalogue of another one does for some pages only."""
    return path.suffix != ".po" or path.stem == language or page in IN_EVERY_LANGUAGE


def _files(folder: Path) -> dict[str, Path]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix in MADE_FROM and path.is_file())
    return {path.relative_to(folder).as_posix(): path for path in paths}


def _digest(*lines: str) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
