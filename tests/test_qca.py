"""Qualitative comparative analysis against published results, against brute force, and in what it refuses."""

import io
import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from research_lib.errors import UnfitDataError
from research_lib.methods import qca
from research_lib.methods.qca import prime_implicants
from research_lib.methods.qca.combinations import Layout, within
from research_lib.methods.qca.prime_implicants import solve_chart


def table(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), sep=r"\s+", index_col="case")


# Lipset's eighteen countries between the wars: fuzzy (Ragin 2009), crisp and multi-value (Cronqvist and Berg-Schlosser 2009)
FUZZY = table("""
case DEV URB LIT IND STB SURV
AU 0.81 0.12 0.99 0.73 0.43 0.05
BE 0.99 0.89 0.98 1 0.98 0.95
CZ 0.58 0.98 0.98 0.9 0.91 0.89
EE 0.16 0.07 0.98 0.01 0.91 0.12
FI 0.58 0.03 0.99 0.08 0.58 0.77
FR 0.98 0.03 0.99 0.81 0.95 0.95
DE 0.89 0.79 0.99 0.96 0.31 0.05
GR 0.04 0.09 0.13 0.36 0.43 0.06
HU 0.07 0.16 0.88 0.07 0.13 0.42
IE 0.72 0.05 0.98 0.01 0.95 0.92
IT 0.34 0.1 0.41 0.47 0.58 0.05
NL 0.98 1 0.99 0.94 0.99 0.95
PL 0.02 0.17 0.59 0 0 0.12
PT 0.01 0.02 0.01 0.11 0.01 0.05
RO 0.01 0.03 0.17 0 0.84 0.21
ES 0.03 0.3 0.09 0.21 0.2 0.06
SE 0.95 0.13 0.99 0.67 0.91 0.95
UK 0.98 0.99 0.99 1 0.98 0.95
""")
LEVELS = table("""
case DEV URB LIT IND STB SURV
AU 1 0 1 1 0 0
BE 2 1 1 1 1 1
CZ 1 1 1 1 1 1
EE 0 0 1 0 1 0
FI 1 0 1 0 1 1
FR 2 0 1 1 1 1
DE 1 1 1 1 0 0
GR 0 0 0 0 0 0
HU 0 0 1 0 0 0
IE 1 0 1 0 1 1
IT 0 0 0 0 1 0
NL 2 1 1 1 1 1
PL 0 0 1 0 0 0
PT 0 0 0 0 0 0
RO 0 0 0 0 1 0
ES 0 0 0 0 0 0
SE 2 0 1 1 1 1
UK 2 1 1 1 1 1
""")
CRISP = LEVELS.clip(upper=1)
# ethnic protest in twenty-nine places (Cebotari and Vink 2013)
PROTEST = table("""
case DEMOC ETHFRACT GEOCON POLDIS NATPRIDE PROTEST
GreeksAlbania 0.41 0.08 0.95 0.88 0.77 0.47
LezginsAzerbaijan 0.06 0.14 0.35 0.05 0.88 0.7
RussiansAzerbaijan 0.06 0.14 0.35 0.24 0.91 0.03
PolesBelarus 0.1 0.32 0.78 0.37 0.8 0.03
RussiansBelarus 0.1 0.32 0.35 0.05 0.6 0.03
CroatsBosnia 0.13 0.86 0.78 0.05 0.66 0.27
MuslimsBosnia 0.13 0.86 0.78 0.05 0.96 0.15
SerbsBosnia 0.13 0.86 0.78 0.05 0.87 0.44
TurksBulgaria 0.87 0.23 0.78 0.05 0.7 0.47
RomaBulgaria 0.87 0.23 0.05 0.95 0.83 0.36
RussiansEstonia 0.82 0.54 0.78 0.8 0.54 0.79
RussiansGeorgia 0.35 0.49 0.35 0.11 0.93 0.33
SardiniansItaly 0.96 0.06 0.95 0.05 0.86 0.02
SouthTyrolians 0.96 0.06 0.95 0.05 0.75 0.36
RussiansLatvia 0.88 0.72 0.35 0.92 0.29 0.85
AlbaniansFYROM 0.56 0.59 0.95 0.58 0.25 0.85
SerbsFYROM 0.56 0.59 0.78 0.05 0.87 0.57
RomaFYROM 0.56 0.59 0.35 0.69 0.95 0.09
GagauzMoldova 0.49 0.54 0.95 0.65 0.6 0.73
SlavsMoldova 0.49 0.54 0.35 0.05 0.51 0.56
HungariansRom 0.7 0.23 0.95 0.83 0.62 0.59
BasquesSpain 0.96 0.51 0.95 0.05 0.38 0.93
CatalansSpain 0.96 0.51 0.95 0.05 0.86 0.56
CatholicsNIreland 0.96 0.26 0.95 0.58 0.75 0.89
ScotsUK 0.96 0.26 0.95 0.05 0.88 0.36
CrimRussiansUkr 0.49 0.39 0.95 0.05 0.06 0.89
RussiansUkraine 0.49 0.39 0.95 0.05 0.34 0.52
HungariansYugo 0.12 0.95 0.95 0.95 0.43 0.85
KosovoAlbanians 0.12 0.95 0.95 0.92 0.41 0.98
""")
# made to try minimisers (Dusa 2018, Consistency cubes, R Journal 10(2)); the last digit is the outcome
MADE = {
    25: "10000101111 11101010001 10111010011 00100110011 00000001011 00110111111 10110001111 10011111110 10010011100 11001010000",
    201: """
        10011111110110111 10000101111011111 11101010001101011 10111010011011101 00110111111111111
        10010011100000111 00100110011111000 00000001011111110 10110001111100000 11001010000011010
    """,
    1931: """
        010101100111110101011 010111111001100001111 100110011010011000111 011111011100001001111 001110110111101011111
        001011100111111001101 000111111001100101001 011111111001011111001 101110111010110001010 100011111010111111010
        111101001000110111000 111101111011110101010 000001110111100111110 110011000100111001000 101100100011111001100
        100001111000000111110 010010100001010011100 010111001111000111100 010100011010001000010 100000111000010111000
    """,
}
FIVE = ["DEV", "URB", "LIT", "IND", "STB"]


