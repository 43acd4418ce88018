"""A machine as one coder: what it may see, what is kept of what it says, and that no run is forgotten."""

from dataclasses import dataclass, field, replace

import pandas as pd
import pytest
from test_suggestions import filled

from research_lib.coding.assisted.attribute_errors import attribute_errors
from research_lib.coding.assisted.machine import Quotation, Refusal, run_machine
from research_lib.coding.assisted.machine_log import machine_agreement, machine_runs
from research_lib.coding.corpus import Document
from research_lib.coding.reliability import units_of
from research_lib.coding.storage.reflexive import set_reflexive
from research_lib.coding.storage.store import Store
from research_lib.errors import CodingError

TEXT = "她说她很害怕。 cafe\u0301 שלום 𠀀𠀁 fear and fear.\nNothing here.\nfear"


@dataclass(frozen=True)
class Quoting:
    """A machine that says of each passage what it is told to say."""

    says: dict = field(default_factory=dict)
    model: str = "one"
    name: str = "quoting"

    def configuration(self):
        return {"model": self.model}

    def prompt(self, definitions):
        return f"Code with {', '.join(code.name for code in definitions)}."

    def code(self, definitions, passage):  # noqa: ARG002
        return self.says.get(passage.text.partition(" ")[0], [])


class Wavering(Quoting):
    """A machine whose configuration is another one each time."""

    asked = 0

    def configuration(self):
        type(self).asked += 1
        return {"asked": self.asked}


class Broken(Quoting):
    def code(self, definitions, passage):  # noqa: ARG002
        raise TimeoutError


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    path = tmp_path_factory.mktemp("machine") / "coding.sqlite"
    with filled(path) as store:
        store.add_document(Document("mixed", "Mixed", TEXT, "zh"), coder="ana")
        store.add_document(Document("d0-fr", "Entretien", "J’avais peur. Il pleuvait.", "fr", "d0"), coder="ana")
    return path


@pytest.fixture
def store(kept, tmp_path):
    with Store(kept) as whole:
        whole.copy(tmp_path / "coding.sqlite")
    with Store(tmp_path / "coding.sqlite") as store:
        yield store


@pytest.mark.parametrize(
    "quotation, words, dropped",
    [
        (Quotation("fear", "害怕"), "害怕", ""),
        (Quotation("fear", "cafe\u0301 שלום"), "cafe\u0301 שלום", ""),
        (Quotation("fear", "𠀁 fear"), "𠀁 fear", ""),
        (Quotation("fear", "fear", 31), "fear", ""),
        (Quotation("fear", "fear"), "", "several_places"),
        (Quotation("fear", "fear", 30), "", "not_found"),
        (Quotation("fear", "fear", -4), "", "not_found"),
        (Quotation("fear", "caf\u00e9"), "", "not_found"),
        (Quotation("fear", "Nothing here"), "", "not_found"),
        (Quotation("fear", ""), "", "not_found"),
        (Quotation("hope", "害怕"), "", "unknown_code"),
    ],
)
def test_a_quotation_counts_where_its_words_stand(store, quotation, words, dropped):
    run = run_machine(store, Quoting({TEXT[:7]: [quotation]}), documents=["mixed"], by="ana")
    codings = store.codings(coder=run["coder"])
    assert [TEXT[row.start : row.end] for row in codings.itertuples()] == ([words] if words else [])
    counts = {name: run[name] for name in ("not_found", "several_places", "unknown_code") if run[name]}
    assert counts == ({dropped: 1} if dropped else {}) and run["codings"] == len(codings)


def test_the_place_is_that_of_the_document_and_the_same_quotation_counts_once(store):
    run = run_machine(store, Quoting({"fear": [Quotation("fear", "fear")] * 2}), documents=["mixed"], by="ana")
    row = store.codings(coder=run["coder"]).iloc[0]
    assert (row["start"], row["end"]) == (len(TEXT) - 4, len(TEXT)) and run["codings"] == 1


