"""The evidence page: what is searched, counted and followed, in Python and as people use it in a browser."""

import json
import re
from dataclasses import replace
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pandas as pd
import pytest
from conftest import ROOT, resize, state_of
from lxml import html as reader
from playwright.sync_api import expect
from second_study import FOLDER, add, make_second_study

from research_lib import open_study
from research_lib.evidence.bibliography import bibtex
from research_lib.evidence.tables import TABLES, columns
from research_lib.show import Panel
from research_lib.show.material import open_material
from research_lib.show.pages.about.about_content import about_content
from research_lib.show.pages.browser_module import page_module
from research_lib.show.pages.evidence.evidence_content import FIRST, words_elsewhere
from research_lib.show.pages.evidence.evidence_page import evidence_page, matrix
from research_lib.show.pages.evidence.statement_rows import KINDS, Statement, tables_that_rest
from research_lib.show.pages.shared.content import count_claims
from research_lib.show.phrase_files import LANGUAGES
from research_lib.show.site.rendering import page_content, render
from research_lib.show.state import ANY_WORDS, ViewState
from research_lib.show.words import study_words

MOST_MILLISECONDS = 1000


@pytest.fixture(scope="module")
def second():
    study = open_study(FOLDER)
    return evidence_page(study, study_words(study, "en"))


@pytest.fixture(scope="module")
def page(study):
    return evidence_page(study, study_words(study, "en"))


def claim(key, theme, country, informant, kind="claim"):
    facets = {"kind": [kind], "code": theme, "country": country, "informant": informant, "certainty": ["stated"]}
    return Statement(key, kind, key, {}, facets, ())


def as_text(rows):
    return [" ".join(str(cell) for cell in row) for row in rows]


# ---- the matrix


def test_a_claim_counts_in_each_of_its_themes_and_countries():
    claims = [
        claim("a", ["work", "pay"], ["FRA"], ["police"]),
        claim("b", ["work"], ["FRA", "ITA"], ["police", "women"]),
        claim("c", ["work"], ["elsewhere"], ["women"]),
        claim("f", ["work"], ["FRA"], ["police"], kind="figure"),
    ]
    assert matrix(claims, ["work", "pay"], ["FRA", "ITA", "elsewhere"]) == {
        "work": {"FRA": 2, "ITA": 1, "elsewhere": 1},
        "pay": {"FRA": 1, "ITA": 0, "elsewhere": 0},
    }


def test_the_matrix_of_the_study_counts_as_its_tables_do(page, study):
    claims = study["claims"]
    for theme, country in (("migration-route", "ITA"), ("prostitution-place", "FRA"), ("assistance-network", "SVK")):
        has = [
            claims[column].fillna("").str.split(";").map(lambda cell, code=code: code in cell)
            for column, code in (("code", theme), ("country_code", country))
        ]
        assert page.matrix[theme][country] == (has[0] & has[1]).sum() > 0
    women = claims["informant"].str.split(";").map(lambda cell: "women" in cell).sum()
    assert (count_claims(study), count_claims(study, "women")) == (len(claims), women)


def test_elsewhere_holds_what_names_another_country_or_none(second):
    found = {each.id: each.facets["country"] for each in second.statements if each.kind == "claim"}
    assert all("elsewhere" in countries for countries in found.values() if {*countries} - {"COL", "VEN"})
    assert [option.value for option in second.countries][:2] == ["COL", "VEN"]


# ---- what rests on a statement


def test_every_table_whose_key_columns_name_a_statement_is_looked_through():
    named = tables_that_rest()
    wanted = {"claims", "figures", "routes", "provisions", "organisations", "recommendations", "best_practices"}
    wanted |= {"services", "role_descriptions", "professional_profiles", "networks"}
    for table, model in TABLES.items():
        keys = [column.name for column in columns(model) if column.table in wanted]
        assert named.get(table, []) == keys
    assert {
        "routes",
        "legs",
        "profiles",
        "situations",
        "comparisons",
        "pathways",
        "memberships",
        "roles",
    } <= named.keys()


@pytest.mark.parametrize("table", ["legs", "profiles", "situations", "indicators", "comparisons", "pathways", "ties"])
def test_each_row_that_names_a_statement_rests_on_it(page, study, table):
    places = {(each.table, each.row_id): place for place, each in enumerate(page.statements)}
    wanted = set()
    for column in tables_that_rest()[table]:
        target = next(each.table for each in columns(TABLES[table]) if each.name == column)
        cells = study[table][column].dropna().str.split(";").explode()
        wanted |= {places[target, key] for key in cells}
    assert {place for row in page.dependents[table] for place in row.statements} == wanted
    assert all(row.name.strip() for row in page.dependents[table])