def lipset(data: pd.DataFrame, outcome: str = "SURV", conditions=FIVE, **options) -> qca.TruthTable:
    return qca.truth_table(data, outcome=outcome, conditions=conditions, **options)


def terms(solution: qca.Solution) -> list[set[str]]:
    return [set(model.terms) for model in solution.models]


def fitted(model: qca.Model) -> dict[str, list[float]]:
    columns = ["consistency", "pri", "coverage", "unique"]
    return {row["term"]: [round(row[name], 6) for name in columns] for row in model.fit.to_dict("records")}


def whole(model: qca.Model, digits: int = 6) -> tuple[float, ...]:
    return tuple(round(value, digits) for value in (model.whole.consistency, model.whole.pri, model.whole.coverage))


def test_the_fuzzy_truth_table_is_the_published_one():
    frame = lipset(FUZZY, inclusion=0.8).frame
    rows = {
        "".join(str(row[name]) for name in FIVE): (
            row["outcome"],
            row["n"],
            round(row["inclusion"], 6),
            round(row["pri"], 6),
        )
        for row in frame.to_dict("records")
    }
    assert rows["10101"] == ("1", 2, 0.804270, 0.719388)
    assert rows["11111"] == ("1", 4, 0.904206, 0.885794)
    assert rows["10111"] == ("0", 2, 0.708772, 0.634361)
    assert [key for key, row in rows.items() if row[0] == "1"] == ["10101", "11111"]


def test_the_fuzzy_solutions_are_the_published_ones():
    made = lipset(FUZZY, inclusion=0.8)
    (conservative,) = qca.minimize(made).models
    assert fitted(conservative) == {
        "DEV*URB*LIT*IND*STB": [0.904206, 0.885794, 0.454225, 0.393192],
        "DEV*~URB*LIT*~IND*STB": [0.804270, 0.719388, 0.265258, 0.204225],
    }
    assert whole(conservative) == (0.869767, 0.842991, 0.658451)
    (parsimonious,) = qca.minimize(made, "parsimonious").models
    assert fitted(parsimonious) == {
        "DEV*~IND": [0.814815, 0.720812, 0.284038, 0.193662],
        "URB*STB": [0.873767, 0.845411, 0.519953, 0.429577],
    }
    assert whole(parsimonious) == (0.850350, 0.818644, 0.713615)
    (intermediate,) = qca.minimize(made, "intermediate", expect="DEV + URB + LIT + IND + STB").models
    assert set(intermediate.terms) == {"DEV*URB*LIT*STB", "DEV*LIT*~IND*STB"}
    assert whole(intermediate) == (0.865948, 0.838590, 0.659624)


def test_necessity_is_the_published_one():
    found = qca.necessary_conditions(FUZZY, outcome="SURV", conditions=FIVE).set_index("expression").round(4)
    assert found.loc["DEV"].tolist() == [0.8310, 0.8114, 0.7746]
    assert found.loc["LIT"].tolist() == [0.9906, 0.5094, 0.6428]
    assert found.loc["STB"].tolist() == [0.9202, 0.6801, 0.7069]


def test_the_crisp_solutions_are_the_published_ones():
    made = lipset(CRISP)
    assert terms(qca.minimize(made)) == [{"DEV*~URB*LIT*STB", "DEV*LIT*IND*STB"}]
    assert terms(qca.minimize(made, "parsimonious")) == [{"DEV*STB"}]
    assert terms(qca.minimize(made, "intermediate", expect="DEV+URB+LIT+IND+STB")) == [{"DEV*LIT*STB"}]
    assert terms(qca.minimize(lipset(CRISP, "~SURV"), "parsimonious")) == [{"~DEV", "~STB"}]


