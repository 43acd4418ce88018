"""What Python and the browser's modules both find out is the same: addresses, filters, searches, verdicts, saved files."""

import json
import re
from functools import cache
from itertools import chain, product

import pytest
from conftest import state_of
from in_node import answer
from lxml import html as reader

from research_lib.compare import palermo
from research_lib.show import Panel
from research_lib.show.pages.study_pages import PAGES
from research_lib.show.words import study_words

ADDRESS, FILTERS = "shared/logic/address", "shared/logic/filters"
ADDRESSES = [
    ("routes", "destination=france", False),
    ("routes", "destination=", False),
    ("routes", "destination=mars", True),
    ("routes", "destination=mars,france", True),
    ("routes", "destination=france&x=1", True),
    ("routes", "destination=france&destination=italy", True),
    ("routes", "lang=fr&destination=mars", True),
    ("routes", "lang=xx&destination=france", True),
    ("routes", "lang=en,fr&destination=france", True),
    ("routes", "__proto__=1&toString=2", True),
    ("evidence", "q=a,b%20%26c&kind=claim", False),
    ("evidence", "q=%E5%B7%B4%E9%BB%8E+x", False),
    ("evidence", "q=%3Cimg%20src=x%20onerror=alert(1)%3E", False),
    ("evidence", "q=%E2%80%AEx", True),
    ("evidence", "q=a%00b", True),
    ("evidence", "q=" + "x" * 101, True),
    ("evidence", "code=__proto__", True),
    ("evidence", "statement=nothing", True),
    ("evidence", "statement=%3Cimg%20src=x%20onerror=alert(1)%3E", True),
    ("evidence", "statement=c-1-2-1-33,c-3-1-1-01", True),
    ("evidence", "statement=c-1-2-1-33", False),
    ("cases", "question=age_band", False),
    ("cases", "question=age_band,education", True),
    ("cases", "question=../manifest.json", True),
]


@pytest.mark.parametrize(("page", "query", "is_partial"), ADDRESSES)
def test_an_address_is_read_and_written(bundle, page, query, is_partial):
    state, known = state_of(bundle, page, query), bundle.data(page, "en")
    given = {"query": query, "options": known["options"] | {"lang": ["en", "fr"]}, "single": ["lang", *known["single"]]}
    code = "(({ choices, leftOut }) => [choices, leftOut, its.queryFrom(choices)])(its.choicesFrom(data.query, data.options, data.single))"
    choices, left_out, written = answer([ADDRESS], code, given)
    assert choices == {name: [*values] for name, values in state.choices.items()}
    assert left_out == [*state.left_out] and bool(left_out) == is_partial
    again = state_of(bundle, page, written)
    assert again.choices == state.choices and again.left_out == ()


QUERIES = [
    "",
    "kind=migration,mobility,family,prostitution,trafficking,internal",
    "destination=france",
    "destination=paris",
    "origin=dongbei,zhejiang&certainty=stated",
    "kind=trafficking,prostitution",
    "actor=agency&entry=regular&period=1990s",
    "kind=migration&destination=italy&actor=criminal-organisation",
]


def test_the_same_steps_pass_the_filters(bundle):
    items = model_of(bundle, "routes")["items"]
    states = [state_of(bundle, "routes", query) for query in QUERIES]
    found = answer(
        [FILTERS],
        "data.states.map((choices) => data.items.filter(({ facets }) => its.isAllowed(facets, choices)).map(({ id }) => id))",
        {"items": items, "states": [state.choices for state in states]},
    )
    wanted = [[item["id"] for item in items if state.allows(item["facets"])] for state in states]
    assert found == wanted and len({len(each) for each in wanted}) > 4


def test_a_country_holds_its_places_and_both_ways_are_told(bundle):
    said = [
        answer(
            ["routes/logic/counted_steps", FILTERS],
            "its.placesSaid(data.items, data.choices, new Set(data.items.filter(({ facets }) => its.isAllowed(facets, data.choices)).map(({ id }) => id)), data.names, data).map(({ text }) => text).join('')",
            {
                **(model := model_of(bundle, "routes")),
                "choices": {"destination": [place]},
                "names": _places(bundle, model),
            },
        )
        for place in ("france", "paris")
    ]
    assert re.search(r" – France \d+, .*Paris 1", said[0]) and re.search(
        r"^Paris: the report names nobody who organises the journey\. – Paris 1\. How sure the report is of the journey itself, not of who organises it: stated without reserve 1\. \d+ more name only France \(.*Relatives \d",
        said[1],
    )


def _places(bundle, model):
    names = _labels(bundle, "routes", "en")
    return {"panel": model["organisers"], "certainty": model["certainties"]} | {
        kind: {key.split(":")[1]: name for key, name in names.items() if key.startswith(f"{kind}:")}
        for kind in ("destination", "origin")
    }


@cache
def _document(bundle, page, language):
    return reader.document_fromstring(bundle.document(page, language))


def _part(bundle, page, language, role):
    (script,) = _document(bundle, page, language).xpath(f'//script[@data-role="{role}"]')
    return json.loads(script.text)