def test_a_row_that_is_a_statement_itself_can_be_followed(page):
    route = next(row for row in page.dependents["routes"] if row.itself is not None)
    assert page.statements[route.itself].kind == "route"
    assert {page.statements[place].kind for place in route.statements} <= {"claim", "figure"}


def test_a_profile_is_named_by_its_group_country_and_dimension(second):
    names = [row.name for row in second.dependents["profiles"]]
    assert names and all(name.count(" · ") == 2 for name in names)


# ---- what is searched


def test_words_that_only_the_other_language_has_stand_with_their_places():
    shown = ["They cross the river.", "Police in Paris", "The river again"]
    others = ["Elles traversent la rivière.", "La police à Paris", "Encore la rivière, RIVIÈRE, rivières"]
    words, places = words_elsewhere(shown, others, stop=["encore"])
    assert words.split(" ") == ["elles", "rivier", "traver"]
    assert places == "a ac a"
    assert words_elsewhere(["x"] * 4, ["mot", "", "mot", "mot"]) == ("mot", "acb")
    told = words_elsewhere(["A river.", "A bank."], ["rivière", "rivière"], means={"riviere|fleuve": "river|stream"})
    assert told == ("rivier", "b")
    assert words_elsewhere(["x"] * 800, [*[""] * 27, "mot", *[""] * 771, "mot"]) == ("mot", "BbBDs")


def test_statements_are_read_findings_first_then_the_women_then_by_theme(page, study):
    ordered = [each for each in page.ordered if each.kind == "claim"]
    behind = dict.fromkeys(key for finding in study.settings.findings for key in finding.claims)
    assert [each.row_id for each in ordered[: len(behind)]] == [*behind]
    rest = ["women" in each.facets["informant"] for each in ordered[len(behind) :]]
    assert rest == sorted(rest, reverse=True) and any(rest)
    themes = [option.value for option in page.filters["code"]]
    last = [themes.index(each.facets["code"][0]) for each in ordered[len(behind) + sum(rest) :]]
    assert last == sorted(last)
    assert [each.kind for each in page.ordered] == [each.kind for each in page.statements]


def test_names_are_found_in_every_language_and_script(page):
    assert page.terms["Paris"] == "Parigi 巴黎"
    assert "police" not in page.terms
    assert "femmes elles-mêmes" in page.terms["the women themselves"]
    assert "Italie" in page.terms["Italy"]


def test_a_row_is_found_by_its_keywords_where_its_text_is_in_english(tmp_path):
    folder = make_second_study(tmp_path / "indexed")
    first = open_study(folder)["claims"].iloc[0].id
    path = folder / "keywords.csv"
    path.write_text(f"id,words\nclaims.{first},zebra;okapi\nclaims.nobody,zebra\nzebras.{first},zebra\n", "utf-8")
    study = open_study(folder)
    assert [str(each).split(": ", 1) for each in study.problems()] == [
        ["keywords.csv:3 id", "no row 'nobody' in 'claims'; correct it or take the line out"],
        ["keywords.csv:4 id", f"no row '{first}' in 'zebras'; correct it or take the line out"],
    ]
    path.write_text(f"id,words\nclaims.{first},zebra;okapi\n", "utf-8")
    found = {
        language: page_content("evidence", open_material(folder), study_words(study, language)).search["words"]
        for language in study.settings.languages
    }
    assert {language for language, lists in found.items() if any("zebra" in words for words, _ in lists)} == {"en"}


def test_an_id_that_stands_in_two_tables_is_written_with_its_kind(tmp_path):
    folder = make_second_study(tmp_path / "twice")
    first = open_study(folder)["claims"].iloc[0]
    add(
        folder,
        "organisations",
        [
            {
                "id": first.id,
                "name": "X",
                "country_code": "COL",
                "agency_type": "ngo",
                "is_respondent": "false",
                "source": "rivers2021[1]",
            }
        ],
    )
    study = open_study(folder)
    keys = [each.id for each in evidence_page(study, study_words(study, "en")).statements]
    assert first.id in keys and f"organisation:{first.id}" in keys and len(keys) == len(set(keys))