def test_the_multi_value_solutions_are_the_published_ones():
    made = lipset(LEVELS, conditions=FIVE[:4])
    assert terms(qca.minimize(made)) == [{"DEV[2]*LIT*IND", "DEV[1]*~URB*LIT*~IND"}]
    (parsimonious,) = qca.minimize(made, "parsimonious").models
    assert set(parsimonious.terms) == {"DEV[2]", "DEV[1]*~IND"}
    assert parsimonious.whole.coverage == 0.875


def test_all_four_tied_models_of_protest_are_shown():
    made = qca.truth_table(PROTEST, outcome="PROTEST", conditions=list(PROTEST.columns[:5]), inclusion=0.8)
    found = qca.minimize(made, "parsimonious")
    assert (found.count, found.is_complete) == (4, True)
    assert all({"~NATPRIDE", "DEMOC*GEOCON*POLDIS"} < model for model in terms(found))
    assert (
        sorted(whole(model, 3) for model in found.models) == [(0.877, 0.777, 0.805)] * 2 + [(0.879, 0.782, 0.810)] * 2
    )
    (conservative,) = qca.minimize(made).models
    assert whole(conservative) == (0.899225, 0.807566, 0.711656)


@pytest.mark.parametrize("expected", MADE)
def test_prime_implicants_of_made_up_tables_are_as_many_as_published(expected):
    rows = [list(map(int, row)) for row in MADE[expected].split()]
    layout = Layout(tuple(f"C{at}" for at in range(len(rows[0]) - 1)), (2,) * (len(rows[0]) - 1))
    positive, negative = ([layout.of_levels(row[:-1]) for row in rows if row[-1] == wanted] for wanted in (1, 0))
    assert len(prime_implicants.against(layout, positive, negative)) == expected


def every_combination(layout: Layout) -> list[int]:
    choices = [
        [part, *(1 << (o + v) for v in range(s))]
        for part, o, s in zip(layout.parts, layout.offsets, layout.levels, strict=True)
    ]
    return [sum(chosen) for chosen in itertools.product(*choices)]


def widest_of(combinations: list[int]) -> set[int]:
    return {
        combination
        for combination in combinations
        if not any(combination != other and within(combination, other) for other in combinations)
    }


def covers_by_trial(rows: list[int], combinations: list[int]) -> set[frozenset[int]]:
    for size in range(1, len(rows) + 1):
        found = {
            frozenset(chosen)
            for chosen in itertools.combinations(combinations, size)
            if all(any(within(row, combination) for combination in chosen) for row in rows)
        }
        if found:
            return found
    return set()


@st.composite
def tables(draw):
    """A layout of up to six conditions, with the combinations that are positive, negative and free."""
    levels = draw(st.lists(st.sampled_from([2, 2, 2, 3]), min_size=1, max_size=6).filter(lambda x: math.prod(x) <= 64))
    layout = Layout(tuple(f"C{at}" for at in range(len(levels))), tuple(levels))
    rows = list(layout.rows(layout.everything))
    shown = draw(st.lists(st.sampled_from(rows), min_size=2, max_size=8, unique=True))
    split = draw(st.integers(1, len(shown) - 1))
    return layout, rows, shown[:split], shown[split:]


@given(tables())
def test_minimisation_equals_brute_force(drawn):
    layout, rows, positive, negative = drawn
    combinations = every_combination(layout)
    free = [c for c in combinations if any(within(p, c) for p in positive) and not any(within(n, c) for n in negative)]
    careful = [
        combination for combination in combinations if all(row in positive for row in rows if within(row, combination))
    ]
    for found, expected in (
        (prime_implicants.against(layout, positive, negative), widest_of(free)),
        (prime_implicants.among(layout, positive), widest_of(careful)),
    ):
        assert set(found) == expected
        if len(found) <= 16:  # trying all covers of more would take too long
            chart = solve_chart(positive, found, 10_000)
            assert set(map(frozenset, chart.listed)) == covers_by_trial(positive, found)
            assert chart.count == len(chart.listed) and chart.is_complete


@pytest.mark.slow
@given(st.integers(0, 10_000))
def test_names_order_and_copies_of_cases_change_nothing(seed):
    random = np.random.default_rng(seed)
    values = random.integers(1, 100, (12, 5)) / 100
    data = pd.DataFrame(
        np.where(values == 0.5, 0.51, values), columns=list("ABCDY"), index=[f"case {n}" for n in range(12)]
    )
    if data["Y"].gt(0.5).nunique() == 1:
        return
    base = outcome_of(data)
    assert outcome_of(data.sample(frac=1, random_state=seed)) == base
    assert outcome_of(data[["Y", "D", "B", "A", "C"]]) == base
    assert outcome_of(pd.concat([data, data.set_axis([f"again {n}" for n in range(12)])])) == base
    flipped = outcome_of(data.assign(A=1 - data["A"]))
    assert {frozenset(swap(term) for term in model) for model in base} == flipped or "refused" in (base, flipped)


