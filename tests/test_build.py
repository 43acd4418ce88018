"""Building the pages: what did not change is not rendered again, and what a page reads is what it declares."""

import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT, sample_of_today
from second_study import FOLDER

from research_lib.errors import ResearchError, StudyError
from research_lib.evidence import study_folders
from research_lib.show.material import open_material
from research_lib.show.pages.study_pages import PAGES, study_pages
from research_lib.show.phrase_files import LANGUAGES
from research_lib.show.site import build as building
from research_lib.show.site import rendering
from research_lib.show.site.build import build
from research_lib.show.words import study_words

EVERY = {f"{page}.{language}" for page in PAGES for language in LANGUAGES}
BUILT = study_pages(FOLDER)  # those of the second study, which is small


class Recorded(Mapping):
    """A mapping that remembers which of its values were taken; one that is walked through counts as taken whole."""

    def __init__(self, values):
        self.values_by_name, self.taken = values, set()

    def __getitem__(self, name):
        self.taken.add(name)
        return self.values_by_name[name]

    def __contains__(self, name):
        return name in self.values_by_name

    def __iter__(self):
        self.taken.update(self.values_by_name)
        return iter(self.values_by_name)

    def __len__(self):
        return len(self.values_by_name)


@pytest.fixture(scope="module")
def material():
    return open_material(ROOT / "data")


@pytest.fixture(scope="module")
def opened():
    """Names of files that Python opens and folders that it lists, from here on."""
    names = []
    sys.addaudithook(lambda event, args: names.append(str(args[0])) if event in ("open", "os.scandir") else None)
    return names


# Whether these have something decides which live pages the menu names, and the menu counts for every page.
LOOKED_FOR = {
    ROOT / f"data/{name}" for name in ("released", "released/synthetic-demonstration", "tables/calibrations.csv")
}


@pytest.mark.parametrize("page", PAGES)
def test_while_rendering_a_page_reads_what_it_declares_and_opens_only_files_that_count_for_it(page, material, opened):
    tables, geography = Recorded(material.study.table_files), Recorded(material.geography)
    for language in sample_of_today(LANGUAGES, 1, name=page):
        recorded = replace(material, study=replace(material.study, table_files=tables), geography=geography)
        opened.clear()
        rendering.render(page, recorded, study_words(recorded.study, language))
        require_only_files_that_count(page, language, [Path(name) for name in opened])
    assert tables.taken == set(PAGES[page].tables)
    assert geography.taken == set(PAGES[page].outlines)


def require_only_files_that_count(page, language, paths):
    package = [path.relative_to(ROOT / "research_lib") for path in paths if path.is_relative_to(ROOT / "research_lib")]
    assert Path(f"show/catalogues/{language}.po") in package
    files = [path for path in package if path.suffix != ".pyc" and (ROOT / "research_lib" / path).is_file()]
    assert {path.suffix for path in files} <= {*building.MADE_FROM}
    assert [path for path in files if not building.is_code_of(page, language, path.as_posix())] == []
    read = LANGUAGES if PAGES[page].in_every_language else [language]
    opened_of_the_study = {path for path in paths if path.is_relative_to(ROOT / "data")} - LOOKED_FOR
    of_one = {"about": {ROOT / "data/ERRATA.md"}, "profiles": {ROOT / "data/curated/short_profiles.csv"}}
    assert opened_of_the_study == {ROOT / f"data/phrases/{each}.po" for each in read} | of_one.get(page, set())
    assert (ROOT / "notebooks" in paths) == PAGES[page].counts_notebooks


def test_no_page_uses_the_code_of_another():
    pages = ROOT / "research_lib/show/pages"
    named = {
        (page, other)
        for page in PAGES
        for path in (pages / page).glob("*.py")
        for other in re.findall(r"research_lib\.show\.pages\.(\w+)", path.read_text(encoding="utf-8"))
    }
    assert {(page, other) for page, other in named if other in PAGES and other != page} == set()


def copy_of_the_study(root, study=ROOT / "data"):
    """A copy of a study and of the package's files."""
    shutil.copytree(study, root / "data", ignore=shutil.ignore_patterns("raw", ".lock"))
    shutil.copytree(ROOT / "research_lib", root / "research_lib", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "notebooks").mkdir()
    return root


