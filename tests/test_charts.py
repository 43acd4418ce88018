"""Charts of the comparative methods: what they must show, read from what is drawn."""

import re
from dataclasses import replace
from io import StringIO

import altair as alt
import numpy as np
import pandas as pd
import pytest
import vl_convert

from research_lib import new_study, open_study
from research_lib.errors import UnfitDataError
from research_lib.methods import contrasts, correspondence, multiple_systems, saturation
from research_lib.show.drawing import correspondence_plane, method_charts
from research_lib.show.drawing.charts import GREY, GRID, INK, MEASURE, group_marks
from research_lib.show.drawing.evidence_charts import official_figures
from research_lib.show.drawing.evidence_charts.table_charts import (
    LEGAL,
    PRESENCES,
    crossed,
    ranges,
    status_matrix,
    unit_squares,
)
from research_lib.show.words import words


def svg(chart: alt.LayerChart) -> str:
    return vl_convert.vegalite_to_svg(chart.to_json())


def words_in(chart: alt.LayerChart) -> list[str]:
    return [text.strip() for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg(chart))]


def marks(chart: alt.LayerChart, kind: str) -> int:
    groups = re.findall(rf'<g class="mark-{kind} role-mark[^"]*"[^>]*>(.*?)</g>', svg(chart), re.DOTALL)
    return sum(group.count("<path") + group.count("<line") + group.count("<text") for group in groups)


@pytest.mark.parametrize("measure", ["difference", "ratio", "odds"])
def test_a_forest_plot_has_counts_estimates_intervals_and_no_stars(measure):
    counts = pd.DataFrame({"outcome": ["debts", "kin"], "k1": [9, 4], "n1": [20, 20], "k2": [12, 10], "n2": [25, 25]})
    counts = counts.assign(group1="FRA", group2="ITA")
    table = contrasts.contrast_counts(counts, measure=measure)
    shown = words_in(method_charts.forest_plot(table))
    assert "debts 9/20 · 12/25" in [re.sub(r"\s+", " ", text) for text in shown]
    factor, digits = (100, 0) if measure == "difference" else (1, 2)
    low, high = (f"{value * factor:.{digits}f}".replace("-", "−") for value in table.loc[0, ["low", "high"]])
    assert any(f"({low} to {high})" in text for text in shown)
    assert not any("*" in text for text in shown)
    assert marks(method_charts.forest_plot(table), "rule") == 2 * len(table)


def test_a_note_such_as_that_the_records_are_synthetic_travels_with_the_chart():
    counts = pd.DataFrame({"outcome": ["debts"], "k1": [9], "n1": [20], "k2": [12], "n2": [25]})
    table = contrasts.contrast_counts(counts.assign(group1="FRA", group2="ITA"))
    assert "synthetic records" in words_in(method_charts.forest_plot(table, note="synthetic records"))


def test_what_is_not_told_has_no_membership_drawn():
    table = pd.DataFrame({"kin": [1, np.nan], "control": [0.33, 0]}, index=["one", "two"])
    shown = words_in(method_charts.memberships(table))
    assert sorted(text for text in shown if re.fullmatch(r"[01]?\.?\d*", text) and text) == [".33", "0", "1"]


def test_what_lies_ahead_begins_where_what_is_held_ends():
    interviews = pd.DataFrame(np.triu(np.ones((6, 6), dtype=int)), columns=list("abcdef"))
    curve = saturation.accumulation(interviews, by=pd.Series(["FRA"] * 3 + ["ITA"] * 3), further=4)
    drawn = method_charts.accumulation(curve)
    assert {"FRA", "ITA"} <= set(words_in(drawn))
    assert marks(drawn, "line") == 4


def test_estimates_name_the_chosen_models_and_how_many_were_seen():
    people = pd.DataFrame(np.random.default_rng(1).integers(0, 2, (200, 3)), columns=["police", "ngo", "clinic"])
    found = multiple_systems.span(multiple_systems.collapse_people(people[people.sum(axis=1) > 0]))
    shown = words_in(method_charts.estimates(found.models.query("is_defensible"), found.seen))
    assert f"{found.seen:,} seen" in shown
    assert any("main effects" in text for text in shown)


