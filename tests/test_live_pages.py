"""Live pages: ordinary notebooks of every kind, in the study's frame, without a request to another machine."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import jinja2
import nbformat
import psutil
import pytest
from conftest import NIGHTLY, ROOT, axe_finds, free_port, kernels, resize, run_server, wait_until_served
from live_notebooks import ASKS_ELSEWHERE, DROPDOWN, KINDS, notebooks_of, write_notebook, write_notebooks
from playwright.sync_api import expect
from second_study import FOLDER

from research_lib import new_study
from research_lib.show.site.build import page_fingerprints
from research_lib.show.site.finished_pages import with_menu
from research_lib.show.site.live_pages import LivePage, live_pages, notebook_told, own_folder, served_folder, translate
from research_lib.show.site.voila_parts import KeptCode, sentence
from research_lib.show.words import words

ENDED = "The session of this page has ended, so its controls do nothing."
STARTED = 150_000  # milliseconds that all these notebooks together may take to start on a busy machine
expect.set_options(timeout=STARTED / 5)


class Tab:
    """A live page in the browser, with the hosts that it asks and what it complains of."""

    def __init__(self, page, address):
        self.page, self.asked, self.complaints = page, [], []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("websocket", lambda socket: self.asked.append(socket.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(address, wait_until="commit")

    def shown(self):
        """The page, as soon as its cells are shown."""
        expect(self.page.locator("#complete")).to_have_count(1, timeout=STARTED)
        expect(self.page.locator("#loading")).to_have_count(0, timeout=STARTED)
        return self.page

    def hosts(self):
        return {urlsplit(url).netloc for url in self.asked if url.startswith(("http", "ws"))}


@pytest.fixture(scope="module")
def study(readable):
    """A study with a notebook of each kind in its own `dashboards/`."""
    folder = readable / "orinoco"
    shutil.copytree(ROOT / "tests/orinoco", folder)
    write_notebooks(folder / "dashboards", each_alone=NIGHTLY)
    write_notebook(folder / "dashboards/elsewhere.ipynb", "# A map from elsewhere", ASKS_ELSEWHERE)
    return folder


@pytest.fixture(scope="module")
def server(study, second_bundle):
    """The address of the server of that study, and its process; its pages were built without its notebooks."""
    with run_server(study.parent, study=study, pages=FOLDER) as (port, pid):
        yield f"http://127.0.0.1:{port}/voila/render/", psutil.Process(pid)


@pytest.fixture(scope="module")
def tabs(server, browser):
    """All kinds of notebooks, opened at the same time, each with the tab that it stands in."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    opened = {}
    for name, kinds in notebooks_of(KINDS, each_alone=NIGHTLY).items():
        opened |= dict.fromkeys(kinds, Tab(context.new_page(), f"{server[0]}{name}.ipynb"))
    yield opened
    context.close()


def choose_a_country(page):
    page.select_option("select", "Italy")
    expect(page.get_by_text("Italy is chosen")).to_be_visible()


def move_the_slider(page):
    expect(page.get_by_text("3 years squared are 9")).to_be_visible()
    page.get_by_role("slider").press("ArrowRight")
    expect(page.get_by_text("4 years squared are 16")).to_be_visible()


def click_on_the_map(page):
    page.locator(".leaflet-container path").click()
    expect(page.get_by_text("a click on here")).to_be_visible()


def zoom_into_the_map(page):
    drawn = page.frame_locator("iframe")
    before = drawn.locator("path").first.get_attribute("d")
    drawn.get_by_role("button", name="Zoom in").click()
    expect(drawn.locator("path").first).not_to_have_attribute("d", before)


def point_at_the_chart(page):
    page.locator(".vega-embed .mark-rect path").first.hover()
    expect(page.locator("#vg-tooltip-element")).to_have_text("3")


def draw_a_line(page):
    expect(page.get_by_text("a line to 7", exact=True)).to_be_visible()
    page.get_by_label("End").fill("9")
    page.get_by_label("End").press("Enter")
    expect(page.get_by_text("a line to 9", exact=True)).to_be_visible()
    assert page.locator(".jp-RenderedImage img").evaluate("picture => picture.naturalWidth") > 300


def show_the_table(page):
    page.get_by_role("button", name="Show the table").click()
    expect(page.get_by_role("cell", name="Slovakia")).to_be_visible()


