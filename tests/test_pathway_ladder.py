"""The ways through the law as one ladder: no line states a way that does not exist, and every word can be read."""

import random
import re
from dataclasses import replace
from itertools import combinations

import networkx as nx
import pytest
from conftest import ROOT
from second_study import make_second_study
from shapely.geometry import LineString, Point, box
from shapely.geometry.base import BaseGeometry

from research_lib.show.drawing.ladder.ladder_rows import shared_rows
from research_lib.show.drawing.ladder.pathway_ladder import draw_ladders
from research_lib.show.drawing.ladder.station_order import fewest_crossings
from research_lib.show.material import open_material
from research_lib.show.site.rendering import render
from research_lib.show.words import study_words, words

MOST_CROSSINGS = {"FRA": 0, "ITA": 2, "SVK": 1}
WIDTHS = (390, 768, 1280)
READ = """() => [...document.querySelectorAll('svg.flowchart[viewBox]')].map((svg) => {
  const frame = (mark) => { const { left, top, right, bottom } = mark.getBoundingClientRect(); return [left, top, right, bottom]; };
  const points = (path) => {
    const at = path.getScreenCTM(), length = path.getTotalLength(), count = Math.ceil(length);
    return Array.from({ length: count + 1 }, (_, i) => path.getPointAtLength(length * i / count)).map(({ x, y }) => [x * at.a + at.e, y * at.d + at.f]);
  };
  const sized = (text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a;
  // A browser's box of a line holds the space above and below its letters; lines of one name may share that.
  const letters = (text) => {
    const [left, top, right, bottom] = frame(text), spare = Math.max(0, bottom - top - sized(text)) / 2;
    return [left, top + spare, right, bottom - spare];
  };
  const texts = (root) => [...root.querySelectorAll('tspan, text:not(:has(tspan))')].map((text) => ({
    text: text.textContent, frame: letters(text), size: sized(text) }));
  return {
    frame: frame(svg), texts: texts(svg),
    names: [...svg.parentElement.querySelectorAll('.rows')].filter((rows) => rows.checkVisibility()).map((rows) => ({ frame: frame(rows), texts: texts(rows) })),
    bands: [...svg.querySelectorAll('.band')].map(frame),
    gaps: [...svg.querySelectorAll('.gap')].map(frame),
    boxes: [...svg.querySelectorAll('.station')].map((group) => ({
      id: group.classList[1], frame: frame(group.querySelector('rect')), texts: texts(group) })),
    steps: [...svg.querySelectorAll('.step')].map((group) => ({
      id: group.dataset.pick, isConditional: group.matches('.conditional'), points: points(group.querySelector('.stroke')),
      tip: group.querySelector('.tip') && frame(group.querySelector('.tip')),
      number: group.querySelector('circle') && frame(group.querySelector('circle')),
    })),
  };
})"""


@pytest.fixture(scope="module", params=["ours en", "ours fr", "other en"])
def page_file(request, tmp_path_factory):
    """The page of one study in one language, as a file."""
    whose, language = request.param.split()
    folder = tmp_path_factory.mktemp("ladder")
    material = open_material(ROOT / "data" if whose == "ours" else make_second_study(folder / "study"))
    path = folder / "comparison.html"
    path.write_text(render("comparison", material, study_words(material.study, language)).html, encoding="utf-8")
    return path


@pytest.fixture
def drawn(page_file, open_visit):
    """Reads the ladders as they stand in a window of a width."""
    page = open_visit(page_file.as_uri()).page

    def read(width):
        page.set_viewport_size({"width": width, "height": 900})
        return page.evaluate(READ)

    return read


def ends_of(step):
    _, country, before, after = step["id"].split(":")
    return country, before, after


def tip_of(step) -> BaseGeometry:
    return box(*step["tip"]) if step["tip"] else Point(step["points"][-1]).buffer(4)


def lines_in(chart):
    return {step["id"]: LineString(step["points"]) for step in chart["steps"]}


