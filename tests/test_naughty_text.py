"""Whatever somebody typed stays text: on the pages, on the map, in notebooks, in print and in downloaded tables."""

import csv
import dataclasses
import io
import itertools
import json
import re
import shutil
import unicodedata
from pathlib import Path

import altair as alt
import pandas as pd
import pypdf
import pytest
import vl_convert
from conftest import NIGHTLY, mount_widget, resize
from lxml import etree
from naughty import FAMILIES, LONG_WORDS, NAUGHTY
from second_study import FOLDER
from test_spreadsheet import is_computed

from research_lib import open_study
from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.codings import as_codings
from research_lib.coding.corpus import Corpus, Document
from research_lib.coding.project import Coder, Project
from research_lib.errors import UnfitDataError
from research_lib.evidence.tables import OPTIONAL_TABLES, TABLES, columns
from research_lib.files.spreadsheet import read_text
from research_lib.show import Panel
from research_lib.show.drawing import method_charts, method_checks
from research_lib.show.drawing.folium_map import routes_map
from research_lib.show.material import open_material
from research_lib.show.pages.cases.cases_page import cases_page
from research_lib.show.pages.study_pages import PAGES
from research_lib.show.readable_tables import readable
from research_lib.show.site import rendering
from research_lib.show.site.build import Bundle
from research_lib.show.site.rendering import page_content, render
from research_lib.show.widgets.workbench.workbench import Workbench
from research_lib.show.words import study_words, words

ROOT = Path(__file__).resolve().parents[1]
WIDTHS = (390, 768, 1280)
SERVED = "comparison"
READ = {"locator", "indicator", "method", "answer", "category", "description_number", "variant"}
SCALED = ("date", "years_of_age", "EUR_per_month")
SHOWN = {
    "home": {},
    "routes": {"legs": ["text"], "routes": ["name", "text"], "places": ["name", "name_local"]},
    "profiles": {"groups": ["name"]},
    "comparison": {
        "provisions": ["name", "text"],
        "pathways": ["text", "condition"],
        "comparisons": ["text"],
    },
    "assessment": {"situations": ["name", "text", "conclusion_text"]},
    "about": {"glossary": ["meaning"], "contacts": ["service"]},
    "networks": {
        "networks": ["name", "verdict_text", "objectives", "activities", "strengths", "weaknesses"],
        "partnerships": ["name"],
        "organisations": ["name", "text"],
        "services": ["name", "text"],
        "best_practices": ["name", "text"],
        "recommendations": ["name", "text"],
        "ties": ["purpose"],
        "survey_answers": ["text"],
    },
    "evidence": {
        "claims": ["text"],
        "figures": ["text"],
        "routes": ["name", "text"],
        "provisions": ["name", "text"],
        "organisations": ["name", "text"],
    },
}
GATHER = """() => {
  const found = { texts: [], strange: 0, scripts: document.scripts.length };
  const look = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) found.texts.push(walker.currentNode.data);
    for (const mark of root.querySelectorAll("*")) {
      const strange = /^(x-naughty|img|iframe|object|embed|video|audio|marquee|math|foreignobject|animate|base|plaintext)$/i;
      found.strange += strange.test(mark.localName) || [...mark.attributes].some((each) => /^on/i.test(each.name));
      if (mark.localName === "template") look(mark.content);
      if (mark.matches('script[data-role^="kept-"]')) {
        found.scripts -= 1;
        for (const markup of Object.values(JSON.parse(mark.textContent))) {
          const template = document.createElement("template");
          template.innerHTML = markup;
          found.scripts += template.content.querySelectorAll("script").length;
          look(template.content);
        }
      }
      if (mark.shadowRoot) { look(mark.shadowRoot); found.scripts += mark.shadowRoot.querySelectorAll("script").length; }
    }
  };
  look(document.documentElement);
  found.pwned = window.pwned;
  return found;
}"""
MOST_USED = 10_000 if NIGHTLY else 8  # marks of a kind, and answers of a question
USE = """(most) => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const few = (list) => list.filter((_, at) => at % Math.ceil(list.length / most) === 0);
  const press = (mark) => mark.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  for (const kind of ["main [data-select]", "svg:not([hidden]) .place", "main [data-pick]", "[data-step]"]) few(all(kind)).forEach(press);
  for (const box of few(all("main form input"))) { box.checked = true; box.dispatchEvent(new Event("change", { bubbles: true })); }
  for (const select of all("main select")) for (const option of few([...select.options])) {
    select.value = option.value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }
  for (const each of all('form[role="search"] [type="reset"]')) press(each);
  for (let more, times = 0; times < most && (more = document.querySelector('[data-role="more"]:not([hidden])')); times += 1) press(more);
  for (const each of all("details")) each.open = true;
  dispatchEvent(new Event("beforeprint"));
}"""