def model_of(bundle, page, language="en"):
    return _part(bundle, page, language, "view-model")


def _labels(bundle, page, language):
    """The names of the choices, as the page writes them beside their boxes."""
    boxes = _document(bundle, page, language).xpath("//*[@data-facet]//input")
    return {f"{box.get('name')}:{box.get('value')}": box.getparent().text_content().strip() for box in boxes}


# ---- the evidence page

STATEMENTS = [
    ADDRESS,
    *("shared/logic/saved_table", "evidence/logic/search", "evidence/logic/statements", "evidence/logic/claim_counts"),
]
ROWS = "its.statementRows(data.table, data.model, (name, code) => data.names[`${name}:${code}`] ?? code)"


def of_statements(bundle, language, code, **more):
    """What code gives that has the page's statements as `rows`."""
    data = {"table": _part(bundle, "evidence", language, "table"), "model": model_of(bundle, "evidence", language)}
    data |= {
        "names": _labels(bundle, "evidence", language),
        "index": _part(bundle, "evidence", language, "kept-search"),
    }
    data |= more
    return answer(STATEMENTS, f"((rows) => {{ its.addWords(rows, data.index.words); return {code}; }})({ROWS})", data)


def searched(bundle, language, queries):
    """For each query the keys and texts that are found, in their order, with what is marked, and what is said."""
    code = (
        "((search) => data.queries.map((query) => { const { hits, words, said } = search(query, {}); return { said,"
        " keys: hits.map(({ key }) => key), first: hits[0]?.shown ?? '', marked: hits.flatMap(({ id, shown, terms, beside }) =>"
        " [id, shown, ...terms, ...beside].flatMap((text) => its.stretches(text, words).map(([from, to]) => text.slice(from, to)))) }; }))"
        "(its.searcher(its.inOrder(rows, data.model), { ...data.model, search: data.index }))"
    )
    return dict(zip(queries, of_statements(bundle, language, code, queries=queries), strict=True))


FOUND = {
    "en": {
        "PASSPORT": "c-1-2-1-33",
        "passeport": "c-1-2-1-33",
        "c-1-2-1-33": "c-1-2-1-33",
        "l'Italie passeport": "c-1-2-1-33",
        "1.2.1 passport": "c-1-2-1-33",
        "SLOVAQUIE": "c-3-1-1-01",
    },
    "fr": {"passports": "c-1-2-1-33", "slovaquie": "c-3-1-1-01"},
}


@pytest.mark.parametrize("language", FOUND)
def test_words_are_found_in_each_language_without_regard_to_case_and_accents(bundle, language):
    found = searched(bundle, language, [*FOUND[language]])
    for query, wanted in FOUND[language].items():
        assert wanted in found[query]["keys"] and len(found[query]["keys"]) < 1000, query
        assert (
            found[query]["said"].startswith(
                ("Entries with all", "Entrées contenant tous", "No entry has all your words as")
            )
            or not found[query]["said"]
        ), query
        assert len(found[query]["marked"]) >= len(found[query]["keys"]), query


def test_accents_and_chinese(bundle):
    found = searched(
        bundle, "fr", ["migrations économiques", "MIGRATIONS ECONOMIQUES", "equipes de rue ancone", "巴黎"]
    )
    assert found["migrations économiques"] == found["MIGRATIONS ECONOMIQUES"] and found["equipes de rue ancone"]["keys"]
    assert {*map(str.casefold, found["巴黎"]["marked"])} == {"巴黎"}


FORGIVEN = {
    "traficking": ("The search took “trafficking”", "trafficking"),
    "wenzou": ("The search took “wenzhou”", "Wenzhou"),
    "belevile": ("The search took “belleville”", "Belleville"),
    "pimps": ("", "procur|pimp"),
    "how much do they pay smugglers": ("", "costs"),
    "tratta di esseri umani": ("", "traffick"),
    "permesso di soggiorno": ("", "permit"),
    "sfruttamento": ("", "exploit"),
    "obchod s ľuďmi": ("", "traffick"),
    "人口贩卖": ("", "traffick"),
    "卖淫": ("", "prostitut"),
    "prostituées chinoises Belleville": ("", "Belleville"),
    "textile workshops": ("", "textile|garment|clothing"),
}
UNKNOWN = ["debt", "loans", "zzyzx"]  # the report does not tell of debts


def test_a_search_forgives_and_says_what_it_took_instead(bundle):
    found = searched(bundle, "en", [*FORGIVEN, *UNKNOWN])
    for query, (said, first) in FORGIVEN.items():
        assert re.search(first, found[query]["first"], re.IGNORECASE), query
        told = found[query]["said"]
        assert (
            said in told
            if said
            else not told or told.startswith(("Entries with all your words", "No entry has all your words as"))
        ), query
    assert [found[query]["keys"] for query in UNKNOWN] == [[], [], []]