def outcome_of(data: pd.DataFrame):
    try:
        made = qca.truth_table(data, outcome="Y", conditions=list("ABCD"), inclusion=0.8)
        return {
            frozenset(frozenset(term.split("*")) for term in model)
            for model in terms(qca.minimize(made, "parsimonious"))
        }
    except UnfitDataError:
        return "refused"


def swap(term: frozenset[str]) -> frozenset[str]:
    return frozenset({"A": "~A", "~A": "A"}.get(literal, literal) for literal in term)


def test_an_outcome_is_never_better_explained_by_more_cuts_than_one():
    steps = lipset(FUZZY, inclusion=0.8).frame["inclusion"]
    found = qca.threshold_range(lambda cut: qca.minimize(lipset(FUZZY, inclusion=cut), "parsimonious"), steps, at=0.8)
    assert (round(found.low, 6), round(found.high, 6)) == (0.8, 0.804270)
    assert found.tried.set_index("value")["same"].sum() == 2
    assert found.tried.iloc[0]["note"].startswith("every row that cases show is positive")


def test_rows_are_written_as_models_write_them():
    data = pd.DataFrame({"kin": [1, 0, 0.67], "debts": [0, 1, 0.67], "Y": [1, 0, 1]}, index=["p", "q", "r"])
    written = qca.truth_table(data, outcome="Y", conditions=["kin", "debts"], inclusion=0.8).written
    assert written["cases"].to_dict() == {"~kin*debts": ("q",), "kin*~debts": ("p",), "kin*debts": ("r",)}
    assert written["outcome"].tolist() == ["0", "1", "1"] and "kin" not in written


def test_frequency_turns_rare_rows_into_remainders():
    made = lipset(FUZZY, inclusion=0.8, frequency=2)
    assert made.frame.loc[made.frame["n"] == 1, "outcome"].eq("rare").all()
    assert len(made.positive) + len(made.negative) == 6


def test_rows_on_which_cases_disagree_are_contradictory_and_name_them():
    made = lipset(CRISP, conditions=["DEV", "LIT"], exclusion=0.0)
    row = made.frame.query("DEV == 1 and LIT == 1").iloc[0]
    assert row["outcome"] == "contradictory"
    assert set(row["deviant"]) == {"BE", "CZ", "FI", "FR", "IE", "NL", "SE", "UK"}
    assert made.frame.query("DEV == 0")["outcome"].eq("0").all()


def test_a_pri_threshold_turns_a_row_negative():
    made = lipset(FUZZY, inclusion=0.8, pri=0.8)
    assert [row["n"] for row in made.frame.query("outcome == '1'").to_dict("records")] == [4]


def test_joint_expectations_count_only_together():
    made = lipset(FUZZY, inclusion=0.8)
    alone = qca.minimize(made, "intermediate", expect="URB + IND + DEV + LIT + STB")
    joint = qca.minimize(made, "intermediate", expect="URB*IND")
    assert set(joint.models[0].terms) == {"DEV*URB*LIT*IND*STB", "DEV*~URB*LIT*~IND*STB"}
    with_literacy = qca.minimize(made, "intermediate", expect="URB*LIT")
    assert terms(with_literacy) == terms(alone) == [{"DEV*URB*LIT*STB", "DEV*LIT*~IND*STB"}]


def test_intermediate_lies_between_conservative_and_parsimonious():
    made = qca.truth_table(PROTEST, outcome="PROTEST", conditions=list(PROTEST.columns[:5]), inclusion=0.8)
    careful, frugal = (qca.minimize(made, kind) for kind in ("conservative", "parsimonious"))
    found = qca.minimize(made, "intermediate", expect="DEMOC + GEOCON + POLDIS")
    loose = {term for cover in frugal.combinations for term in cover}
    for cover in found.combinations:
        assert all(any(within(term, other) for other in loose) for term in cover)
    for term in careful.combinations[0]:
        assert any(within(term, other) for cover in found.combinations for other in cover)


def test_assumptions_are_the_combinations_without_cases_that_a_model_takes_in():
    made = lipset(CRISP)
    assert qca.assumptions(made, qca.minimize(made).combinations[0]) == ()
    assumed = qca.assumptions(made, qca.minimize(made, "parsimonious").combinations[0])
    assert len(assumed) == 8 - 3 and all("DEV" in row.split("*") and "STB" in row.split("*") for row in assumed)


def barred(made: qca.TruthTable, exclude: str) -> list[str]:
    return [
        made.layout.text(row) for combination in made.layout.parse(exclude) for row in made.layout.rows(combination)
    ]