def is_text(name, column, row):
    """Whether a cell of this column is free text, which nothing reads but people."""
    is_free = column.type == "string" and column.name not in READ
    is_bound = column.codes or column.table or column.has_references or column.pattern or column.is_unique
    is_date = name == "figures" and column.name in ("period", "unit") and row["unit"] in SCALED
    return is_free and not is_bound and not is_date and bool(row[column.name])


def naughty_study(folder, texts, study=ROOT / "data"):
    """A copy of a study whose free texts are these, in turn."""
    shutil.copytree(study, folder / "data", ignore=shutil.ignore_patterns("raw"))
    supply = itertools.cycle(texts)
    for name, model in (TABLES | OPTIONAL_TABLES).items():
        path = folder / f"data/{'tables/' if name in TABLES else ''}{name}.csv"
        rows = list(csv.DictReader(path.open(encoding="utf-8", newline=""))) if path.exists() else []
        if not rows:
            continue
        for column in columns(model):
            for row in rows:
                if is_text(name, column, row):
                    row[column.name] = next(supply)
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
    titles = itertools.cycle(text for text in texts if not set("{}\\\r\n") & set(text))
    bibliography = folder / "data/sources.bib"
    entries = re.sub(r"title = \{.*\}", lambda _: f"title = {{x {next(titles)}}}", bibliography.read_text("utf-8"))
    bibliography.write_text(entries, encoding="utf-8")
    return folder


def relabelled(value, supply):
    """The words of a form, each label another text."""
    if not isinstance(value, dict):
        return value
    is_label = set(value) & {"en", "fr"}
    return {key: next(supply) if is_label else relabelled(part, supply) for key, part in value.items()}


def naughty_material(folder, texts, study=ROOT / "data"):
    """What the pages are made of, with these texts in the study, in the form and in the reasons of the release."""
    material, supply = open_material(naughty_study(folder, texts, study) / "data"), itertools.cycle(texts)
    if material.newest is None:
        return material
    variables = relabelled(material.released.variables, supply)
    reasons = {name: next(supply) for name in material.released.reasons}
    return dataclasses.replace(
        material, newest=dataclasses.replace(material.released, variables=variables, reasons=reasons)
    )


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """The texts that the study's own check lets in."""
    typed = [text for text in NAUGHTY if text not in ("\ud800", "\udfff")]
    folder = tmp_path_factory.mktemp("refused")
    shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns("raw"))
    path = folder / "data/tables/claims.csv"
    rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
    for row, pair in zip(rows, itertools.batched(typed, 2), strict=False):
        row |= dict(zip(("text", "text_fr"), pair, strict=False))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    study = open_study(folder / "data")
    line_of = study.table_files["claims"].lines
    refused = {rows[line_of.index(problem.line)][problem.column] for problem in study.problems()}
    return [text for text in typed if text not in refused]


@pytest.fixture(scope="module")
def material(texts, tmp_path_factory):
    return naughty_material(tmp_path_factory.mktemp("naughty"), texts)