def test_the_plane_names_groups_and_never_two_answers_on_one_spot():
    draw = np.random.default_rng(2)
    told = pd.DataFrame({f"q{n}": draw.choice(["yes", "no", "partly"], 90) for n in range(4)})
    told["country"] = draw.choice(["FRA", "ITA"], 90)
    axes = correspondence.correspondence(told, supplementary=["country"])
    chart = correspondence_plane.answers_plane(
        axes, correspondence.outlines(correspondence.ellipses(axes, told, by="country"))
    )
    shown = words_in(chart)
    assert {"FRA", "ITA"} <= set(shown)
    assert sum(bool(re.fullmatch(r"axis [12] \(\d+%\)", text)) for text in shown) == 2
    assert "q0: yes" in shown or "q1: yes" in shown
    assert marks(chart, "line") == 4


def test_each_group_has_a_shape_of_its_own_and_no_hue():
    colours, shapes = (each.to_dict()["scale"]["range"] for each in group_marks("place:N", ["street", "flat", "hotel"]))
    assert colours == [INK, GREY, INK]
    assert len(set(shapes)) == 3


def test_more_groups_than_shapes_are_refused():
    with pytest.raises(UnfitDataError, match="7 groups are more than a reader can tell apart"):
        group_marks("place:N", [*"abcdefg"])


COUNTS = pd.DataFrame({"with papers": [16, 4], "smuggled": [0, 1]}, index=["migration", "return"])


def test_a_cross_table_has_a_square_and_a_number_for_each_count_and_none_for_zero():
    shown = words_in(crossed(COUNTS, "routes"))
    assert sorted(text for text in shown if text.isdigit()) == ["1", "16", "4"]
    assert marks(crossed(COUNTS, "routes"), "symbol") == 3
    assert {"with papers", "smuggled", "migration", "return"} <= set(shown)
    assert "synthetic records" in svg(crossed(COUNTS, "routes", note="synthetic records"))


def test_the_area_of_a_square_is_its_count():
    sides = [float(side) for side in re.findall(r'd="M-[\d.]+,-[\d.]+h([\d.]+)v', svg(crossed(COUNTS, "routes")))]
    assert [side**2 / sides[0] ** 2 for side in sides] == [1, 4 / 16, 1 / 16]
    halved = re.findall(r'd="M-[\d.]+,-[\d.]+h([\d.]+)v', svg(crossed(COUNTS, "routes", most=64)))
    assert [float(side) for side in halved] == [side / 2 for side in sides]


def test_a_cell_that_holds_no_count_is_neither_zero_nor_text():
    unknown = COUNTS.astype("float").replace(0, np.nan)
    grey = [svg(crossed(table, "routes")).count(f'fill="{GRID}"') for table in (COUNTS, unknown)]
    assert grey == [0, 1]
    with pytest.raises(UnfitDataError, match="a cell of the table is no count"):
        crossed(COUNTS.replace(4, "some"), "routes")
    with pytest.raises(UnfitDataError, match="shares are read from a table"):
        crossed(COUNTS / COUNTS.sum(), "routes")
    with pytest.raises(UnfitDataError, match="no cells to draw"):
        crossed(COUNTS.head(0), "routes")


LAW = pd.DataFrame({"Colombia": ["in-force", "absent"], "Peru": ["not-described", None]}, index=["shelter", "permit"])


def test_a_table_of_statuses_has_a_mark_for_each_and_a_legend_of_those_that_occur():
    drawn = status_matrix(LAW, PRESENCES)
    assert {"in force", "absent", "not described", "shelter", "permit", "Colombia", "Peru"} <= set(words_in(drawn))
    assert "planned" not in words_in(drawn)
    assert marks(drawn, "symbol") == 3
    with pytest.raises(UnfitDataError, match="'abolished' is not one of the statuses in-force, practice"):
        status_matrix(LAW.replace("absent", "abolished"), PRESENCES)