def test_leaving_out_cases_and_countries_says_what_changes():
    def analyse(data):
        return qca.minimize(lipset(data, inclusion=0.8), "parsimonious")

    found = qca.leave_one_out(FUZZY, analyse).set_index("left_out")
    assert len(found) == 18 and found.loc["PT", "same"] and found["note"].eq("").all()
    assert not found["same"].all()
    halves = FUZZY.assign(half=["first"] * 9 + ["second"] * 9)
    assert qca.leave_one_out(halves, analyse, by="half")["left_out"].tolist() == ["first", "second"]


def test_all_ways_to_fill_empty_cells_are_tried_where_they_are_few():
    def analyse(data):
        return qca.minimize(lipset(data, inclusion=0.8), "parsimonious")

    holes = FUZZY.copy()
    holes.loc["AU", "IND"] = holes.loc["PT", "URB"] = np.nan
    found = qca.over_fillings(holes, analyse)
    assert found["fillings"].sum() == 4 and found["is_exhaustive"].all()
    drawn = qca.over_fillings(holes, analyse, most=3, seed=5)
    assert drawn["fillings"].sum() == 3 and not drawn["is_exhaustive"].any()
    assert drawn.equals(qca.over_fillings(holes, analyse, most=3, seed=5))


def test_an_outcome_dealt_at_random_is_explained_less_often_than_one_that_follows():
    rows = pd.DataFrame(list(itertools.product([0, 1], repeat=2)) * 10, columns=["A", "B"])
    data = rows.assign(Y=rows["A"])

    def analyse(cases):
        return qca.minimize(qca.truth_table(cases, outcome="Y", conditions=["A", "B"], inclusion=0.8), "parsimonious")

    found = qca.over_shuffles(data, analyse, outcome="Y", shuffles=20)
    assert found["shuffle"].tolist() == list(range(21))
    assert found.loc[0, ["result", "coverage"]].tolist() == ["A", 1.0]
    assert (found.loc[1:, "coverage"] < 1).all() and found["result"].str.startswith("refused: ").any()
    assert found.equals(qca.over_shuffles(data, analyse, outcome="Y", shuffles=20))
    assert not found.equals(qca.over_shuffles(data, analyse, outcome="Y", shuffles=20, seed=1))
    with pytest.raises(UnfitDataError, match="'Z'"):
        qca.over_shuffles(data, analyse, outcome="Z")


def test_a_cell_moved_by_one_step_is_every_cell_and_no_other():
    data = pd.DataFrame({"A": [0.33, 0, 1], "B": [0.67, 0.33, 0.67], "Y": [1, 0.33, 0.33]}, index=["p", "q", "r"])

    def analyse(cases):
        return qca.minimize(qca.truth_table(cases, outcome="Y", conditions=["A", "B"], inclusion=0.8), "parsimonious")

    found = qca.over_steps(data, analyse)
    assert len(found) == 3 * 1 + 6 * 2
    base = str(analyse(data).models[0])
    for move in found.itertuples():
        moved = data.copy()
        assert moved.loc[move.case, move.set] == move.before
        moved.loc[move.case, move.set] = move.after
        assert qca.over_versions({"moved": moved}, analyse).loc["moved", "result"] == move.result
        assert move.same == (move.result == base)
    assert 0 < found["same"].sum() < len(found)
    told = qca.over_versions({"all": data, "two": data.drop(index="p")}, analyse)
    assert told["cases"].tolist() == [3, 2] and told.loc["all", "result"] == base
    assert told.loc["two", "result"].startswith("refused: ")