def test_a_source_is_written_as_bibtex_without_the_study_s_own_fields(study):
    text = bibtex(study.bibliography, "lazaroiu2003")
    assert text.startswith("@incollection{lazaroiu2003,\n  author = {Lăzăroiu, Sebastian and Ulrich, Louis},")
    assert "cited_in" not in text and "informant" not in text and text.endswith("}")


# ---- the page


@pytest.mark.parametrize("folder", [ROOT / "data", FOLDER])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_under_the_title_stands_who_says_how_many_statements_the_people_themselves_first(
    folder, language, bundle, second_page
):
    html = second_page("evidence", language) if folder == FOLDER else bundle.document("evidence", language)
    material = open_material(folder)
    words = study_words(material.study, language)
    page, about = evidence_page(material.study, words), about_content(material, words).context
    shown = reader.document_fromstring(html).xpath('//ul[@class="counted who"]//a')
    counted = {each.code: each.statements for each in about["informants"] if each.statements}
    said = [(parse_qs(urlsplit(each.get("href")).query), int(each.findtext("b"))) for each in shown]
    assert {query["informant"][0]: count for query, count in said} == counted and len(said) == len(counted)
    assert all(query["kind"] == ["claim"] for query, _ in said) and said[0][0]["informant"] == ["women"]
    assert [each.text.strip() for each in shown] == [words(f"informant.{code}") for code in page.informants]


def test_a_study_without_their_words_says_nothing_of_them():
    material = open_material(FOLDER)
    without = {
        name: replace(table, frame=table.frame.assign(informant=table.frame["informant"].str.replace("women", "ngo")))
        for name, table in material.study.table_files.items()
        if "informant" in table.frame
    }
    study = replace(material.study, table_files={**material.study.table_files, **without})
    html = render("evidence", replace(material, study=study), study_words(study, "en")).html
    assert "informant=women" not in html and f">{len(study['claims'])} statements</a>" in html


def test_cards_lead_to_the_evidence_page_on_a_server_only(second_page):
    material = open_material(FOLDER)
    for language, address in (("en", "evidence.ipynb?statement=c-"), ("fr", "evidence.ipynb?lang=fr&amp;statement=c-")):
        assert address in second_page("profiles", language)
    mailed = render("profiles", material, study_words(material.study, "en"), standalone=True).html
    assert "evidence.ipynb" not in mailed


# ---- its address


OPTIONS = {"q": ANY_WORDS, "kind": ["claim"]}
QUERIES = [
    ("q=river", {"q": ("river",)}, ()),
    ("q=a%2Cb,c", {"q": ("a,b,c",)}, ()),
    ("q=%E5%B7%B4%E9%BB%8E+x", {"q": ("巴黎 x",)}, ()),
    ("q=%3Cscript%3E", {"q": ("<script>",)}, ()),
    ("q=+", {}, ()),
    ("q=", {}, ()),
    ("q=*", {"q": ("*",)}, ()),
    ("q=" + "x" * 100, {"q": ("x" * 100,)}, ()),
    ("q=" + "x" * 101, {}, ("q",)),
    ("q=a%00b", {}, ("q",)),
    ("q=%E2%80%AEx", {}, ("q",)),
    ("q=a&q=b", {"q": ("a",)}, ("q",)),
    ("kind=*", {}, ("kind",)),
]


@pytest.mark.parametrize(("query", "choices", "left_out"), QUERIES)
def test_words_of_a_search_are_read_from_an_address(query, choices, left_out):
    state = ViewState.from_query("evidence", query, OPTIONS, ["q"])
    assert (state.choices, state.left_out) == (choices, left_out)
    assert ViewState.from_query("evidence", state.to_query(), OPTIONS, ["q"]).choices == choices


def test_the_widget_takes_words_and_filters():
    panel = Panel("evidence", study=FOLDER, filters={"q": ["river"], "kind": ["figure"]})
    assert panel.to_csv().count("\n") == 1 + len(open_study(FOLDER)["figures"])
    with pytest.raises(Exception, match="filters: kind has no 'nothing'"):
        panel.filters = {"kind": ["nothing"]}
    with pytest.raises(Exception, match="filters: q has no"):
        panel.filters = {"q": ["x" * 101]}


# ---- in a browser

browser_test = pytest.mark.browser