def crossings_in(lines):
    met = [one.intersection(other) for one, other in combinations(lines, 2)]
    return sum(len(getattr(found, "geoms", [found])) for found in met if not found.is_empty)


@pytest.mark.browser
def test_no_line_passes_behind_a_box_that_it_does_not_join(drawn):
    for chart in drawn(1280):
        frames = {each["id"]: box(*each["frame"]) for each in chart["boxes"]}
        frames |= {f"gap {place}": box(*frame) for place, frame in enumerate(chart["gaps"])}
        for step in chart["steps"]:
            foreign = {code: frame for code, frame in frames.items() if code not in ends_of(step)[1:]}
            behind = {
                code for point in step["points"] for code, frame in foreign.items() if frame.contains(Point(point))
            }
            assert not behind, (step["id"], behind)


@pytest.mark.browser
def test_few_lines_cross_and_none_runs_on_another(drawn):
    for chart in drawn(1280):
        lines = list(lines_in(chart).values())
        assert crossings_in(lines) <= MOST_CROSSINGS.get(ends_of(chart["steps"][0])[0], 0)
        for one, other in combinations(lines, 2):
            assert one.intersection(other.buffer(4)).length <= 20 * crossings_in([one, other])


@pytest.mark.browser
def test_arrowheads_at_a_box_are_apart(drawn):
    for chart in drawn(768):
        for one, other in combinations(chart["steps"], 2):
            if ends_of(one)[2] == ends_of(other)[2]:
                assert tip_of(one).distance(tip_of(other)) >= 6, (one["id"], other["id"])


@pytest.mark.browser
def test_names_and_numbers_do_not_overlap_and_stay_in_their_boxes(drawn):
    for chart in (chart for width in WIDTHS for chart in drawn(width)):
        frames = [box(*text["frame"]).buffer(-1) for text in chart["texts"]]
        assert not [pair for pair in combinations(range(len(frames)), 2) if frames[pair[0]].intersects(frames[pair[1]])]
        for each in chart["boxes"]:
            for text in each["texts"]:
                assert box(*each["frame"]).contains(box(*text["frame"])), text
        for rows in chart["names"]:
            assert all(box(*rows["frame"]).contains(box(*text["frame"])) for text in rows["texts"])


@pytest.mark.browser
def test_each_condition_has_a_number_that_no_other_line_touches(drawn):
    for chart in drawn(768):
        lines = lines_in(chart)
        numbers = {step["id"]: box(*step["number"]) for step in chart["steps"] if step["number"]}
        assert set(numbers) == {step["id"] for step in chart["steps"] if step["isConditional"]}
        for code, frame in numbers.items():
            disc = frame.centroid.buffer(frame.bounds[2] / 2 - frame.bounds[0] / 2)
            assert not [other for other, line in lines.items() if other != code and line.intersects(disc)], code
            assert not [other for other, taken in numbers.items() if other != code and taken.intersects(frame)], code
            assert not [each["id"] for each in chart["boxes"] if box(*each["frame"]).intersects(disc)], code


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
def test_every_word_can_be_read(drawn, width):
    texts = [
        text
        for chart in drawn(width)
        for text in [*chart["texts"], *(t for rows in chart["names"] for t in rows["texts"])]
    ]
    assert texts and min(text["size"] for text in texts) >= 11.99


@pytest.mark.browser
@pytest.mark.parametrize("width", WIDTHS)
def test_rows_have_one_height_in_all_countries(drawn, width):
    charts = drawn(width)
    bands = [[(top - chart["frame"][1], bottom - top) for _, top, _, bottom in chart["bands"]] for chart in charts]
    assert bands[0]
    for other in bands:
        assert other == [pytest.approx(pair, abs=0.1) for pair in bands[0]]
    for chart in charts:
        filled = [*chart["gaps"], *(each["frame"] for each in chart["boxes"])]
        for _, top, _, bottom in chart["bands"]:
            assert any(top <= frame[1] and frame[3] <= bottom for frame in filled)
        assert all(
            any(top <= frame[1] and frame[3] <= bottom for _, top, _, bottom in chart["bands"]) for frame in filled
        )


