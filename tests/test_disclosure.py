"""What may leave: the policy as a file, what an attacker derives from hidden cells, and further cells hidden against it."""

import io
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from research_lib.disclosure import policy
from research_lib.disclosure.audit import AuditError, audit
from research_lib.disclosure.linked import Linked, across, with_totals
from research_lib.disclosure.policy import Policy, PolicyError
from research_lib.disclosure.suppression import suppress


def marked(text):
    """A table whose hidden cells carry a star: counts, and which are hidden."""
    words = pd.read_csv(io.StringIO(text), sep=r"\s+", index_col=0, dtype=str)
    return words.map(lambda word: int(word.rstrip("*"))), words.map(lambda word: word.endswith("*"))


# Every line has two hidden cells, and yet one of them is known.
LINES_OF_TWO = marked("""
    - a    b    c    d
    w 30*  47*  64*  89
    x 90*  124  5*   31
    y 92   100* 59   85*
    z 800  991* 651  685*
""")


def test_the_table_has_the_totals_of_the_example():
    table, _ = LINES_OF_TWO
    assert table.sum(axis=1).tolist() == [230, 250, 336, 3127]
    assert table.sum().tolist() == [1012, 1262, 779, 890]


def test_a_cell_that_looks_hidden_is_found_to_be_known():
    found = audit(with_totals(*LINES_OF_TWO)).set_index("cell")
    assert found.loc["w | b", ["low", "high", "is_safe"]].tolist() == [47, 47, False]
    assert found["is_safe"].sum() == 8


def test_further_cells_are_hidden_until_none_is_known():
    before = with_totals(*LINES_OF_TWO)
    after = suppress(before)
    found = audit(after)
    assert found["is_safe"].all()
    assert ((found["low"] <= found["count"]) & (found["count"] <= found["high"])).all()
    assert after.hidden.sum() == before.hidden.sum() + 1


def by_trying_all(table: pd.DataFrame, hidden: pd.DataFrame) -> dict[tuple[str, str], tuple[int, int]]:
    """The smallest and largest count of each hidden cell over all tables with the same shown cells and totals."""
    rows, columns = np.nonzero(hidden)
    most = int(max(table.sum().max(), table.sum(axis=1).max()))
    trials = np.array(list(product(range(most + 1), repeat=len(rows))))
    whole = np.repeat(table.to_numpy()[None], len(trials), axis=0)
    whole[:, rows, columns] = trials
    fits = (whole.sum(axis=1) == table.to_numpy().sum(axis=0)).all(axis=1)
    fits &= (whole.sum(axis=2) == table.to_numpy().sum(axis=1)).all(axis=1)
    names = [(table.index[row], table.columns[column]) for row, column in zip(rows, columns, strict=True)]
    return {name: (found.min(), found.max()) for name, found in zip(names, trials[fits].T, strict=True)}


@pytest.mark.parametrize("seed", range(6))
def test_the_audit_derives_what_trying_all_tables_gives(seed):
    draw = np.random.default_rng(seed)
    table = pd.DataFrame(draw.integers(0, 4, (3, 3)), index=list("xyz"), columns=list("abc"))
    hidden = pd.DataFrame(False, index=table.index, columns=table.columns)
    for place in draw.choice(9, 5, replace=False):
        hidden.iloc[place // 3, place % 3] = True
    found = audit(with_totals(table, hidden)).set_index("cell")
    for (row, column), ends in by_trying_all(table, hidden).items():
        assert tuple(found.loc[f"{row} | {column}", ["low", "high"]]) == ends


def counted(frame: pd.DataFrame, *variables: str) -> pd.Series:
    levels = pd.MultiIndex.from_product([sorted(frame[name].unique()) for name in variables], names=variables)
    return frame.groupby(list(variables)).size().reindex(levels, fill_value=0)


@pytest.fixture
def tables():
    draw = np.random.default_rng(4)
    frame = pd.DataFrame({name: draw.integers(0, size, 400) for name, size in (("age", 4), ("town", 3), ("work", 5))})
    return {"age × town": counted(frame, "age", "town"), "age × work": counted(frame, "age", "work")}


def test_two_tables_give_away_what_each_hides_alone(tables):
    hidden = {name: pd.Series(False, table.index) for name, table in tables.items()}
    hidden["age × town"].iloc[4] = True
    linked = across(tables, hidden)
    (found,) = audit(linked).itertuples()
    assert found.low == found.high == found.count
    assert audit(suppress(linked))["is_safe"].all()


def test_rounding_widens_what_can_be_derived(tables):
    hidden = {name: pd.Series(False, table.index) for name, table in tables.items()}
    hidden["age × town"].iloc[4] = True
    (found,) = audit(across(tables, hidden), rounding=5).itertuples()
    assert found.low <= found.count <= found.high
    assert found.high - found.low >= 10


def test_tables_that_contradict_each_other_are_refused(tables):
    hidden = {name: table < 0 for name, table in tables.items()}
    hidden["age × town"].iloc[4] = True
    wrong = across(tables, hidden)
    counts = wrong.counts.copy()
    counts[0] += 50
    with pytest.raises(AuditError, match=r"age × town.*contradict"):
        audit(Linked(counts, wrong.names, wrong.hidden, wrong.sums))


def test_a_table_of_which_nothing_is_left_to_hide_is_refused():
    table = pd.DataFrame([[3]], index=["x"], columns=["a"])
    with pytest.raises(AuditError, match=r"x . a.*drop the table"):
        suppress(with_totals(table, table > 0))


def test_the_policy_is_a_file_with_a_reason_at_each_rule(tmp_path):
    own = Policy.read()
    assert own == Policy()
    assert all(len(reason) > 20 for reason in own.reasons.values())
    file = tmp_path / "policy.toml"
    file.write_text('[persons]\nvalue = 10\nreason = "few"\n', encoding="utf-8")
    with pytest.raises(PolicyError, match=r"policy.toml: the rule 'sources' needs"):
        Policy.read(file)
    file.write_text('[person]\nvalue = 10\nreason = "few"\n', encoding="utf-8")
    with pytest.raises(PolicyError, match="no rule 'person'"):
        Policy.read(file)


@pytest.mark.parametrize("value", ["-3", '"ten"', "true", "0"])
def test_a_rule_with_a_value_that_it_cannot_have_is_refused(tmp_path, value):
    text = (Path(policy.__file__).with_name("policy.toml")).read_text(encoding="utf-8")
    file = tmp_path / "policy.toml"
    file.write_text(text.replace("value = 10\n", f"value = {value}\n", 1), encoding="utf-8")
    with pytest.raises(PolicyError, match="'persons' has the value"):
        Policy.read(file)
