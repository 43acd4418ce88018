"""What the pages are made of: choices, labels, projections, amounts, words."""

import math
import re
import string

import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from research_lib.errors import ResearchError, ViewStateError
from research_lib.evidence.new_study import new_study
from research_lib.show.drawing.labels import place_labels, shortened
from research_lib.show.drawing.projection import WIDTH, frame_around, journeys_frame
from research_lib.show.pages.routes.routes_page import routes_page
from research_lib.show.pages.shared.cards import SCALES, amount, bar, figure_cards, measured
from research_lib.show.pages.study_pages import PAGES
from research_lib.show.phrase_files import LANGUAGES
from research_lib.show.site.build import open_bundle
from research_lib.show.state import ViewState
from research_lib.show.words import study_words, words

OPTIONS = {"destination": ["france", "italy"], "certainty": ["stated", "rumour"], "view": ["world"]}
CHOICES = st.fixed_dictionaries(
    {},
    optional={
        name: st.lists(st.sampled_from(values), min_size=1, unique=True).map(tuple) for name, values in OPTIONS.items()
    },
)


@given(CHOICES)
def test_choices_come_back_from_the_address(choices):
    state = ViewState("routes", choices)
    assert ViewState.from_query("routes", state.to_query(), OPTIONS) == state


@pytest.mark.parametrize(
    "query",
    [
        "destination=mars",
        "nation=france",
        "destination=france&destination=italy",
        "destination=<script>",
        "view=world%00",
        "__proto__=1",
        "destination=../../etc/passwd",
    ],
)
def test_what_an_address_does_not_know_is_left_out_and_named(query):
    state = ViewState.from_query("routes", query, OPTIONS)
    assert state.left_out == (query.partition("=")[0],)
    assert set(state.choices) <= {"destination"} and set(state.choices.get("destination", ())) <= {"france"}


def test_an_address_that_is_too_long_is_refused():
    with pytest.raises(ViewStateError, match="longer than 4000"):
        ViewState.from_query("routes", "x" * 5000, OPTIONS)


@given(st.text(max_size=200))
def test_any_address_is_understood_or_refused(query):
    try:
        state = ViewState.from_query("routes", query, OPTIONS)
    except ViewStateError:
        return
    assert all(set(values) <= set(OPTIONS[name]) for name, values in state.choices.items())


def test_nothing_chosen_allows_all():
    state = ViewState("routes", {"destination": ("france",)})
    assert state.allows({"certainty": ["rumour"]})
    assert state.allows({"destination": ["italy", "france"], "certainty": ["rumour"]})
    assert not state.allows({"destination": ["italy"], "certainty": ["rumour"]})


POINTS = st.lists(st.tuples(st.floats(20, 1180), st.floats(20, 580)), min_size=1, max_size=25)


@given(POINTS)
def test_labels_of_one_tier_do_not_overlap(points):
    names = [f"Place number {i}" for i in range(len(points))]
    labels = place_labels(points, names, list(range(len(points))), (1200, 600))
    boxes = []
    for (x, y), label in zip(points, labels, strict=True):
        if label.tier == 0:
            width = len(label.text) * 13 * 0.56
            left = x * 0.29 + label.dx - {"start": 0, "end": width, "middle": width / 2}[label.anchor]
            boxes.append(shapely.box(left, y * 0.29 + label.dy - 13, left + width, y * 0.29 + label.dy + 3))
    assert all(not a.intersection(b).area for i, a in enumerate(boxes) for b in boxes[:i])


PLACES = {
    "Nigeria and Italy": [(5.6, 6.3), (13.2, 32.9), (7.7, 45.1)],
    "one place": [(2.35, 48.85)],
    "across the antimeridian": [(178.0, -18.0), (-171.8, -13.8), (174.8, -36.8)],
    "north and south": [(10.7, 59.9), (28.0, -26.2)],
    "either side of the antimeridian, and Europe": [(178.4, -18.1), (-171.8, -13.8), (174.8, -41.3), (-3.7, 40.4)],
    "nearly opposite each other": [(178.4, -18.1), (-0.1, 51.5)],
    "none": [],
}