def send_a_file(page):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload").click()
    chooser.value.set_files({"name": "own.csv", "mimeType": "text/csv", "buffer": b"a\n1\n"})
    expect(page.get_by_text("4 bytes")).to_be_visible()


def save_a_file(page):
    with page.expect_download() as download:
        page.get_by_role("link", name="Save the table").click()
    assert Path(download.value.path()).read_text(encoding="utf-8") == "country,women\nFrance,3\n"


def compute(page):
    page.get_by_role("button", name="Compute").click()
    expect(page.get_by_text("computed", exact=True)).to_be_visible()
    assert "100%" in page.locator(".progress-bar").get_attribute("style")


def press(page):
    page.get_by_role("button", name="pressed 0 times").click()
    expect(page.get_by_role("button", name="pressed 1 times")).to_be_visible()


REACTIONS = {
    "dropdown": choose_a_country,
    "interact": move_the_slider,
    "ipyleaflet": click_on_the_map,
    "folium": zoom_into_the_map,
    "altair": point_at_the_chart,
    "matplotlib": draw_a_line,
    "output": show_the_table,
    "upload": send_a_file,
    "download": save_a_file,
    "progress": compute,
    "anywidget": press,
}


@pytest.mark.browser
@pytest.mark.parametrize("kind", KINDS)
def test_a_notebook_is_shown_reacts_and_asks_no_other_machine(tabs, server, kind):
    page = tabs[kind].shown()
    page.bring_to_front()
    REACTIONS[kind](page)
    assert tabs[kind].hosts() == {urlsplit(server[0]).netloc}
    assert tabs[kind].complaints == []


@pytest.mark.browser
def test_a_later_visitor_gets_most_scripts_as_one(server, browser):
    scripts = []
    for _ in range(2):
        with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
            visit = Tab(context.new_page(), f"{server[0]}ipyleaflet.ipynb")
            click_on_the_map(visit.shown())
            scripts.append([url for url in visit.asked if ".js" in url])
            assert visit.complaints == []
    before, later = scripts
    assert len([url for url in later if "/static/joined." in url]) == 1
    assert len(later) < len(before) / 2 and len(later) == len(set(later))


@pytest.mark.browser
def test_a_map_that_asks_another_machine_says_why_it_is_empty(server, browser):
    page = Tab(browser.new_page(), f"{server[0]}elsewhere.ipynb").shown()
    expect(page.get_by_role("note")).to_contain_text("asks another machine for its parts")
    assert page.locator("iframe").count() == 1
    page.close()


@pytest.mark.browser
def test_the_menu_names_all_live_pages_and_the_open_one(tabs):
    page = tabs["altair"].shown()
    page.get_by_text("For researchers", exact=True).click()
    names = page.locator(".masthead .wide details a").all_inner_texts()
    assert set(names) >= {KINDS[name][0] for name in notebooks_of(KINDS, each_alone=NIGHTLY)}
    assert page.locator('.masthead .wide details [aria-current="page"]').all_inner_texts() == [KINDS["altair"][0]]
    assert page.title() == f"{KINDS['altair'][0]} · SYNTHETIC: across the Orinoco"


@pytest.mark.browser
def test_a_finished_page_leads_to_a_live_page(server, open_visit):
    page = open_visit(f"{server[0]}routes.ipynb?lang=fr").page
    page.get_by_text("Pour la recherche", exact=True).click()
    page.get_by_role("link", name=KINDS["dropdown"][0]).click(no_wait_after=True)
    expect(page.locator("#loading_text")).to_contain_text("sur 3 :", timeout=STARTED)
    assert page.url.endswith("dropdown.ipynb?lang=fr")
    assert page.evaluate("document.documentElement.lang") == "fr"


@pytest.mark.browser
def test_the_first_words_are_painted_before_python_has_answered(tabs):
    page = tabs["dropdown"].shown()
    painted = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    assert page.evaluate(f"{painted} < performance.getEntriesByType('navigation')[0].responseEnd")


