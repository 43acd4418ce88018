"""Charts of how far methods can be trusted: what they must show, read from what is drawn."""

import re

import pandas as pd
from vl_convert import vegalite_to_svg

from research_lib.show.drawing import method_checks
from research_lib.show.drawing.charts import GREY, INK, MEASURE


def words_in(chart):
    return [text.strip() for text in re.findall(r"<text[^>]*>([^<]*)</text>", vegalite_to_svg(chart.to_json()))]


def spans_of(chart, colour):
    lines = re.findall(r"<line [^>]*>", vegalite_to_svg(chart.to_json()))
    return sum(f'stroke="{colour}"' in line for line in lines)


def test_coefficients_that_are_alike_share_a_line_and_names_do_not_collide():
    table = pd.DataFrame({"κ": [0.0, 0.01], "other": [0.3, 0.89], "α": [0.01, 0.0], "AC1": [0.2, 0.9]}, [0.5, 0.9])
    chart = method_checks.chance_scores(table, "share marked", "score")
    assert {"κ and α", "other", "AC1", "share marked"} <= set(words_in(chart)) and "κ" not in words_in(chart)
    heights = [
        float(re.search(rf'translate\([\d.]+,([\d.]+)\)"[^>]*>{name}<', vegalite_to_svg(chart.to_json()))[1])
        for name in ("other", "AC1")
    ]
    assert heights[0] - heights[1] > 13


def test_two_values_stand_in_the_order_of_the_first_and_are_named():
    table = pd.DataFrame({"Cohen": [0.2, 0.8], "other": [0.9, 0.1]}, index=["low", "high"])
    shown = words_in(method_checks.two_values(table, "agreement"))
    assert {"Cohen", "other", "agreement"} <= set(shown)
    assert shown.index("high") < shown.index("low")


def test_a_hidden_count_that_can_be_derived_is_called_exact():
    table = pd.DataFrame([("a", "before", 47, 47), ("a", "after", 0, 136)], columns=["row", "case", "low", "high"])
    shown = words_in(method_checks.derived_intervals(table, "persons", note="synthetic counts"))
    assert {"47, exactly", "0 to 136", "before", "after", "persons", "synthetic counts"} <= set(shown)


def test_intervals_that_miss_the_truth_are_black():
    table = pd.DataFrame(
        {"group": ["one"] * 3 + ["two"], "low": [1, 2, 8, 1], "high": [4, 6, 9, 9], "truth": [5, 5, 5, 7]}
    )
    chart = method_checks.how_often_intervals_hold(table, "codes")
    assert (spans_of(chart, INK), spans_of(chart, MEASURE)) == (2, 2)
    assert {"one: in truth 5", "two: in truth 7", "codes"} <= set(words_in(chart))


def test_agreement_has_its_values_in_words_and_leaves_out_what_has_none():
    table = pd.DataFrame(
        {
            "name": ["low", "high", "none"],
            "value": [0.2, 0.8, None],
            "low": [-0.1, None, None],
            "high": [0.5, None, None],
        }
    )
    chart = method_checks.agreement(table, "Krippendorff’s α", note="synthetic texts")
    shown = words_in(chart)
    assert {"0.20", "0.80", "Krippendorff’s α", "synthetic texts"} <= set(shown) and "none" not in shown
    assert shown.index("high") < shown.index("low")
    assert vegalite_to_svg(method_checks.agreement(table.head(0), "Krippendorff’s α").to_json())


def test_what_a_table_hides_is_parted_by_its_reasons_and_the_costliest_stands_first():
    numbers = [(9, 1, 1, 0, 0), (40, 30, 12, 8, 10), (12, 0, 0, 0, 0)]
    names = ["cells", "hidden", "by_rules", "for_own_cells", "for_other_tables"]
    costs = pd.DataFrame(numbers, ["small", "large", "open"], names)
    chart = method_checks.suppression_costs(costs, note="synthetic records")
    shown = words_in(chart)
    assert {"30 of 40", "1 of 9", "0 of 12", "hidden cells", "by a rule of the policy", "synthetic records"} <= set(
        shown
    )
    assert shown.index("large") < shown.index("small") < shown.index("open")
    bars = re.findall(r'<path [^>]*fill="(#[0-9a-f]{6})"', vegalite_to_svg(chart.to_json()))
    assert {INK, GREY, MEASURE} <= set(bars)