def test_direct_calibration_gives_ragins_memberships():
    # gross national product a head of Lipset's countries, 550 as crossover; Ragin takes log odds of 3 for full membership
    income = pd.Series(
        [720, 1098, 586, 468, 590, 983, 795, 390, 424, 662, 517, 1008, 350, 320, 331, 367, 897, 1038], FUZZY.index
    )
    found = qca.direct(income, out=400, crossover=550, full=900, degree=1 / (1 + math.exp(-3)))
    assert found.round(2).tolist() == FUZZY["DEV"].tolist()
    low = qca.direct(income, out=900, crossover=550, full=400)
    assert np.allclose(low + qca.direct(income, out=400, crossover=550, full=900), 1)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"DEV": 1.0}, "DEV: it is 1 for every case, so it tells nothing apart; leave it out"),
        ({"DEV": 0.5}, "AU, DEV: a membership of exactly .5 is neither in nor out"),
        ({"DEV": 1.2}, "AU, DEV: 1.2 is neither a membership from 0 to 1 nor a level"),
        ({"DEV": np.nan}, "AU, DEV: the cell is empty; a case of which a condition is unknown"),
        ({"SURV": 0.5}, "AU, SURV: a membership of exactly .5"),
        ({"SURV": 3}, "AU, SURV: 3 is not a membership from 0 to 1; calibrate the outcome"),
        ({"SURV": 0.2}, "SURV: all cases are on the same side"),
    ],
)
def test_unfit_data_are_refused_in_a_sentence(change, sentence):
    (name, value) = next(iter(change.items()))
    data = FUZZY.copy()
    if "every case" in sentence or "all cases" in sentence:
        data[name] = value
    else:
        data.loc["AU", name] = value
    with pytest.raises(UnfitDataError) as refusal:
        lipset(data)
    assert str(refusal.value).startswith(sentence)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: lipset(FUZZY, conditions=["DEV", "GDP"]), "column 'GDP' is missing; the columns are DEV, URB"),
        (lambda: lipset(FUZZY, conditions=["DEV", "SURV"]), "name each condition once"),
        (lambda: lipset(FUZZY, inclusion=1.5), "inclusion is a threshold between 0 and 1"),
        (lambda: lipset(FUZZY, frequency=0), "frequency is 0; write a whole number from 1"),
        (lambda: lipset(pd.concat([FUZZY, FUZZY])), "two cases are named 'AU'"),
        (lambda: lipset(FUZZY.iloc[:0]), "the data have no case"),
        (lambda: qca.minimize(lipset(FUZZY)), "no row reaches an inclusion of 1"),
        (lambda: qca.minimize(lipset(FUZZY, inclusion=0.1), "parsimonious"), "every row that cases show is positive"),
        (
            lambda: qca.minimize(lipset(FUZZY, inclusion=0.8), "intermediate"),
            "an intermediate solution needs what you expect",
        ),
        (
            lambda: qca.minimize(lipset(FUZZY, inclusion=0.8), "parsimonious", exclude="GDP"),
            "'GDP' is not a condition here",
        ),
        (lambda: qca.minimize(lipset(FUZZY, inclusion=0.8), "short"), "'short' is not a solution"),
        (lambda: lipset(LEVELS).layout.parse("DEV"), "'DEV' has 3 levels; say which"),
        (lambda: lipset(LEVELS).layout.parse("DEV[3]"), "'DEV[3]': the levels of DEV are 0 to 2"),
        (lambda: lipset(LEVELS).layout.parse("URB*~URB"), "'URB*~URB' requires two things that exclude each other"),
        (lambda: Layout(tuple(f"C{n}" for n in range(40)), (2,) * 40), "40 conditions are more than"),
        (lambda: qca.direct([1, 2], out=3, crossover=2, full=4), "the crossover 2 must lie between"),
        (lambda: qca.leave_one_out(FUZZY, lipset, by="country"), "column 'country' is missing"),
    ],
)
def test_what_cannot_be_done_is_said(wrong, sentence):
    with pytest.raises(UnfitDataError) as refusal:
        wrong()
    assert str(refusal.value).startswith(sentence)


def test_many_tied_models_are_counted_and_not_all_listed():
    random = np.random.default_rng(11)
    data = pd.DataFrame(random.integers(0, 2, (30, 8)), columns=list("ABCDEFGY"))
    made = qca.truth_table(data, outcome="Y", conditions=list("ABCDEFG"), inclusion=0.8)
    few, many = (qca.minimize(made, "parsimonious", limit=limit) for limit in (5, 1_000))
    assert len(few.models) == 5 and few.combinations[0] in many.combinations
    assert many.is_complete and many.count == len(many.models) == 112


@st.composite
def expected_tables(draw):
    layout, _, positive, negative = draw(tables())
    literals = [(at, level) for at, size in enumerate(layout.levels) for level in range(size)]
    chosen = draw(st.lists(st.lists(st.sampled_from(literals), min_size=1, max_size=2), min_size=1, max_size=3))
    expected = []
    for asked in chosen:
        combination = layout.everything
        for at, level in dict(asked).items():
            combination &= ~layout.parts[at] | 1 << (layout.offsets[at] + level)
        expected.append(combination)
    return layout, positive, negative, expected


def is_easy(layout: Layout, row: int, positive: list[int], expected: list[int]) -> bool:
    """Whether some positive row becomes this one by changes of which each belongs to an expectation that holds in it."""
    held = [combination for combination in expected if within(row, combination)]
    may_change = {part for combination in held for part in layout.parts if combination & part != part}
    return any(all(row & part == known & part or part in may_change for part in layout.parts) for known in positive)


@pytest.mark.slow
@given(expected_tables())
@example((Layout(("C0", "C1", "C2"), (2, 2, 3)), [42], [21], [117, 46]))
def test_an_intermediate_solution_assumes_only_what_is_expected(drawn):
    layout, positive, negative, expected = drawn
    cells = dict.fromkeys(positive, 1) | dict.fromkeys(negative, 0)
    data = pd.DataFrame(
        [
            [(row & part).bit_length() - 1 - offset for part, offset in zip(layout.parts, layout.offsets, strict=True)]
            for row in cells
        ],
        columns=list(layout.conditions),
    ).assign(Y=list(cells.values()))
    varying = [name for name in layout.conditions if data[name].nunique() > 1]
    if len(varying) < len(layout.conditions):
        return
    sizes = dict(zip(layout.conditions, layout.levels, strict=True))
    made = qca.truth_table(data, outcome="Y", conditions=list(layout.conditions), levels=sizes)
    expect = " + ".join(layout.text(combination) for combination in expected)
    found = qca.minimize(made, "intermediate", expect=expect)
    frugal = set(qca.assumptions(made, qca.minimize(made, "parsimonious").used))
    easy = {layout.text(row) for row in layout.rows(layout.everything) if is_easy(layout, row, positive, expected)}
    for cover in found.combinations:
        assert set(qca.assumptions(made, cover)) <= easy & frugal