def in_english(root):
    """A copy of which each page has one language."""
    settings = root / "data/study.toml"
    text = settings.read_text(encoding="utf-8")
    text, found = re.subn(r"(?m)^languages = .*$", 'languages = ["en"]', text)
    assert found == 1
    settings.write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the second study that a test may change; its fingerprints follow the copy."""
    monkeypatch.setattr(building, "_PACKAGE", tmp_path / "research_lib")
    monkeypatch.setattr(study_folders, "BOUNDARIES", tmp_path / "research_lib/evidence/boundaries")
    return copy_of_the_study(tmp_path, FOLDER)


@pytest.fixture(scope="module")
def first_build(tmp_path_factory):
    """Every page of a copy in English, rendered once: the pages that this rendered, and the folder that it made."""
    root = in_english(copy_of_the_study(tmp_path_factory.mktemp("first"), FOLDER))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "_PACKAGE", root / "research_lib")
        patch.setattr(study_folders, "BOUNDARIES", root / "research_lib/evidence/boundaries")
        sets = recorded(patch)
        folder = build(root / "data").folder
    assert sets == [of(*BUILT, languages=["en"])]
    return folder


@pytest.fixture
def built(copied, first_build):
    """A copy with every page built in English, and the folder of its build."""
    in_english(copied)
    shutil.copytree(first_build, copied / "build/data" / first_build.name)
    bundle = build(copied / "data")
    assert bundle.folder.name == first_build.name
    return copied, bundle


def touch(path):
    """Change the bytes of a file, not what it means."""
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


@pytest.fixture(scope="module")
def one_copy(tmp_path_factory):
    return copy_of_the_study(tmp_path_factory.mktemp("one"))


@pytest.fixture(scope="module")
def kept():
    """The fingerprints of the pages of a copy that nobody has changed, once they are known."""
    return {}


@pytest.fixture
def changed_by(one_copy, kept, monkeypatch):
    """Gives the pages for which a changed file counts, and puts the file back."""
    monkeypatch.setattr(building, "_PACKAGE", one_copy / "research_lib")
    monkeypatch.setattr(study_folders, "BOUNDARIES", one_copy / "research_lib/evidence/boundaries")

    def change(name):
        if not kept:
            kept.update(building.page_fingerprints(one_copy / "data"))
        content = (one_copy / name).read_bytes()
        touch(one_copy / name)
        after = building.page_fingerprints(one_copy / "data")
        (one_copy / name).write_bytes(content)
        return {page for page in kept if kept[page] != after[page]}

    return change


def of(*pages, languages=LANGUAGES):
    return {f"{page}.{language}" for page in pages for language in languages}


CHANGES = [
    ("data/tables/codebook.csv", of("cases", "evidence", "profiles")),
    ("data/tables/ties.csv", of("evidence", "networks")),
    ("data/tables/legs.csv", of("about", "evidence", "home", "routes")),
    ("data/glossary.csv", of("about")),
    ("data/ERRATA.md", of("about")),
    ("data/README.md", set()),
    ("data/tables/codings.csv", of("evidence")),
    ("data/tables/omissions.csv", set()),
    ("research_lib/evidence/boundaries/world.geojson", set()),
    ("research_lib/evidence/boundaries/provinces.geojson", of("profiles", "routes")),
    ("data/curated/short_profiles.csv", of("profiles")),
    ("data/curated/hedges.csv", set()),
    ("research_lib/interviews/forms/common/roles.csv", set()),
    ("data/sources.bib", EVERY),
    ("data/study.toml", EVERY),
    ("data/released/synthetic-demonstration/tables/education.csv", EVERY),
    ("research_lib/show/catalogues/fr.po", of(*PAGES, languages=["fr"]) | of("evidence")),
    ("research_lib/show/pages/routes/routes.html.j2", of("routes")),
    ("research_lib/show/pages/routes/routes.mjs", of("routes")),
    ("research_lib/show/pages/cases/cases_page.py", of("cases")),
    ("research_lib/show/pages/shared/page.html.j2", EVERY),
    ("research_lib/show/site/rendering.py", EVERY),
    ("research_lib/compare/profiles.py", EVERY),
]


@pytest.mark.parametrize(("name", "expected"), CHANGES)
def test_a_change_counts_for_the_pages_that_are_made_of_it(changed_by, name, expected):
    assert changed_by(name) == expected


def test_another_version_of_a_library_counts_for_every_page(tmp_path, monkeypatch):
    before = building.page_fingerprints(FOLDER)
    (tmp_path / "some_library-2.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    after = building.page_fingerprints(FOLDER)
    assert before.keys() == after.keys()
    assert [page for page in before if before[page] == after[page]] == []


def test_a_notebook_more_counts_for_the_home_page(copied):
    before = building.page_fingerprints(copied / "data")
    (copied / "notebooks/one_more.ipynb").write_text("{}", encoding="utf-8")
    after = building.page_fingerprints(copied / "data")
    assert {page for page in before if before[page] != after[page]} == of("home", languages=LANGUAGES[:2])


def recorded(patch):
    """The pages that each build renders, one set for each build that renders any; they are rendered as ever."""
    real, sets = building.render_pages, []

    def render_pages(folder, wanted, root):
        if wanted:
            sets.append({f"{page}.{language}" for page, languages in wanted.items() for language in languages})
        real(folder, wanted, root)

    patch.setattr(building, "render_pages", render_pages)
    return sets


@pytest.fixture
def rendered(monkeypatch):
    return recorded(monkeypatch)


def content(bundle, name):
    return [(bundle.folder / f"{name}.{kind}").read_bytes() for kind in ("html", "json")]


@pytest.mark.slow
def test_only_changed_pages_are_rendered_and_nothing_is_opened_without_a_change(built, rendered):
    copied, first = built
    touch(copied / "data/tables/omissions.csv")
    assert build(copied / "data") == first
    table = copied / "data/tables/situations.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("Farm at", "Farm near"), encoding="utf-8")
    second = build(copied / "data")
    assert rendered == [of("assessment", "evidence", languages=["en"])]
    differs = {name for name in of(*BUILT, languages=["en"]) if content(first, name) != content(second, name)}
    assert differs == {"assessment.en", "evidence.en"}


def test_nothing_is_built_without_a_change(built, rendered):
    copied, first = built
    assert build(copied / "data") == first
    assert rendered == []


def cut_short(page):
    page.write_bytes(page.read_bytes()[:-1])


@pytest.mark.parametrize("damage", [cut_short, Path.unlink])
def test_a_page_that_is_damaged_or_gone_is_rendered_anew(built, rendered, damage):
    copied, first = built
    before = content(first, "about.en")
    damage(first.folder / "about.en.html")
    with pytest.raises(ResearchError, match="is not built"):
        building.open_bundle(copied / "data")
    assert build(copied / "data") == first
    assert rendered == [of("about", languages=["en"])]
    assert content(first, "about.en") == before


@pytest.mark.nightly
def test_pages_of_two_earlier_builds_are_put_together(built, rendered):
    copied, first = built
    names = ("data/tables/codebook.csv", "data/glossary.csv")
    untouched = [(copied / name).read_text(encoding="utf-8") for name in names]
    folders = {first.folder}
    for name, before in zip(names, untouched, strict=True):
        touch(copied / name)
        folders.add(build(copied / "data").folder)
        (copied / name).write_text(before, encoding="utf-8")
    for name in names:
        touch(copied / name)
    folders.add(build(copied / "data").folder)
    assert len(folders) == 4
    assert rendered == [of("evidence", "profiles", languages=["en"]), of("about", languages=["en"])]


@pytest.mark.nightly
def test_a_build_that_was_stopped_is_not_copied_from(built, rendered):
    copied, first = built
    (first.folder / "complete").unlink()
    touch(copied / "data/tables/ties.csv")
    build(copied / "data")
    assert rendered == [of(*BUILT, languages=["en"])]


def test_a_study_with_a_problem_is_not_built(copied):
    table = copied / "data/tables/ties.csv"
    table.write_text(table.read_text(encoding="utf-8") + "x\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"ties\.csv"):
        build(copied / "data")
    assert not list((copied / "build").rglob("complete"))


def test_what_stops_the_process_beside_this_one_is_reported(copied, tmp_path, monkeypatch):
    monkeypatch.setattr(building, "_render_here", lambda *_: None)  # leaves all pages to the other process
    with pytest.raises(ResearchError, match=r"(?s)the pages could not be rendered:.*No such file.*nowhere"):
        building.render_pages(tmp_path / "nowhere", {"home": ["en"], "about": ["en"]}, copied / "data")