def keys(opened):
    return opened.page.evaluate(
        "[...document.querySelectorAll('[data-role=\"results\"] [data-row]')].map((item) => item.dataset.row)"
    )


def shown_count(opened):
    return opened.page.inner_text('[data-role="count"]')


def search(opened, text):
    opened.page.fill("#search", text)
    expect(opened.page.locator('[data-role="results"]')).not_to_have_attribute("aria-busy", "true")
    return keys(opened)


@browser_test
def test_a_search_answers_at_once(visit):
    opened = visit("evidence.ipynb?q=passport")
    took = opened.page.evaluate(
        """() => { const field = document.querySelector("#search");
          return ["p", "pa", "par", "pari", "paris", "paris w", "femme", "zzz", ""].map((text) => {
            const before = performance.now();
            field.value = text;
            field.dispatchEvent(new Event("input", { bubbles: true }));
            document.body.offsetHeight;
            return performance.now() - before; }); }"""
    )
    print("milliseconds:", [round(each, 1) for each in took])
    assert sorted(took)[len(took) // 2] < MOST_MILLISECONDS
    assert opened.complaints == []


@browser_test
def test_what_only_a_search_needs_comes_when_somebody_searches(visit, served):
    opened = visit("evidence.ipynb?lang=fr")
    assert len(opened.requests) == 1
    assert search(opened, "permesso di soggiorno") and opened.page.locator('[data-role="results"] mark').count()
    assert search(opened, "traficking") and len(opened.requests) == 2
    address = urlsplit(opened.requests[1])
    assert address.netloc == urlsplit(served).netloc and opened.complaints == []
    with pytest.raises(HTTPError, match="404"):
        urlopen(opened.requests[1][:-1] + "x", timeout=30)
    asked = visit("evidence.ipynb?q=permesso+di+soggiorno")
    assert keys(asked) and len(asked.requests) == 1


@browser_test
def test_a_search_whose_words_do_not_come_finds_words_as_they_are_written_and_says_so(visit):
    opened = visit("evidence.ipynb")
    opened.page.route("**/*search=*", lambda route: route.abort())
    assert search(opened, "passport")
    expect(opened.page.locator('[data-role="note"]')).to_contain_text("could not be loaded")
    assert search(opened, "sfruttamento") == []


@browser_test
def test_several_words_are_all_of_them_and_nothing_found_is_said(visit):
    opened = visit("evidence.ipynb")
    one, both = set(search(opened, "passport")), search(opened, "passport italy")
    assert opened.page.locator('[data-role="results"] mark').count() >= len(both)
    with_all = int(re.search(r"all your words: (\d+)", opened.page.inner_text('[data-role="note"]'))[1])
    assert 0 < with_all < len(one) and set(both[:with_all]) < one
    assert search(opened, "traficking") and "trafficking" in opened.page.inner_text('[data-role="note"]')
    some = search(opened, "passport zzzz")
    assert len(some) > 2 and search(opened, "passport")[: len(some)] == some
    assert search(opened, "zzzz") == []
    assert opened.page.locator('[data-role="none"]').is_visible() and shown_count(opened).startswith("0 of ")
    opened.page.click("button[type=reset]")
    assert len(keys(opened)) == FIRST and opened.page.input_value("#search") == ""


@browser_test
def test_filters_find_what_python_finds_and_come_back_from_the_address(visit, bundle, study):
    opened = visit("evidence.ipynb?kind=claim&code=migration&country=ITA&informant=police&certainty=stated")
    table = bundle.data("evidence", "en")["table"]
    state = state_of(bundle, "evidence", opened.page.evaluate("location.search").removeprefix("?"))
    wanted = sum(state.allows(table["facets"][place]) for place, _, _ in table["lines"])
    assert wanted > 0 and shown_count(opened).startswith(f"{wanted} of ")
    claims = study["claims"].set_index("id")
    for key in keys(opened):
        row = claims.loc[key]
        assert "police" in row["informant"] and "ITA" in row["country_code"] and "migration" in row["code"]
    opened.page.fill("#search", "train & ferry")
    opened.page.wait_for_url(re.compile("q=train"))
    assert state_of(bundle, "evidence", opened.page.evaluate("location.search")[1:]).choices["q"] == ("train & ferry",)
    assert opened.page.get_attribute('a[data-lang="fr"]', "href").endswith("&kind=claim&q=train%20%26%20ferry")
    opened.page.reload()
    opened.page.wait_for_selector('main[data-usable="true"]')
    assert opened.page.input_value("#search") == "train & ferry"


HOSTILE = [
    ("statement=%3Cimg%20src=x%20onerror=alert(1)%3E", True),
    ("q=%3Cimg%20src=x%20onerror=alert(1)%3E", False),
]


@browser_test
@pytest.mark.parametrize(("query", "is_partial"), HOSTILE)
def test_a_hostile_address_is_left_out_in_words_and_runs_nothing(visit, bundle, query, is_partial):
    opened = visit(f"evidence.ipynb?{query}")
    assert bool(state_of(bundle, "evidence", query).left_out) == is_partial
    assert opened.page.locator('[data-role="left-out"]').is_visible() == is_partial
    assert opened.page.locator("main img").count() == 0 and opened.complaints == []
    is_missing = query.startswith("statement=") and is_partial
    said = opened.page.inner_text('[data-role="details"]')
    assert ("a statement that this study does not have" in said) == is_missing


@browser_test
def test_back_and_forward_step_through_the_chosen_statements(visit):
    opened = visit("evidence.ipynb?q=passport&kind=claim")
    page, first, second = opened.page, *keys(opened)[:2]
    title = '[data-role="details"] h3'
    page.click(f'[data-row="{first}"] [data-select]')
    page.click(f'[data-row="{second}"] [data-select]')
    assert second in page.evaluate("location.search")
    page.go_back()
    page.wait_for_selector(f'{title}:has-text("{first}")')
    page.go_forward()
    page.wait_for_selector(f'{title}:has-text("{second}")')
    page.go_back()
    page.go_back()
    page.wait_for_selector('[data-role="details"].open', state="detached")
    assert page.inner_text(title).endswith(first)
    assert page.input_value("#search") == "passport" and "statement" not in page.evaluate("location.search")


@browser_test
def test_one_statement_is_followed_by_keyboard_alone(visit, study):
    opened = visit("evidence.ipynb")
    page = opened.page
    page.focus("#search")
    page.keyboard.type("c-3-3-1-c-05")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('[data-row]')?.dataset.row") == "c-3-3-1-c-05":
            break
    page.keyboard.press("Enter")
    details = page.locator('[data-role="details"]')
    assert page.evaluate("document.activeElement.dataset.role") == "details"
    said = details.inner_text()
    row = study["claims"].set_index("id").loc["c-3-3-1-c-05"]
    assert row["text"] in said and "That does not make it true" in said and "3722–3727" in said
    assert "Section 3.3.1.c: " in said and "Steps of routes" in said and "Routes (" in said
    for _ in range(10):
        page.keyboard.press("Tab")
        if "China to France" in page.evaluate("document.activeElement.textContent"):
            break
    page.keyboard.press("Enter")
    assert details.locator("h3").inner_text().startswith("China to France")
    assert "What it names" in details.inner_text()
    page.keyboard.press("Escape")
    assert "statement=" not in page.url and not details.locator('[data-role="close"]').is_visible()
    assert page.evaluate("document.activeElement.hasAttribute('data-select')")


@browser_test
def test_a_statement_can_be_cited_and_its_link_copied(visit):
    opened = visit("evidence.ipynb?lang=fr&statement=c-3-3-1-c-05")
    page = opened.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click('[data-role="copy"]')
    page.wait_for_selector('[data-role="copied"]:has-text("Copié.")')
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith("/voila/render/evidence.ipynb?lang=fr&statement=c-3-3-1-c-05")
    page.click('[data-role="cite"]')
    assert page.inner_text("pre").startswith("@techreport{exchange2007,")
    assert "[c-3-3-1-c-05]" in page.inner_text('[data-part="as-text"]')


def by_cell(counts):
    return {f"{theme} {country}": count for theme, row in counts.items() for country, count in row.items()}


@browser_test
def test_the_matrix_sets_the_filters_and_said_by_changes_it(visit, page):
    opened = visit("evidence.ipynb")
    window = opened.page
    said = [each for each in page.statements if "women" in each.facets["informant"]]
    women = matrix(said, page.matrix, [each.value for each in page.countries])
    read = "() => Object.fromEntries([...document.querySelectorAll('.matrix [data-code]')].map((cell) => [cell.dataset.code + ' ' + cell.dataset.country, Number(cell.querySelector('b').textContent)]))"
    assert window.evaluate(read) == by_cell(page.matrix)
    parts = window.locator(".matrix tr:not(.below) .own-part > span")
    main = (women[option.value] for option in page.filters["code"] if not option.is_below)
    shown = [count for counts in main for count in counts.values() if count]
    assert shown and parts.all_inner_texts() == [f", {count} of these said by the women themselves" for count in shown]
    zero = window.locator(".matrix [data-code]:disabled").first
    assert zero.inner_text() == "0"
    window.click("details[data-facet=informant] summary")
    window.check("input[name=informant][value=women]")
    assert window.evaluate(read) == by_cell(women)
    window.uncheck("input[name=informant][value=women]")
    window.keyboard.press("Escape")
    theme = window.locator(".matrix tbody:has([data-code=migration])")
    theme.locator("[data-unfold]").click()
    assert theme.locator("tr.below:visible").count() > 3
    theme.locator("[data-code=migration-route][data-country=ITA]").click()
    assert shown_count(opened).startswith(f"{page.matrix['migration-route']['ITA']} of ")
    assert "code=migration-route&country=ITA&kind=claim" in window.evaluate("location.search")


@browser_test
def test_what_the_browser_draws_is_what_the_server_sent(browser, served, visit):
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{served}/voila/render/evidence.ipynb?lang=fr", wait_until="load")
    sent = texts_of(plain)
    context.close()
    opened = visit("evidence.ipynb?lang=fr")
    opened.page.fill("#search", "zzzz")
    opened.page.fill("#search", "")
    assert texts_of(opened.page) == sent


def texts_of(page):
    """The statements, how many there are of each theme, and the line that counts, whatever the spaces between words."""
    parts = ('[data-role="results"]', ".matrix b:visible", ".matrix th:visible", '[data-role="count"]')
    return [[re.sub(r"\s+", " ", each) for each in page.locator(part).all_inner_texts()] for part in parts]


@browser_test
def test_the_file_that_is_saved_holds_what_is_found(visit, tmp_path):
    opened = visit("evidence.ipynb")
    found = search(opened, "passport italy")
    with opened.page.expect_download() as download:
        opened.page.click("[data-download]")
    download.value.save_as(tmp_path / "found.csv")
    assert sorted(pd.read_csv(tmp_path / "found.csv")["Id"]) == sorted(found)


@browser_test
def test_the_numbers_of_the_first_lines_add_up_and_lead_to_what_they_count(visit, page):
    opened = visit("evidence.ipynb")
    links = opened.page.locator(".counted:not(.who) a")
    counts = [int(text.split()[0]) for text in links.all_inner_texts()]
    assert sum(counts) == len(page.statements)
    for at, count in enumerate(counts):
        links.nth(at).click()
        assert shown_count(opened).startswith(f"{count} of ")
    for link in opened.page.locator(".who a").all():
        count = link.inner_text().split()[-1]
        link.click()
        assert shown_count(opened).startswith(f"{count} of ")
    opened.page.locator(".who a").first.click()
    assert shown_count(opened).startswith(f"{page.count('claim', 'women')} of ")
    assert opened.page.evaluate("location.search") == "?informant=women&kind=claim"
    assert opened.page.evaluate("document.activeElement.hasAttribute('data-select')")


@browser_test
def test_the_panel_does_not_repeat_the_text_of_a_statement_that_stands_beside_it(visit):
    opened = visit("evidence.ipynb")
    page, text = opened.page, opened.page.locator('[data-role="details"] [data-part="text"]')

    def is_seen():
        return text.bounding_box()["width"] > 1

    resize(page, 1280)
    page.reload(wait_until="commit")
    page.wait_for_selector('main[data-usable="true"]')
    assert not is_seen() and page.locator('[data-part="rests-title"]').is_visible()
    page.click("[data-select] >> nth=3")
    assert not is_seen()
    page.fill("#search", "zzzz")
    assert is_seen()
    page.fill("#search", "")
    assert not is_seen()
    resize(page, 390, 844)
    assert is_seen()


@browser_test
@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_phone_the_whole_trail_is_on_the_first_screen(visit, language):
    opened = visit(f"evidence.ipynb?lang={language}&statement=c-3-3-1-c-05")
    page = opened.page
    resize(page, 390, 844)
    page.reload(wait_until="commit")
    page.wait_for_selector('main[data-usable="true"]')
    details = page.locator('[data-role="details"]')
    for part in ("text", "informant", "trail", "rests"):
        box = details.locator(f'[data-part="{part}"]').bounding_box()
        assert box["y"] > 0 and box["y"] + box["height"] <= 844, part
    assert details.locator(".certainty").bounding_box()["y"] < 844
    assert "3722–3727" in details.locator('[data-part="trail"]').inner_text()
    assert details.locator('[data-part="rests"] summary').count() > 3


@browser_test
@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_phone_filters_are_folded_and_the_first_statement_is_near(visit, language):
    page = visit(f"evidence.ipynb?lang={language}").page
    resize(page, 390, 844)
    assert page.locator("[data-row]").first.bounding_box()["y"] < 500
    assert page.locator(".facet:visible, .counted:not(.who):visible").count() == 0
    assert page.locator(".who a:visible").count() == 3
    page.click('[data-role="fold"]')
    assert page.locator(".facet:visible").count() == 5 and page.locator(".counted:not(.who) a:visible").count() == len(
        KINDS
    )
    assert page.locator(".who a:visible").count() > 3
    page.click("details[data-facet=kind] summary")
    page.check("input[name=kind][value=figure]")
    page.click('[data-role="fold"]')
    chosen = page.locator("[data-facet=kind] label", has=page.locator("input:checked")).text_content().strip()
    assert page.inner_text('[data-role="fold"]').endswith(f"· {chosen}")


@browser_test
def test_on_a_laptop_the_first_statement_stands_open_until_another_is_chosen(visit):
    opened = visit("evidence.ipynb")
    page, title = opened.page, '[data-role="details"] h3'
    first, second = keys(opened)[:2]
    assert page.inner_text(title).endswith(first) and "statement=" not in page.url
    page.click(f'[data-row="{second}"] [data-select]')
    assert page.inner_text(title).endswith(second)
    page.click('[data-role="close"]')
    assert page.inner_text(title).endswith(first)


@browser_test
@pytest.mark.parametrize(("language", "label"), [("en", "Said by: "), ("fr", "Dit par\u00a0: ")])
def test_a_result_names_who_says_it_and_leaves_its_lines_to_the_details(visit, language, label):
    opened = visit(f"evidence.ipynb?lang={language}")
    said = opened.page.locator('[data-row] [data-part="said"]').first.inner_text()
    assert said.startswith(label) and len(said) > len(label)
    assert opened.page.locator('[data-row] [data-part="lines"]').count() == 0
    example = opened.page.get_attribute("#search", "placeholder")
    found = [search(opened, words) for words in example.split(" ", 2)[2].split(", ")]
    assert all(found), example


@browser_test
def test_on_a_phone_a_statement_stands_at_the_foot_of_the_window(visit):
    opened = visit("evidence.ipynb")
    page = opened.page
    resize(page, 390, 800)
    assert not page.locator('[data-role="details"]').is_visible()
    page.click('[data-role="results"] [data-select] >> nth=1')
    box = page.locator('[data-role="details"]').bounding_box()
    assert box["y"] + box["height"] == pytest.approx(800, abs=2) and box["y"] > 150
    page.click('[data-role="close"]')
    assert not page.locator('[data-role="details"]').is_visible()


def test_no_data_is_taken_for_markup(bundle):
    module = page_module(["evidence"])
    own = module[module.index("function evidencePage") : module.index("PAGES.evidence")]
    assert "innerHTML" not in own and "eval(" not in own and "Function(" not in own
    model = bundle.document("evidence", "en").split('data-role="view-model">', 1)[1].split("</script>", 1)[0]
    assert "<" not in model and json.loads(model)["steps"] == "statement"


@pytest.mark.browser
@pytest.mark.parametrize("address", ["evidence.ipynb", "evidence.ipynb?lang=fr"])
def test_all_numbers_of_the_matrix_are_seen_on_a_phone(visit, address):
    page = visit(address).page
    resize(page, 390, 844)
    page.locator("[data-unfold]").first.click()
    reach = "(all) => all.map((each) => { const box = each.getBoundingClientRect(); return [box.left, box.right]; })"
    for selector in (".matrix thead th", ".matrix th button", ".matrix td button:visible"):
        assert all(0 <= left < right <= 390 for left, right in page.locator(selector).evaluate_all(reach)), selector
    cut = "(all) => all.filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.textContent)"
    assert page.locator(".matrix :is(th, td)").evaluate_all(cut) == []