@pytest.mark.browser
def test_a_live_page_has_no_barrier_and_is_not_wider_than_the_window(tabs):
    page = tabs["progress"].shown()
    for width, scheme in ((1280, "dark"), (768, "dark"), (390, "light")):
        resize(page, width)
        page.emulate_media(color_scheme=scheme)
        assert axe_finds(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
def test_on_paper_stand_all_cells_without_the_menu(tabs):
    page = tabs["ipyleaflet"].shown()
    page.emulate_media(media="print")
    expect(page.get_by_text(KINDS["ipyleaflet"][0]).last).to_be_visible()
    expect(page.locator(".masthead nav").first).to_be_hidden()
    heights = page.evaluate("[document.documentElement, rendered_cells].map((part) => part.scrollHeight)")
    assert heights[1] > 400 and heights[0] >= heights[1]


@pytest.mark.browser
def test_a_page_says_that_its_session_has_ended_and_starts_again(tabs, server):
    page = tabs["progress"].shown()
    page.bring_to_front()
    expect(page.locator("#session")).to_be_hidden()
    for kernel in kernels(server[1]):
        kernel.kill()
    expect(page.locator("#session")).to_be_visible(timeout=30_000)
    expect(page.locator("#session")).to_contain_text(ENDED)
    assert page.locator(".jupyter-widgets").first.evaluate("part => part.inert") is True
    page.get_by_role("button", name="Start again").click()
    expect(page.locator("#session")).to_be_hidden(timeout=STARTED)
    compute(tabs["progress"].shown())


@pytest.mark.nightly
def test_plain_voila_renders_the_same_notebooks(study):
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("voila")),
        str(study / "dashboards"),
        "--no-browser",
        f"--port={port}",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_served(f"http://127.0.0.1:{port}/voila/render/dropdown.ipynb", process)
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# How many?", "How many?"),
        ("Before.\n\n## How **many** `women`? ##\n\n# Later", "How many women?"),
        ("# See [the report](https://example.org) ![](a.png)", "See the report"),
        ("No heading, #1 of all", "own"),
        ("#", "own"),
    ],
)
def test_the_title_is_the_first_heading_or_the_name_of_the_file(tmp_path, text, title):
    write_notebook(tmp_path / "own.ipynb", text, "1")
    assert notebook_told(tmp_path / "own.ipynb").title == title


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"cells": [1]}', '{"cells": [{"cell_type": "markdown"}]}', "[" * 9999]
)
def test_a_file_that_is_not_a_notebook_is_named_by_its_file(tmp_path, content):
    (tmp_path / "broken.ipynb").write_text(content, encoding="utf-8")
    assert notebook_told(tmp_path / "broken.ipynb").title == "broken"


@pytest.fixture
def folders(tmp_path):
    """A study and a folder of the package, each with notebooks; both have one of the name `both`."""
    for folder, names in {"study/dashboards": ["both", "of the study", "home"], "package": ["a", "both"]}.items():
        (tmp_path / folder / ".hidden").mkdir(parents=True)
        write_notebook(tmp_path / folder / ".hidden/hidden.ipynb", "# Hidden", "1")
        for name in names:
            write_notebook(tmp_path / folder / f"{name}.ipynb", f"# {name} in {folder}", DROPDOWN)
    return tmp_path / "study", tmp_path / "package"


def test_the_study_s_notebooks_come_first_and_no_page_is_among_them(folders):
    assert [(page.address, page.title) for page in live_pages(*folders)] == [
        ("both.ipynb", "both in study/dashboards"),
        ("of%20the%20study.ipynb", "of the study in study/dashboards"),
        ("a.ipynb", "a in package"),
    ]


def test_a_notebook_stands_in_the_menu_of_a_study_that_has_what_it_needs(tmp_path):
    example = new_study(tmp_path / "example", countries=["ITA"])
    of_study = [{page.path for page in live_pages(each)} for each in (example, FOLDER, ROOT / "data")]
    assert of_study == [set(), {"what_if.ipynb"}, {"what_if.ipynb", "compare.ipynb", "clusters.ipynb"}]


@pytest.mark.parametrize("needs", ['"tables/claims.csv"', "7", "[7]", "[[]]", "{}"])
def test_needs_that_are_no_list_of_names_ask_for_nothing(tmp_path, needs):
    text = f'{{"cells": [], "metadata": {{"needs": {needs}}}}}'
    (tmp_path / "dashboards").mkdir()
    (tmp_path / "dashboards/odd.ipynb").write_text(text, encoding="utf-8")
    assert "odd.ipynb" in {page.path for page in live_pages(tmp_path)}