@pytest.mark.parametrize(
    ("language", "query"),
    [("en", ""), ("fr", ""), ("fr", "country=elsewhere&code=migration"), ("en", "certainty=hypothesis,rumour")],
)
def test_the_module_makes_every_cell_again_as_python_writes_it(bundle, language, query):
    code = (
        "its.tableFile(its.savedTable(data.table, rows), its.choicesFrom(data.query, data.model.options, []).choices)"
    )
    name, text = of_statements(bundle, language, code, query=query)
    wanted = Panel("evidence", language=language, bundle=bundle).to_csv(query)
    assert text == f"\ufeff{wanted}" and wanted.count("\n") > 10 and name.endswith(".csv")


# ---- verdicts

VERDICTS = """data.cases.map(({ values, code }) => {
  const { verdict, reasons, outlook } = its.verdictsOf(data.model).assessed(values, data.model.definitions[code], false);
  return [verdict, reasons, outlook];
})"""


def verdicts(bundle, cases):
    return answer(["assessment/logic/verdicts"], VERDICTS, {"model": model_of(bundle, "assessment"), "cases": cases})


def test_every_situation_has_the_same_verdict_under_every_definition(bundle, study):
    en, laws = study_words(study, "en"), palermo.definitions(study)
    told = {
        key: dict(table[["indicator", "value"]].values) for key, table in study["indicators"].groupby("situation_id")
    }
    cases = [(key, code) for key in told for code in laws]
    found = verdicts(bundle, [{"values": told[key], "code": code} for key, code in cases])
    for (key, code), (verdict, reasons, outlook) in zip(cases, found, strict=True):
        wanted = palermo.assess(told[key], laws[code])
        assert verdict == wanted.verdict, (key, code)
        assert reasons == [en(f"reason.{reason}") for reason in wanted.reason_codes], (key, code)
        assert [each for each in _open(wanted, en) if each not in outlook] == [], (key, code)
    assert len({verdict for verdict, *_ in found}) == 3 and any(
        _open(palermo.assess(told[key], laws[code]), en) for key, code in cases
    )


def _open(found, en):
    """What has to be said of a verdict that more facts could change."""
    if found.verdict == "not-described" or found.if_unknown_true == found.if_unknown_false:
        return []
    ends = {"if_true": found.if_unknown_true, "if_false": found.if_unknown_false}
    names = ", ".join(en(f"element.{name}") for name in found.decisive)
    said = [en(f"assess.{key}", verdict=en(f"verdict.{verdict}")) for key, verdict in ends.items()]
    return [*said, *([en("assess.decisive", elements=names)] if names else [])]


def test_what_if_is_answered_as_python_answers_it(bundle, study):
    names = ("recruitment", "force", "prostitution-of-others", "child", "consent")
    told = dict(
        study["indicators"].query("situation_id == 'case-north-east-occasional'")[["indicator", "value"]].values
    )
    assumed = [
        dict(zip(names, values, strict=True)) for values in product(("true", "false", "not-known"), repeat=len(names))
    ]
    laws = palermo.definitions(study)
    nothing = dict.fromkeys(chain.from_iterable(model_of(bundle, "assessment")["protocol"].values()), "false")
    bases = (told, nothing)
    cases = [{"values": base | each, "code": code} for base in bases for each in assumed for code in laws]
    found = [verdict for verdict, *_ in verdicts(bundle, cases)]
    assert found == [palermo.assess(case["values"], laws[case["code"]]).verdict for case in cases]
    assert len({*found}) == 4


# ---- the directory


@pytest.mark.parametrize(
    ("language", "asked"),
    [("en", "Who helps in Turin?"), ("en", "TORINO"), ("fr", "qui aide à Turin ?"), ("en", "都灵")],
)
def test_who_helps_in_turin(bundle, study, language, asked):
    entries = [
        {"name": mark.xpath('.//*[@class="head"]')[0].text_content(), "text": f"{mark.text_content()} {mark.get('data-also')}",
         "codes": {name: mark.get(f"data-{name}") for name in ("country", "place", "help")}}
        for mark in _document(bundle, "networks", language).xpath("//*[@data-entry]")
    ]  # fmt: skip
    code = (
        "((entries) => its.entriesFound(entries, {}, its.askedWords(data.asked, new Set(its.plainWords(data.small).split(' ')))).map(({ name }) => name))"
        "(data.entries.map(({ name, text, codes }) => ({ codes, name: ` ${its.plainWords(name)}`, text: ` ${its.plainWords(text)}` })))"
    )
    small = model_of(bundle, "networks", language)["phrases"]["small_words"]
    found = answer(
        ["networks/logic/directory", "shared/logic/text"], code, {"asked": asked, "entries": entries, "small": small}
    )
    own = study["memberships"].query("network_id == 'life-torino'")["organisation_id"].dropna()
    wanted = study["organisations"].set_index("id").loc[own, "name"]
    plain = answer(["shared/logic/text"], "data.map(its.plainWords)", [*wanted])
    assert [name for name in plain if not any(name in each for each in found)] == []
    assert not any("mairie de paris" in each for each in found) and len(found) < len(entries)


def test_every_page_says_what_its_module_has_to_know(bundle):
    assert all({"options", "single"} <= model_of(bundle, page).keys() for page in PAGES)