@pytest.fixture(scope="module")
def contents():
    """What each page of the naughty study is rendered from."""
    return {}


@pytest.fixture(scope="module")
def bundle(material, contents, tmp_path_factory):
    """Every page of the naughty study as the file that is mailed; one of them also as the server and the widget read it."""

    def kept(page, *made_of):
        contents[page] = contents.get(page) or page_content(page, *made_of)
        return contents[page]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "page_content", kept)
        return written(material, tmp_path_factory.mktemp("build"))


def written(material, folder):
    """Every page as a file that is mailed, and what the server and the widget read."""
    for page in PAGES:
        mailed = render(page, material, study_words(material.study, "en"), standalone=True)
        (folder / f"{page}.html").write_bytes(mailed.html.encode())
        (folder / f"{page}.en.html").write_bytes(mailed.html.encode())
        (folder / f"{page}.en.json").write_text(json.dumps(mailed.data), encoding="utf-8")
        (folder / f"{page}.en.parts.json").write_text(json.dumps(mailed.parts), encoding="utf-8")
    sent = render(SERVED, material, study_words(material.study, "en"))
    (folder / f"{SERVED}.en.html").write_bytes(sent.html.encode())
    (folder / f"{SERVED}.en.parts.json").write_text(json.dumps(sent.parts), encoding="utf-8")
    (folder / "complete").write_text(json.dumps(dict.fromkeys(f"{page}.en" for page in PAGES)), encoding="utf-8")
    return Bundle(folder)