@given(tables(), st.integers(0, 10_000))
def test_prime_implicants_of_any_union_equal_brute_force(drawn, seed):
    layout = drawn[0]
    random = np.random.default_rng(seed)
    combinations = [
        int(combination)
        for combination in random.integers(1, layout.everything + 1, 4)
        if not layout.is_empty(int(combination))
    ]
    if combinations:
        inside = [
            combination
            for combination in every_combination(layout)
            if all(any(within(row, c) for c in combinations) for row in layout.rows(combination))
        ]
        assert set(prime_implicants.among(layout, combinations)) == widest_of(inside)


def test_a_joint_expectation_holds_only_as_a_whole():
    one = pd.DataFrame({"L": [0, 0, 1, 1], "S": [0, 0, 1, 0], "X": [1, 0, 0, 0], "Y": [1, 0, 0, 0]})
    made = qca.truth_table(one, outcome="Y", conditions=["L", "S", "X"])
    assert terms(qca.minimize(made, "intermediate", expect="L + S")) == [{"X"}]
    assert terms(qca.minimize(made, "intermediate", expect="L*S")) == [{"~L*~S*X"}]
    levels = pd.DataFrame({"A": [0, 0, 1, 2], "X": [1, 0, 0, 0], "Y": [1, 0, 0, 0]})
    made = qca.truth_table(levels, outcome="Y", conditions=["A", "X"])
    assert not any(
        "A[1]" in row
        for cover in qca.minimize(made, "intermediate", expect="A[2]").combinations
        for row in qca.assumptions(made, cover)
    )


def test_what_is_not_listed_is_said():
    data = table("""
case A B C D Y
p 0 0 0 1 1
q 0 1 0 0 0
r 1 0 0 0 1
s 1 0 0 1 0
t 1 1 1 0 0
u 1 1 1 1 1
""")
    made = qca.truth_table(data, outcome="Y", conditions=list("ABCD"))
    few, all_ = (qca.minimize(made, "intermediate", expect="A+B", limit=limit) for limit in (2, 100))
    assert not few.is_complete and all_.is_complete and all_.count == len(all_.models) > few.count


def test_levels_can_be_said_where_the_cases_left_do_not_show_them():
    data = pd.DataFrame({"A": [0, 1, 1, 2, 0], "B": [1, 1, 0, 0, 0], "Y": [0, 1, 0, 0, 0]}, index=list("pqrst"))
    found = qca.leave_one_out(
        data,
        lambda cases: qca.minimize(
            qca.truth_table(cases, outcome="Y", conditions=["A", "B"], levels={"A": 3}), "parsimonious"
        ),
    ).set_index("left_out")
    assert found.loc["s", "same"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            lambda: lipset(FUZZY.rename(columns={"DEV": "A*B"}), conditions=["A*B", "STB"]),
            "'A*B' cannot name a condition",
        ),
        (lambda: lipset(FUZZY.rename(columns={"DEV": 5}), conditions=[5, "STB"]), "5 cannot name a condition"),
        (
            lambda: lipset(FUZZY.rename(columns={"DEV": "pri"}), conditions=["pri", "STB"]),
            "the result has its own column 'pri'",
        ),
        (lambda: lipset(pd.concat([FUZZY, FUZZY[["DEV"]]], axis=1)), "two columns are named 'DEV'"),
        (
            lambda: lipset(FUZZY.assign(**{"~SURV": 0.1}), "~SURV"),
            "column '~SURV' reads as part of 'SURV'",
        ),
        (lambda: lipset(FUZZY, "SURV[1]"), "SURV holds memberships and no levels"),
        (lambda: lipset(FUZZY.assign(DEV=range(1990, 2008))), "DEV: it has levels up to 2007; calibrate it first"),
        (lambda: lipset(FUZZY.replace(0.81, np.inf)), "AU, DEV: 'inf' is not a membership"),
        (lambda: lipset(FUZZY, pri=5), "pri is 5; write a number from 0 to 1"),
        (lambda: lipset(LEVELS, levels={"DEV": 2}), "DEV: it shows 3 levels, and levels gives 2"),
        (
            lambda: qca.minimize(lipset(FUZZY, inclusion=0.8, pri=0.95)),
            "no row that reaches an inclusion of 0.8 reaches a PRI",
        ),
        (lambda: qca.minimize(lipset(FUZZY, inclusion=0.8, frequency=9)), "no row has 9 cases"),
        (lambda: qca.minimize(lipset(FUZZY, inclusion=0.8), limit=0), "limit is 0; write a whole number from 1"),
        (lambda: qca.model_of(lipset(FUZZY), []), "the expression is empty"),
        (lambda: qca.leave_one_out(FUZZY.assign(land=None), lipset, by="land"), "AU, land: the cell is empty"),
        (lambda: qca.over_fillings(FUZZY.assign(land="x"), lipset), "land: it holds words"),
        (lambda: qca.over_steps(FUZZY, parsimonious), "AU, DEV: 0.81 is not a degree of the scale"),
    ],
)
def test_names_and_thresholds_that_would_mislead_are_refused(wrong, sentence):
    with pytest.raises(UnfitDataError) as refusal:
        wrong()
    assert str(refusal.value).startswith(sentence)