def test_a_refusal_lowers_coverage_and_its_passage_does_not_count_in_agreement(store):
    fears = store.codings(document="d0", coder="ana").query("code == 'fear'")
    text = store.document("d0").text
    said = [Quotation("fear", text[row.start : row.end], row.start) for row in fears.itertuples()]
    run = run_machine(store, Quoting({"I": said}), documents=["d0"], codes=["fear"], by="ana")
    table = machine_agreement(store)
    table = table[table["coder"] == run["coder"]]
    assert list(table["other"]) == ["ana"] and table["value"].iloc[0] == 1 and table["coverage"].iloc[0] == 1
    refused = run_machine(store, Quoting({"I": Refusal("too personal")}), documents=["d0"], codes=["fear"], by="ana")
    assert (refused["coverage"], refused["refused"], refused["codings"]) == (0, 1, 0)
    table = machine_agreement(store)
    table = table[table["coder"] == refused["coder"]]
    assert table["value"].isna().all() and (table["coverage"] == 0).all()


def test_every_run_stays_and_what_is_not_ended_too(store):
    run_machine(store, Quoting(), documents=["d0"], by="ana")
    run_machine(store, Quoting(model="two"), documents=["d0"], by="ana")
    run_machine(store, Quoting(), documents=["d0"], by="ben")
    with pytest.raises(TimeoutError):
        run_machine(store, Broken(), documents=["d0"], by="ben")
    store.undo("ana")
    store.undo("ben")
    runs = machine_runs(store)
    assert list(runs["run"]) == [1, 2, 3, 4] and list(runs["by"]) == ["ana", "ana", "ben", "ben"]
    assert runs["configuration_hash"].nunique() == 2 and runs["prompt_hash"].nunique() == 1
    assert runs["coder"].nunique() == 4 and list(runs["ended"].isna()) == [False, False, False, True]
    assert store.problems() == []


def test_a_changed_definition_is_another_prompt(store):
    one = run_machine(store, Quoting(), documents=["d0"], by="ana")
    book = store.codebook()
    store.save_codebook(replace(book, codes=tuple(replace(code, exclude="joy") for code in book)), coder="ana")
    two = run_machine(store, Quoting(), documents=["d0"], by="ana")
    assert one["prompt_hash"] != two["prompt_hash"] and one["configuration_hash"] == two["configuration_hash"]


def test_a_configuration_that_changes_on_the_way_keeps_nothing(store):
    says = {TEXT[:7]: [Quotation("fear", "害怕")]}
    with pytest.raises(CodingError, match="changed on the way; nothing was kept"):
        run_machine(store, Wavering(says), documents=["mixed"], by="ana")
    assert store.codings(document="mixed").empty and len(machine_runs(store)) == 1


def test_errors_of_a_machine_are_tested_against_its_people(store):
    run = run_machine(store, Quoting(), documents=["d0", "d1", "d2"], by="ana")
    units = units_of(store.corpus(), "sentence").assign(gender="woman")
    readers = pd.DataFrame([(name, who) for name in ("d0", "d1", "d2") for who in ("ana", run["coder"])])
    readers.columns = ["document", "coder"]
    found = attribute_errors(
        store.codings(), units, machine=run["coder"], people="ana", attributes=["gender"], readers=readers
    )
    assert "gender" in found.must_not_chart


def test_a_reflexive_project_has_no_machine_and_no_coefficients(store):
    set_reflexive(store, coder="ana")
    with pytest.raises(CodingError, match="reflexive and has no machine"):
        run_machine(store, Quoting(), documents=["d0"], by="ana")
    with pytest.raises(CodingError, match="reflexive"):
        machine_agreement(store)
    assert machine_runs(store).empty


def test_what_a_machine_is_given_has_no_memo_of_anybody(store):
    given = []

    class Listening(Quoting):
        def code(self, definitions, passage):
            given.extend((definitions, passage))
            return []

    run_machine(store, Listening(), documents=["d0"], by="ana")
    definitions, passage = given[:2]
    assert [code.id for code in definitions] == ["fear", "work", "rare"] and not any(code.memo for code in definitions)
    assert store.document("d0").text[passage.start : passage.end] == passage.text


def test_bad_configurations_and_documents_are_refused(store):
    with pytest.raises(CodingError, match="no document 'nowhere'"):
        run_machine(store, Quoting(), documents=["nowhere"], by="ana")
    with pytest.raises(CodingError, match="no code 'hope'"):
        run_machine(store, Quoting(), documents=["d0"], codes=["hope"], by="ana")
    with pytest.raises(CodingError, match="texts and plain numbers"):
        run_machine(store, Quoting(model=object()), documents=["d0"], by="ana")
    assert machine_runs(store).empty