def test_each_row_is_a_square_and_the_largest_group_comes_first():
    steps = pd.DataFrame({"who": ["kin", *["boatmen"] * 25], "status": ["regular", *["irregular"] * 25]})
    drawn = unit_squares(steps, "who", LEGAL, note="synthetic")
    assert marks(drawn, "symbol") == len(steps)
    assert [text for text in words_in(drawn) if "(" in text] == ["boatmen (25)", "kin (1)"]
    turned = unit_squares(steps, "who", LEGAL, last="boatmen")
    assert [text for text in words_in(turned) if "(" in text] == ["kin (1)", "boatmen (25)"]
    with pytest.raises(UnfitDataError, match="no rows to draw"):
        unit_squares(steps.head(0), "who", LEGAL)


def test_a_range_is_drawn_from_end_to_end_and_a_single_value_as_a_point():
    table = pd.DataFrame({"name": ["police", "press"], "low": [400, None], "high": [1500, None], "value": [None, 900]})
    drawn = ranges(table, "people")
    assert {"400 to 1,500", "900", "people"} <= set(words_in(drawn))
    assert marks(drawn, "symbol") == 1
    with pytest.raises(UnfitDataError, match="'press' has no range and no value"):
        ranges(table.assign(value=None), "people")


CENSUS = """
indicator | method | country_code | start_year | end_year | period    | value
residents |        | COL          | 2010       | 2010     | 2010      | 40
residents |        | COL          | 2020       | 2020     | 2020      | 1500
residents |        | VEN          | 2020       | 2020     | 2020      | 7
residents |        | PER          | 2020       | 2020     | 2020      | 9
arrivals  | one    | COL          | 2015       | 2020     | 2015/2020 | 300
arrivals  | two    | COL          | 2015       | 2020     | 2015/2020 | 100
"""
OFFICIAL = {
    "source": "census2020",
    "unit": "persons",
    "text": "Made up.",
    "is_approximate": "false",
    "is_headline": "true",
    "code": "demographic-size",
    "informant": "official-statistics",
    "certainty": "estimate",
}


@pytest.fixture
def counted(tmp_path):
    """A new study with official figures: one value a year, and two estimates of another."""
    folder = new_study(tmp_path / "census", countries=["COL", "VEN"])
    rows = pd.read_csv(StringIO(CENSUS.replace(" ", "")), sep="|", dtype="str").assign(**OFFICIAL)
    columns = pd.read_csv(folder / "tables/figures.csv").columns
    rows.assign(id=[f"f-{n}" for n in rows.index]).reindex(columns=columns).to_csv(
        folder / "tables/figures.csv", index=False
    )
    study = open_study(folder)
    return replace(study, settings=study.settings.model_copy(update={"frame_sources": ["census2020"]}))


def test_official_figures_of_any_study_are_those_of_its_frame_sources_and_countries(counted):
    stocks, flows = official_figures.stock_figures(counted), official_figures.flow_figures(counted)
    assert stocks[["country_code", "year", "value"]].to_numpy().tolist() == [
        ["COL", 2010, 40],
        ["COL", 2020, 1500],
        ["VEN", 2020, 7],
    ]
    assert flows[["country_code", "period", "low", "high"]].to_numpy().tolist() == [["COL", "2015–20", 100, 300]]
    assert official_figures.zero_flows(counted).empty


def test_a_country_has_no_hue_of_its_own_and_is_named_at_its_line(counted):
    drawn = svg(official_figures.stocks(counted, words("en")))
    assert re.findall(r'<path [^>]*stroke="(#\w+)" stroke-width="2.5"', drawn) == [MEASURE, MEASURE]
    assert any(text.endswith(" 1,500") for text in words_in(official_figures.stocks(counted, words("en"))))


def test_the_longest_series_is_the_study_s_own(study):
    rows = official_figures.longest_series(study)
    assert rows["indicator"].nunique() == 1 and study.is_own(rows["source"]).all()
    assert {"46,534", "216,660"} <= set(words_in(official_figures.series(rows)))