@pytest.mark.browser
def test_ladders_stand_below_one_another_on_a_phone_and_else_side_by_side(drawn):
    for width in WIDTHS:
        charts = drawn(width)
        tops = {round(chart["frame"][1]) for chart in charts}
        named = [bool(chart["names"]) for chart in charts]
        if width == 390:
            assert len(tops) == len(charts) and all(named)
        else:
            assert len(tops) == 1 and named == [True, *[False] * (len(charts) - 1)]


def graph_of(*steps, country="COL"):
    graph = nx.DiGraph(country=country)
    for step in steps:
        graph.add_edge(*step.split(" > "), condition="if")
    return graph


def rows_of(*steps):
    found = shared_rows((tuple(graph_of(*steps).edges),))
    levels = dict(found.levels[0])
    return {code: next(row.code for row in found.rows if level in row.levels) for code, level in levels.items()}, levels


def test_a_station_of_a_studys_own_stands_below_all_that_leads_to_it():
    rows, levels = rows_of(
        "hotline > shelter", "shelter > own", "own > own-2", "hotline > own-2", "own-2 > long-term-permit"
    )
    assert rows["own"] == rows["own-2"] == "other" and rows["shelter"] == "live"
    assert levels["shelter"] < levels["own"] < levels["own-2"] < levels["long-term-permit"]


def test_stations_without_any_row_stand_by_their_longest_way():
    rows, levels = rows_of("a > b", "b > c", "a > c", "c > a")
    assert set(rows.values()) == {"other"} and levels == {"a": 0, "b": 1, "c": 2}


def test_a_step_within_a_row_gives_the_row_a_second_level():
    rows, levels = rows_of("identification > complaint", "complaint > programme-long", "programme-long > complaint")
    assert rows["complaint"] == rows["programme-long"] == "engage"
    assert levels["programme-long"] == levels["complaint"] + 1


@pytest.mark.parametrize("many", [8, 80])
def test_a_graph_too_large_for_an_exact_order_is_ordered_as_well(many):
    edges = tuple((f"a{n}", f"b{many - n}") for n in range(many))
    levels = tuple((code, "ab".index(code[0])) for edge in edges for code in edge)
    assert fewest_crossings(edges, tuple(sorted(levels))) == 0


def sampled(path):
    """The corners of a path of lines and round corners, and the middles between them."""
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    return LineString(zip(numbers[::2], numbers[1::2], strict=True))


@pytest.mark.parametrize("seed", range(8))
def test_no_line_of_any_ladder_passes_behind_a_box(seed):
    chance = random.Random(seed)
    codes = [*"abcdefghi", "identification", "shelter", "complaint", "long-term-permit"]
    graphs = []
    for country in ("COL", "VEN"):
        pairs = chance.sample(list(combinations(codes, 2)), 14)
        graphs.append(graph_of(*(" > ".join(pair if chance.random() < 0.85 else pair[::-1]) for pair in pairs)))
        graphs[-1].graph["country"] = country
    en = words("en")
    named = {f"station.{code}": f"station {code}" for code in codes}
    drawing = draw_ladders(graphs, replace(en, phrases={**en.phrases, **named}))
    for chart in drawing.charts:
        frames = {
            each.id: box(each.x - each.width / 2, each.y, each.x + each.width / 2, each.y + each.height)
            for each in (*chart.stations, *chart.gaps)
        }
        for step in chart.steps:
            line = sampled(step.path)
            assert [code for code, frame in frames.items() if line.crosses(frame)] == [], step.id
            assert line.bounds[0] >= 0 and line.bounds[2] <= chart.width
        assert [pair for pair in combinations(frames.values(), 2) if pair[0].intersects(pair[1])] == []