UNUSED = "expect is for the intermediate solution"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: lipset(LEVELS, levels={"dev": 3}), "levels names 'dev', which is not a condition; there are DEV"),
        (lambda: lipset(FUZZY, levels={"DEV": 3}), "DEV: it holds memberships, which have no levels"),
        *[
            (
                lambda size=size: lipset(LEVELS, levels={"DEV": size}),
                f"DEV: levels gives {size!r}; write a whole number from 2 to 12",
            )
            for size in ("3", 3.5, True, 13)
        ],
        (lambda: qca.minimize(lipset(CRISP), expect="DEV"), UNUSED),
        (lambda: qca.minimize(lipset(CRISP), "parsimonious", expect="DEV"), UNUSED),
        (lambda: qca.minimize(lipset(CRISP), "intermediate", expect=["DEV"]), "['DEV'] is not an expression"),
        (lambda: qca.minimize(lipset(CRISP), exclude="DEV"), "exclude is for the parsimonious and the intermediate"),
        (lambda: qca.minimize(lipset(FUZZY, conditions=["DEV", "STB"], inclusion=0.1)), "every row that cases show"),
        *[
            (lambda limit=limit: qca.minimize(lipset(CRISP), limit=limit), f"limit is {limit!r}; write a whole")
            for limit in (10.0, "1", None)
        ],
        *[(lambda few=few: lipset(CRISP, frequency=few), "frequency is ") for few in (math.nan, "2")],
        *[(lambda cut=cut: lipset(CRISP, **{cut: "1"}), "inclusion is a thr") for cut in ("inclusion", "exclusion")],
        (lambda: lipset(CRISP, pri=None), "pri is None; write a number from 0 to 1"),
        *[(lambda seed=seed: filled(seed=seed), f"seed is {seed!r}") for seed in (None, "a", -1)],
        *[(lambda most=most: filled(most=most), f"most is {most!r}; write a whole") for most in (0, 2.5)],
        *[(lambda values=values: filled(values=values), "values is") for values in ((), ("a",), 0.3)],
        (lambda: qca.direct([1, 2], out="1", crossover=2, full=3), "the crossover 2 must lie between"),
        (lambda: lipset(CRISP.set_axis([1, "1", *range(2, 18)])), "two cases are named '1'"),
        (lambda: qca.model_of(lipset(CRISP), ["GDP"]), "'GDP' is not a condition here"),
        *[
            (lambda terms=terms: qca.assumptions(lipset(CRISP), terms), f"{str(terms).strip('[]')} is not a term here")
            for terms in ([0], [1 << 40], [1.5], 2.5)
        ],
    ],
)
def test_options_that_cannot_be_or_would_not_be_used_are_refused(wrong, sentence):
    with pytest.raises(UnfitDataError) as refusal:
        wrong()
    assert str(refusal.value).startswith(sentence)


def parsimonious(data: pd.DataFrame) -> qca.Solution:
    return qca.minimize(lipset(data, inclusion=0.8), "parsimonious")


def filled(**options) -> pd.DataFrame:
    return qca.over_fillings(FUZZY.replace(0.81, np.nan), parsimonious, **({"most": 1} | options))


def test_terms_are_read_in_whichever_way_they_are_given():
    made = lipset(CRISP)
    found = qca.minimize(made, "parsimonious")
    (model,) = found.models
    for given_ in (model, str(model), model.terms, found.combinations[0]):
        assert qca.model_of(made, given_).terms == model.terms
        assert len(qca.assumptions(made, given_)) == 8 - 3


def test_cases_may_have_names_of_two_parts():
    two = FUZZY.set_index(pd.MultiIndex.from_product([["Europe"], FUZZY.index]))
    found, plain = (qca.leave_one_out(data, parsimonious) for data in (two, FUZZY))
    assert found["left_out"].tolist() == list(two.index)
    assert found.drop(columns="left_out").equals(plain.drop(columns="left_out"))
