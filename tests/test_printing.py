"""Pages on paper, printed without backgrounds as browsers do at first: marks, bars and keys keep their forms."""

import re
from itertools import combinations
from unicodedata import normalize

import pytest
from pypdf import PdfReader

from research_lib.show.pages.browser_module import page_style

pytestmark = pytest.mark.browser
PRESENCES = ("in-force", "practice", "planned", "absent", "not-described")
DOCUMENTED = ("yes", "inferred", "not-known")
COLOURS = re.compile(r"\b(?:rg|RG|g|G|scn?|SCN?|cs|CS|gs)$")


@pytest.fixture(scope="module")
def files(bundle):
    """The pages in English, as files."""
    return {page: bundle.folder / f"{page}.en.html" for page in bundle.languages_by_page}


def painted(page, path):
    """What a printed page paints, without colours: the operations of its content."""
    page.pdf(path=path, print_background=False)
    content = PdfReader(path).pages[0].get_contents()
    return [line for line in content.get_data().decode("latin-1").split("\n") if not COLOURS.search(line)]


def alone(page, html):
    page.set_content(f"<style>{page_style()}</style><main>{html}</main>")


def form_of(page, tmp_path, html):
    alone(page, html)
    return painted(page, tmp_path / "one.pdf")


@pytest.mark.parametrize(("name", "statuses"), [("comparison", PRESENCES), ("networks", DOCUMENTED)])
def test_each_mark_has_a_form_of_its_own_on_paper(files, open_visit, tmp_path, name, statuses):
    page = open_visit(files[name].as_uri()).page
    read = "status => document.querySelector(`.keys .mark.${status}`).outerHTML"
    forms = [form_of(page, tmp_path, html) for html in [page.evaluate(read, status) for status in statuses]]
    nothing = form_of(page, tmp_path, "")
    assert all(form != nothing for form in forms)
    assert [pair for pair in combinations(forms, 2) if pair[0] == pair[1]] == []


@pytest.mark.parametrize(
    ("name", "selectors"),
    [
        ("comparison", [".track .range"]),
        (
            "networks",
            [
                ".track .range",
                *(f".keys .answered rect.{state}" for state in ("yes", "other", "not_reported", "unanswered")),
                *(f".keys.of-bars {mark}" for mark in (".units path", ".couples path")),
            ],
        ),
    ],
)
def test_bars_and_keys_are_painted_without_backgrounds(files, open_visit, tmp_path, name, selectors):
    page = open_visit(files[name].as_uri()).page
    read = "selector => document.querySelector(selector).closest('ul').outerHTML"
    for selector, html in [(selector, page.evaluate(read, selector)) for selector in selectors]:
        with_it = form_of(page, tmp_path, html)
        page.add_style_tag(content=f"{selector}:not(li), {selector}::before {{ visibility: hidden; }}")
        assert painted(page, tmp_path / "without.pdf") != with_it, selector


def test_every_status_of_the_table_is_an_outline_and_no_background(files, open_visit):
    page = open_visit(files["comparison"].as_uri()).page
    marks = page.locator("table.features svg.mark")
    assert marks.count() == 3 * page.locator("tr[data-row]").count()
    assert page.locator("span.mark").count() == 0


def printed(page, path):
    """The words on paper, sheet by sheet."""
    page.pdf(path=path, format="A4", print_background=False)
    return [" ".join(normalize("NFKC", sheet.extract_text()).split()) for sheet in PdfReader(path).pages]


def test_the_home_page_on_paper_is_a_summary_of_two_sheets_and_no_finding_is_torn(files, open_visit, tmp_path):
    page = open_visit(files["home"].as_uri()).page
    sheets = [squeezed(sheet) for sheet in printed(page, tmp_path / "home.pdf")]
    parts = "h2, .asked, .caption, figure figcaption, .quoted p, .told > p:not(.actions, .certainties)"
    read = "parts => [...document.querySelectorAll('.finding')].map((one) => [...one.querySelectorAll(parts)].map((part) => part.innerText))"
    findings = [[squeezed(normalize("NFKC", part)) for part in one] for one in page.evaluate(read, parts)]
    found = [[at for at, sheet in enumerate(sheets) if all(part in sheet for part in one)] for one in findings]
    assert len(sheets) == 2 and squeezed(page.inner_text(".sources li:last-child")) in sheets[1]
    assert all(found) and found[0] == [0] and squeezed(page.inner_text("h1")) in sheets[0]


def test_squares_of_steps_have_the_form_of_their_status_on_paper(files, open_visit, tmp_path):
    page = open_visit(files["routes"].as_uri()).page
    read = "() => Object.values(Object.fromEntries([...document.querySelectorAll('.steps-matrix .square:not(.out)')].map((square) => [square.getAttribute('class'), square.outerHTML])))"
    squares = page.evaluate(read)
    assert len(squares) >= 3
    forms = [form_of(page, tmp_path, f'<span class="unit-squares kin">{square}</span>') for square in squares]
    assert [pair for pair in combinations(forms, 2) if pair[0] == pair[1]] == []


def squeezed(*texts):
    """Words without spaces, since a line may end at any hyphen."""
    return "".join("".join(texts).split())


def test_the_sheet_names_what_is_chosen_and_prints_only_the_rows_shown(files, open_visit, tmp_path):
    address = files["comparison"].as_uri()
    page = open_visit(f"{address}?kind=differs&topic=shelter").page
    read = "hidden => [...document.querySelectorAll('tr[data-row]')].filter((row) => row.hidden === hidden).map((row) => [row.querySelector('th').textContent, row.checkVisibility()])"
    sheets = printed(page, tmp_path / "chosen.pdf")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    shown, hidden = page.evaluate(read, False), page.evaluate(read, True)
    words = squeezed(*sheets)
    assert re.search(r"Printed on \w+ \d+, \d{4}\. Chosen: Places to live, one has it, .*?\.", sheets[0])
    assert f"{len(shown)} of {len(shown) + len(hidden)} lines, each one kind of provision." in sheets[0]
    assert shown and hidden
    assert [name for name, is_printed in shown if not is_printed or squeezed(name) not in words] == []
    assert [name for name, is_printed in hidden if is_printed] == []
    assert "Sources of this page" in " ".join(sheets[-2:]) and "Ko-lin Chin" in " ".join(sheets[-2:])


def test_the_sheet_of_a_served_page_names_its_address(visit):
    page = visit("comparison.ipynb?kind=open").page
    assert f"Address: {page.url}." in page.text_content('[data-role="sheet"]')
    page.uncheck('[data-role="filters"] input[value="open"]')
    assert "No filter is chosen." in page.text_content('[data-role="sheet"]')


def test_the_situation_that_is_assessed_is_named_on_paper(files, open_visit, tmp_path):
    page = open_visit(f"{files['assessment'].as_uri()}?situation=case-hong-kong").page
    title = page.evaluate("document.querySelector('#situation').selectedOptions[0].textContent")
    assert not page.locator(".indicators .on-paper").is_visible()
    sheets = printed(page, tmp_path / "case.pdf")
    judged = next(sheet for sheet in sheets if "What would count as trafficking?" in sheet)
    assert squeezed(title) in squeezed(judged[judged.index("What would count") :])


def test_a_chosen_statement_covers_no_sheet_and_stands_before_the_list(files, open_visit, tmp_path):
    page = open_visit(f"{files['evidence'].as_uri()}?statement=c-3-3-4-1-08").page
    first, *others = printed(page, tmp_path / "chosen.pdf")
    assert "Statement c-3-3-4-1-08" in first and not any("Statement c-3-3-4-1-08" in sheet for sheet in others)