@pytest.fixture(params=["journeys", "Nigeria and Italy"])
def frame(request, study):
    return journeys_frame(study) if request.param == "journeys" else frame_around(PLACES[request.param])


def test_frames_are_equal_area(frame):
    squares = [(lon, lat) for lon in (10, 60, 110) for lat in (5, 30, 50)]
    areas = []
    for lon, lat in squares:
        ring = shapely.segmentize(shapely.box(lon, lat, lon + 2, lat + 2).exterior, 0.1)
        drawn = shapely.Polygon(frame.points(ring.coords)).area
        areas.append(drawn / (shapely.box(lon, lat, lon + 2, lat + 2).area * math.cos(math.radians(lat + 1))))
    assert max(areas) / min(areas) < 1.06


@pytest.mark.parametrize("points", PLACES.values(), ids=PLACES)
def test_a_frame_around_places_holds_them_all_with_a_margin(points):
    frame = frame_around(points)
    assert 0.5 * WIDTH <= frame.height <= WIDTH
    for x, y in frame.points(points) if points else []:
        assert 0.05 * WIDTH < x < 0.95 * WIDTH and 0.05 * frame.height < y < 0.95 * frame.height


@pytest.mark.parametrize(
    ("code", "last", "expected"),
    [("1990s", 2007, "1990s"), ("2000s", 2007, "2000–2007"), ("2000s", 2009, "2000s"), ("undated", 2007, "undated")],
)
def test_a_decade_is_cut_at_the_last_year(code, last, expected):
    assert words("en").decade(code, last) == expected


def test_amounts_keep_ranges_hedges_and_dates(study):
    figures = study["figures"].set_index("id", drop=False)
    english, french = words("en"), words("fr")
    ages = figures.query("unit == 'years_of_age' and source == 'exchange2007[3.3.2.a]'")
    assert amount(figures.loc["f-3-3-2-a-05"], english) == "about 600"
    assert amount(figures.loc["f-3-3-2-a-05"], french) == "environ 600"
    assert [amount(row, english) for row in ages.itertuples()] == ["35–45"]
    visit = figures.query("unit == 'date' and period == '2006-03-29'").iloc[0]
    assert amount(visit, french) == "29 mars 2006"


IN_WORDS = [
    ("provisions", "p-ita-aggravation-01", "raised by a third to half", "hausse d'un tiers à la moitié"),
    ("figures", "f-2-4-1-31", "more than half", "plus de la moitié"),
    ("figures", "f-3-3-3-d-15", "about half", "à peu près la moitié"),
    ("provisions", "p-ita-funding-03", "at least 30 %", "au moins 30 %"),
]


@pytest.mark.parametrize(("table", "row", "english", "french"), IN_WORDS)
def test_a_share_that_a_source_says_in_words_stays_in_words(study, table, row, english, french):
    found = study[table].set_index("id", drop=False).loc[row]
    written = [" ".join(measured(found, study_words(study, language))).strip() for language in ("en", "fr")]
    assert [text.replace("\u00a0", " ") for text in written] == [english, french]


def test_no_percentage_stands_where_a_row_speaks_of_a_half_or_a_third(study):
    said = re.compile(r"\b(?:hal(?:f|ves)|thirds?|quarters?)\b")
    rows = pd.concat(study[table].query("unit == 'percent'")[["id", "text"]] for table in ("figures", "provisions"))
    wanted = {row.id for row in rows.itertuples() if said.search(row.text.lower())}
    for language in LANGUAGES:
        phrases = study_words(study, language).phrases
        assert {key.removeprefix("in_words.") for key in phrases if key.startswith("in_words.")} == wanted