def test_both_folders_are_served_as_one_and_code_runs_in_its_own_folder(folders):
    study, package = folders
    for name in ("a.png", "a.csv"):
        (package / name).write_bytes(b"here")
    (package / "linked.png").symlink_to(package / "a.csv")
    with served_folder(*folders) as folder:
        served = folder.path
        assert sorted(path.name for path in served.rglob("*")) == [
            *("a.ipynb", "a.png", "both.ipynb", "home.ipynb", "of the study.ipynb")
        ]
        assert json.loads((served / "both.ipynb").read_text(encoding="utf-8"))["cells"][0]["source"][0].endswith(
            "study/dashboards"
        )
        assert own_folder(served, "/voila/render/of%20the%20study.ipynb") == study / "dashboards"
        assert own_folder(served, "/voila/render/a.ipynb") == package
    assert not served.exists()


def test_a_notebook_that_is_put_there_is_served_at_once_and_one_that_is_taken_away_no_more(folders):
    study, package = folders
    with served_folder(study, package) as served:
        assert served.renew() == {"a.ipynb", "both.ipynb", "home.ipynb", "of the study.ipynb"}
        write_notebook(study / "dashboards/new.ipynb", "# New", "1")
        assert "new.ipynb" in served.renew() and (served.path / "new.ipynb").exists()
        assert "New" in [page.title for page in live_pages(study, package)]
        (study / "dashboards/new.ipynb").unlink()
        assert "new.ipynb" not in served.renew() and not (served.path / "new.ipynb").is_symlink()


def test_a_finished_page_names_the_notebooks_that_are_there_now(folders):
    page = (
        '<header><ul><li><a href="home.ipynb">Home</a></li><li><details><ul><li><a href="old.ipynb">Old</a></li>'
        '</ul></details></li></ul></header><li><a href="old.ipynb">Old</a></li>'
    )
    found = with_menu(page, [LivePage("new page.ipynb", "A & B")], "?lang=fr")
    head, _, rest = found.partition("</header>")
    assert "Old" not in head and "Home" in head and "Old" in rest
    assert '<li><a href="new%20page.ipynb?lang=fr">A &amp; B</a></li></ul></details>' in head


def test_a_notebook_has_its_texts_and_its_title_in_another_language(tmp_path):
    write_notebook(tmp_path / "own.ipynb", "# How many?\n\nChoose.", "1")
    notebook = nbformat.read(tmp_path / "own.ipynb", as_version=4)
    notebook.metadata["translations"] = {"fr": ["# Combien ?"], "xx": 7}
    nbformat.write(notebook, tmp_path / "own.ipynb")
    told = notebook_told(tmp_path / "own.ipynb")
    assert [told.title_in(code) for code in ("en", "fr", "xx")] == ["How many?", "Combien ?", "How many?"]
    translate(notebook, "fr")
    assert notebook.cells[0].source == "# Combien ?"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (("ModuleNotFoundError", "No module named 'sklearn.tree'"), "pip install scikit-learn"),
        (("ModuleNotFoundError", "none"), "Cell 3 of the notebook own.ipynb has an error (ModuleNotFoundError)"),
        (("KeyError", "'b'"), "Cell 3 of the notebook own.ipynb has an error (KeyError)"),
        (("CellTimeoutError", ""), "Cell 3 of the notebook own.ipynb did not come to an end"),
    ],
)
def test_an_error_of_a_notebook_is_a_sentence_of_its_kind(error, said):
    phrases = {key: words("en")(f"live.{key}") for key in ("missing", "failed", "timeout")}
    assert said in sentence(phrases, "own.ipynb", 3, error)


def test_a_template_is_compiled_once_and_anew_when_its_text_changes():
    kept, compiled = KeptCode(), []
    for text in ("one", "one", "two"):
        environment = jinja2.Environment(loader=jinja2.DictLoader({"page": text}), bytecode_cache=kept)
        environment.compile = lambda *args, own=environment.compile, **kwargs: (
            compiled.append(1) or own(*args, **kwargs)
        )
        assert environment.get_template("page").render() == text
    assert len(compiled) == 2


def test_pages_are_built_anew_when_a_title_changes(tmp_path):
    study = tmp_path / "orinoco"
    shutil.copytree(ROOT / "tests/orinoco", study)
    before = page_fingerprints(study)
    (study / "dashboards").mkdir()
    write_notebook(study / "dashboards/own.ipynb", "# How many?", "1")
    named = page_fingerprints(study)
    write_notebook(study / "dashboards/own.ipynb", "# How many?", "2")
    assert before["home.en"] != named["home.en"] and page_fingerprints(study) == named