class Watched:
    """A browser window that notes whatever is not text: dialogs, requests, complaints."""

    def __init__(self, browser, width=1280):
        self.context = browser.new_context(viewport={"width": width, "height": 900}, accept_downloads=True)
        self.page = self.context.new_page()
        self.happened = []
        self.page.on("dialog", lambda dialog: (self.happened.append(dialog.message), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.happened.append(str(error)))
        self.page.on("console", lambda message: self.happened.append(message.text))
        self.page.on("popup", lambda popup: self.happened.append(popup.url))
        self.page.on("request", self._asked)

    def _asked(self, request):
        if not request.url.startswith(("file:", "about:", "data:,", "blob:")):
            self.happened.append(request.url)

    def open(self, path):
        self.page.goto(path.as_uri())
        self.page.wait_for_selector('main[data-usable="true"]')
        return self

    def gathered(self, scripts):
        """All text of the page; nothing else may have become of it."""
        found = self.page.evaluate(GATHER)
        assert self.happened == []
        assert (found.get("pwned"), found["strange"], found["scripts"]) == (None, 0, scripts)
        return found["texts"]


@pytest.fixture
def watched(browser):
    window = Watched(browser)
    yield window
    window.context.close()


def texts_of(page, material):
    """The texts that a page has to show."""
    study = material.study
    if page == "cases":
        shown = cases_page(material.released, words("en")).charts
        return {text for chart in shown for text in (*chart.titles, *(row.labels[0] for row in chart.rows))}
    rows = study["groups"].query("is_profile") if page == "profiles" else None
    return {
        text
        for table, names in SHOWN[page].items()
        for name in names
        for text in (study[table] if rows is None else rows)[name].dropna()
    }


def as_read(text):
    """A text as an HTML parser reads it: every line end is a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def missing_from(found, wanted):
    whole = as_read("\x00".join(found))
    return [text for text in wanted if as_read(text) not in whole]


def test_there_are_hundreds_of_naughty_texts_and_the_check_refuses_only_those_that_nobody_could_see(texts):
    assert len(NAUGHTY) > 450
    refused = set(NAUGHTY) - set(texts)
    assert set(FAMILIES["controls"]) <= refused
    assert all({unicodedata.category(sign)[0] for sign in text} & {"C"} for text in refused)


@pytest.mark.browser
def test_a_mailed_page_shows_naughty_text_as_text_and_runs_none_of_it(watched, material, bundle, texts):
    everywhere = set()
    for page in PAGES:
        watched.open(bundle.folder / f"{page}.html")
        title = watched.page.title()
        watched.page.evaluate(USE, MOST_USED)
        found = watched.gathered(scripts=3)
        assert watched.page.title() == title and "EX-CHANGE" in title
        wanted = texts_of(page, material)
        # by day the evidence page is not asked for all its statements, which takes it long
        most = len(wanted) // 10 if page == "evidence" and not NIGHTLY else 0
        assert len(missing_from(found, wanted)) <= most, page
        everywhere |= wanted
    assert set(texts) - everywhere == set()


@pytest.mark.browser
def test_a_served_page_is_the_widget_too_and_downloads_what_python_writes(watched, bundle, tmp_path):
    panel = Panel(SERVED, bundle=bundle)
    mount_widget(watched.page, panel)
    with watched.page.expect_download() as download:
        watched.page.click("[data-download]")
    download.value.save_as(tmp_path / "table.csv")
    watched.gathered(scripts=2)
    assert (tmp_path / "table.csv").read_bytes() == b"\xef\xbb\xbf" + panel.to_csv().encode()


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_no_downloaded_cell_is_computed_and_each_comes_back(bundle, contents, page):
    saved, table = Panel(page, bundle=bundle).to_csv(""), contents[page].table
    assert read_text(saved) == [
        [*table.columns],
        *(["" if cell is None else str(cell) for cell in cells] for _, cells in table.rows),
    ]
    for delimiter in ",;\t":
        found = csv.reader(io.StringIO(saved, newline=""), delimiter=delimiter)
        assert [cell for row in found for cell in row if is_computed(cell)] == []


@pytest.mark.browser
def test_the_map_takes_names_for_names_and_computes_none(watched, material, tmp_path):
    drawn = routes_map(material.study)
    drawn.save(tmp_path / "map.html")
    (tmp_path / "notebook.html").write_text(f"<!doctype html>{drawn._repr_html_()}", encoding="utf-8")
    said = """(frame) => {
      const map = Object.entries(frame).find(([name]) => /^map_[0-9a-f]+$/.test(name))[1], found = [];
      map.eachLayer((layer) => { const tip = layer.getTooltip?.(); if (!tip) return;
        layer.openTooltip(); found.push(tip.getElement().innerText); tip.getElement().querySelector("div").style.width; layer.closeTooltip(); });
      return found;
    }"""
    study = material.study
    legs, places = study["legs"], study["places"].set_index("id")
    used = places.loc[list({*legs["from_id"], *legs["to_id"]})]
    wanted = {*study["routes"]["name"], *used["name"]}
    for file, frame in (("map.html", "window"), ("notebook.html", "document.querySelector('iframe').contentWindow")):
        watched.page.goto((tmp_path / file).as_uri())
        watched.page.wait_for_function(f"() => {frame}.document.querySelector('path.leaflet-interactive')")
        found = watched.page.evaluate(f"() => ({said})({frame})")
        squeezed = {re.sub(r"\s+", "", text) for text in found}
        assert [name for name in wanted if not any(re.sub(r"\s+", "", name) in text for text in squeezed)] == []
        assert watched.page.evaluate(f"{frame}.pwned") is None and watched.happened == []
        assert (
            watched.page.evaluate(
                f"{frame}.document.querySelectorAll('x-naughty, .leaflet-tooltip-pane script').length"
            )
            == 0
        )


@pytest.mark.browser
def test_tables_in_a_notebook_show_text_as_text_and_no_formula_of_it(watched, material, texts, tmp_path):
    frame = pd.DataFrame({"text": texts, "other": texts[::-1]}, index=texts)
    with pd.option_context("display.max_rows", None, "display.max_colwidth", None, "display.max_columns", None):
        shown = frame._repr_html_() + frame.head(40).T._repr_html_()
    assert "mathjax_ignore" in readable(material.study, frame)._repr_html_()
    (tmp_path / "table.html").write_text(
        f"<!doctype html><meta charset=utf-8><main data-usable=true>{shown}", encoding="utf-8"
    )
    watched.open(tmp_path / "table.html")
    wanted = [text.strip() for text in texts if not re.search(r"[\t\r\n]", text)]
    assert missing_from(watched.gathered(scripts=0), wanted) == []


@pytest.mark.browser
def test_a_saved_drawing_says_the_whole_question_however_long_a_word(watched, bundle, tmp_path):
    watched.open(bundle.folder / "cases.html")
    question = f"{'W' * 500} 👍<x-naughty> {'𠮷' * 100}"
    watched.page.evaluate(
        "(text) => { document.querySelector('main [data-role=chart] h2').textContent = text; }", question
    )
    with watched.page.expect_download() as download:
        watched.page.click("[data-kind=svg]")
    download.value.save_as(tmp_path / "drawing.svg")
    drawn = "".join(etree.parse(tmp_path / "drawing.svg").getroot().itertext())
    assert re.sub(r"\s", "", question) in re.sub(r"\s", "", drawn)


def naughty_charts(texts):
    """Every chart that names what a study brings, with these names."""
    titles = [text for text in texts if {*'\\"'} & {*text} or not text.isprintable()][:6]
    counts = {"k1": 1, "n1": 2, "k2": 1, "n2": 2}
    sure = {"estimate": 0.1, "low": 0.0, "high": 0.2, "measure": "difference", "level": 0.95}
    yield method_checks.agreement(pd.DataFrame({"name": texts, "value": 0.5, "low": 0.4, "high": 0.6}), "score")
    yield method_charts.memberships(pd.DataFrame({text: [0.33] for text in texts[:30]}, index=["x"]))
    yield method_charts.memberships(pd.DataFrame({"x": 0.33}, index=texts[:30]))
    for text in titles:
        yield method_charts.forest_plot(
            pd.DataFrame([{"outcome": text, "group1": text, "group2": text, **sure, **counts}])
        )
    curve = [
        {"group": text, "interviews": n, "codes": n, "sd": 0.1, "kind": "held"} for text in titles[1:] for n in (1, 2)
    ]
    yield method_charts.accumulation(pd.DataFrame(curve))
    yield method_charts.estimates(pd.DataFrame({"total": 9.0, "low": 8.0, "high": 10.0, "chosen": texts[:30]}), 5)


@pytest.mark.browser
def test_charts_draw_names_as_text_and_nothing_else(watched, texts, tmp_path):
    plain = sorted((text for text in texts if text.isascii() and text.isprintable()), key=len)
    drawings = [vl_convert.vegalite_to_svg(chart.to_json()) for chart in naughty_charts(plain)]
    read = [etree.fromstring(drawing) for drawing in drawings]
    tags = {etree.QName(mark).localname for drawing in read for mark in drawing.iter()}
    assert tags <= {"svg", "g", "path", "line", "rect", "text", "tspan", "defs", "clipPath"}
    whole = "\x00".join(text for drawing in read for text in drawing.itertext())
    assert [text for text in plain if text.strip()[:20] not in whole] == []
    (tmp_path / "charts.html").write_text(
        f"<!doctype html><main data-usable=true>{''.join(drawings)}", encoding="utf-8"
    )
    watched.open(tmp_path / "charts.html").gathered(scripts=0)


@pytest.mark.slow
def test_emoji_line_breaks_and_other_scripts_can_be_drawn_in_a_notebook(texts):
    others = [text for text in texts if not (text.isascii() and text.isprintable())]
    with alt.renderers.enable("svg"):
        for chart in naughty_charts(others):
            assert chart._repr_mimebundle_()["image/svg+xml"].startswith("<svg")
    assert vl_convert.vegalite_to_png(next(naughty_charts(others)).to_json(), scale=0.1).startswith(b"\x89PNG")


def test_what_would_end_python_in_the_middle_of_a_drawing_is_refused():
    with pytest.raises(UnfitDataError, match=r"of the chart has U\+0001 as character 2"):
        method_checks.agreement(pd.DataFrame({"name": ["a\x01"], "value": [0.5], "low": [0.4], "high": [0.6]}), "x")


@pytest.mark.browser
def test_the_workbench_shows_documents_codes_and_memos_as_text(watched, texts, tmp_path):
    names = [text for text in texts if text.strip()]
    book = Codebook(tuple(Code(f"c-{n}", text, definition=text, exclude=text) for n, text in enumerate(names)))
    document = Document("d-1", "<x-naughty>", "\n".join(names))
    rows = [
        {"id": f"k-{n}", "document": "d-1", "start": 0, "end": 5, "code": f"c-{n}", "coder": "ana", "memo": text}
        for n, text in enumerate(names)
    ]
    project = Project("x", book, Corpus((document,)), as_codings(pd.DataFrame(rows)), (Coder("ana"),))
    bench = Workbench(tmp_path, coder="ana", start_with=project)
    state = {name: getattr(bench, name) for name in ("document", "state", "agreement", "words")}
    watched.page.set_content("<!doctype html><title>notebook</title><main id=cell></main>")
    watched.page.evaluate(
        """async ([source, state, packed]) => {
          for (const name in packed) state[name] = Uint8Array.fromBase64(packed[name]);
          const { default: widget } = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
          widget.render({ model: { get: (name) => state[name], on() {}, off() {}, send() {} }, el: document.getElementById("cell") });
        }""",
        [Workbench._esm, state],
    )
    for key in ("Enter", "ArrowDown", "Escape", "Alt+ArrowDown", "Alt+ArrowDown"):
        watched.page.focus(".text") if key == "Enter" else None
        watched.page.keyboard.press(key)
    found = watched.gathered(scripts=0)
    assert [text for text in names if text not in "\x00".join(found)] == []


@pytest.mark.browser
@pytest.mark.nightly
def test_a_printed_page_holds_naughty_text_as_text(watched, material, bundle, tmp_path):
    watched.open(bundle.folder / "comparison.html")
    watched.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    watched.page.pdf(path=tmp_path / "page.pdf")
    printed = "".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "page.pdf").pages)
    squeezed = re.sub(r"\s+", "", unicodedata.normalize("NFKC", printed))
    provisions = material.study["provisions"]  # pypdf turns signs round that stand beside a unit in Arabic
    provisions = provisions[provisions["unit"].fillna("").map(str.isascii)]
    typed = [text for text in {*provisions["name"], *provisions["text"]} if text.isascii()]
    assert len(typed) > 200
    assert [text for text in typed if re.sub(r"\s+", "", text) not in squeezed] == []


@pytest.mark.browser
def test_no_page_scrolls_sideways_for_a_long_word(browser, tmp_path):
    material = naughty_material(tmp_path, LONG_WORDS, ROOT / "data" if NIGHTLY else FOLDER)
    window = Watched(browser)
    assert len(material.pages) >= len(PAGES) - 1
    for page in material.pages:
        path = tmp_path / f"{page}.html"
        path.write_bytes(render(page, material, study_words(material.study, "en"), standalone=True).html.encode())
        window.open(path).page.evaluate(
            "for (const each of document.querySelectorAll('details:not(form *)')) each.open = true"
        )
        for width in WIDTHS:
            resize(window.page, width)
            for mark in ("[data-select]", "svg [data-pick]", "table [data-pick]"):
                window.page.evaluate(
                    f"document.querySelector('main {mark}')?.dispatchEvent(new MouseEvent('click', {{bubbles: true, cancelable: true}}))"
                )
            assert (page, window.page.evaluate("document.documentElement.scrollWidth")) == (page, width)
    window.context.close()