def test_an_open_range_is_drawn_open(study):
    figures = study["figures"]
    ages = figures.query("unit == 'years_of_age' and source == 'exchange2007[3.3.2.a]'").iloc[0]
    scale = SCALES["years_of_age"]
    assert (bar(ages, scale).start, bar(ages, scale).end, bar(ages, scale).opens) == (50.0, 70.0, "")
    younger, older = ages.copy(), ages.copy()
    younger["low"] = older["high"] = None
    assert (bar(younger, scale).start, bar(younger, scale).opens) == (0, "down")
    assert (bar(older, scale).end, bar(older, scale).opens) == (100, "up")


def test_a_number_whose_period_is_not_given_has_no_scale(study):
    unscaled = study["figures"].query("unit in ['EUR', 'hours', 'CNY']")
    cards = figure_cards(study, study_words(study, "en"))
    assert len(unscaled) >= 3 and not any(cards[row.id].bar for row in unscaled.itertuples())


def test_every_figure_has_an_amount_in_both_languages(study):
    for language in LANGUAGES:
        assert all(card.amount for card in figure_cards(study, words(language)).values())


def test_catalogues_say_the_same_things_with_the_same_blanks():
    english, french = words("en").phrases, words("fr").phrases
    assert set(english) == set(french)
    for key in english:
        blanks = [
            {name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (english[key], french[key])
        ]
        assert blanks[0] == blanks[1], key
        assert bool(english[key]) == bool(french[key]), key


def test_a_missing_phrase_is_an_error():
    with pytest.raises(ResearchError, match=r"en\.po has no phrase 'nothing'"):
        words("en")("nothing")


def test_every_leg_is_drawn_on_the_map_and_stands_in_the_table(study, geography):
    page = routes_page(study, geography, words("en"))
    legs = {leg.id for leg in page.legs}
    assert legs == set(study["legs"]["id"])
    assert {leg for each in page.map.organisers for step in each.steps for leg in step.legs} == legs
    facets = {facet.name: {value for value, _ in facet.options} for facet in page.facets}
    for leg in page.legs:
        assert all(set(values) <= facets[name] for name, values in leg.facets.items())


def test_a_place_whose_chinese_name_is_not_known_is_named_without_one(study, geography):
    places = study["places"]
    unknown = set(places[places["name_local"].isna()]["id"])
    page = routes_page(study, geography, words("en"))
    assert unknown and {place.id for place in page.places if not place.local} == unknown
    spoken = {mark.spot.id: mark.name for mark in page.map.organisers[-1].marks}
    assert spoken["langle"] == "Langle" and spoken["paris"] == "Paris 巴黎"


def test_a_long_label_is_cut_and_says_so():
    assert [shortened(text, 10) for text in ("Paris", "Longjumeau", "Val-de-Marne", "One two three")] == [
        "Paris",
        "Longjumeau",
        "Val-de-Ma…",
        "One two t…",
    ]


def test_no_total_is_invented(study, geography):
    page = routes_page(study, geography, words("en"))
    known = set(study["figures"]["id"])
    routes = study["routes"].set_index("id")["figure_id"]
    for leg in page.legs:
        stated = routes[leg.route_id]
        assert list(leg.figures) == (stated.split(";") if isinstance(stated, str) else [])
        assert set(leg.figures) <= known


def test_documents_are_finished_without_a_kernel(bundle):
    document = bundle.document("routes", "en")
    assert document.count('<svg data-role="map"') == document.count('class="land"') == 1
    assert "kernel" not in document.split("<script", 1)[0].lower()
    for page in PAGES:
        for language in LANGUAGES:
            html = bundle.document(page, language)
            assert f'<html lang="{language}">' in html
            assert not re.search(r'(?:src|href)="https?://', html)


def test_a_bundle_that_is_not_built_is_named(tmp_path):
    folder = new_study(tmp_path / "rivers")
    with pytest.raises(ResearchError, match=r"is not built; run: research-lib build .*rivers"):
        open_bundle(folder)
