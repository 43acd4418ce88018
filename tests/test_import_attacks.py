"""What an export says or hides must not turn real people into made-up ones, or let what identifies them through."""

import tempfile
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from exports import Answered, answered, central_zip, kobo_csv, kobo_table, kobo_xlsx, write_csv
from typer.testing import CliRunner

from research_lib.cli import app
from research_lib.disclosure.demonstration import demonstration_cases
from research_lib.errors import ResearchError, StudyError
from research_lib.evidence.new_study import new_study
from research_lib.evidence.study import open_study
from research_lib.files.tabular import TableRefusedError
from research_lib.interviews.answers import decisions
from research_lib.interviews.answers.decisions import Find, decisions_text, digest_of, read_decisions
from research_lib.interviews.answers.dropped_columns import is_mark, kind_of_column
from research_lib.interviews.answers_import import AnswersError, PrivacyError, read_answers
from research_lib.interviews.survey_import import FORM, add_answers, simulated_export, survey_rows
from research_lib.interviews.synthetic.synthetic_cases import DEMONSTRATION
from research_lib.interviews.xlsform import COMMON, extend, read_form

DATA = Path(__file__).resolve().parents[1] / "data"
EXPORT = DEMONSTRATION / "synthetic-kobo-export.csv"
INTERVIEW = COMMON / "interview.csv"
TERMS = {"legal_basis": "consent", "retention": date(2031, 12, 31)}
ROWS = 3
PARTNER = """\
survey,type,name,label::English (en),relevant
,begin_group,tp_more,More,
,select_multiple tp_drug,tp_drugs,Which?,
,begin_repeat,tp_stays,Stays,
,text,tp_where,Where?,
,end_repeat,,,
,end_group,,,
choices,list_name,name,label::English (en),
,tp_drug,synthetic,synthetic,
,tp_drug,other,other,
settings,prefix,form_title,version,
,tp_,With more,1,
"""


def marked(folder: Path, *cells: str, header: str = "SYNTHETIC") -> Path:
    """Three records whose mark is in a column of that name; one cell stands for all."""
    names, *rows = EXPORT.read_text(encoding="utf-8").splitlines()[: ROWS + 1]
    marks = cells * ROWS if len(cells) == 1 else cells
    rows = [row.removesuffix("yes") + mark for row, mark in zip(rows, marks, strict=True)]
    path = folder / "export.csv"
    path.write_text("\n".join([names.removesuffix("SYNTHETIC") + header, *rows, ""]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def form():
    return read_form(INTERVIEW)


@pytest.fixture(scope="module")
def typed(form):
    """Three records as they were typed, with the codes that a form allows."""
    cases = demonstration_cases()
    codes = [f"sy{number:04}" for number in range(ROWS)]
    frame = cases.frame.head(ROWS).assign(case_id=codes).replace("withheld", "not_asked")
    return answered(replace(cases, frame=frame), form)


@pytest.fixture
def partner(form, tmp_path):
    (tmp_path / "partner.csv").write_text(PARTNER, encoding="utf-8")
    return extend(form, read_form(tmp_path / "partner.csv"))


def with_cells(typed: Answered, **cells: str) -> Answered:
    frame = typed.frame.copy()
    for name, text in cells.items():
        frame.loc[0, name] = text
    return replace(typed, frame=frame)


@pytest.mark.parametrize(
    "no", ["", "non", "N", "Nie", "否", "不是", "falso", "FAUX", "0.0", "FALSE", " no\u200b", "ＮＯ"]
)
def test_real_records_stay_real_in_every_language_of_the_forms(form, tmp_path, no):
    assert not read_answers(marked(tmp_path, no), form, **TERMS).cases.is_synthetic


@pytest.mark.parametrize("yes", ["oui", "Sì", "áno", "是", "1.0", "TRUE", "ＹＥＳ", "vrai", " yes\u200b"])
def test_made_up_records_are_so_in_every_language_of_the_forms(form, tmp_path, yes):
    assert read_answers(marked(tmp_path, yes), form, **TERMS).cases.is_synthetic


@pytest.mark.parametrize("unclear", ["nein", "falsch", "-", "N/A", "none", "off", "real", "2", "?"])
def test_a_mark_that_says_neither_is_refused_with_its_line(form, tmp_path, unclear):
    with pytest.raises(AnswersError, match=r"export\.csv:3 SYNTHETIC: it says neither yes nor no"):
        read_answers(marked(tmp_path, "no", unclear, "no"), form, **TERMS)


HEADERS = [
    *("SYNTHETIC ", " synthetic", "SYNTHETIC\u00a0", "SYN\u200bTHETIC", "_synthetic", "SYNTHETIC.1", "synthetic?"),
    *(
        "ＳＹＮＴＨＥＴＩＣ",
        "SYNTHÉTIQUE",
        "sintetico",
        "syntetický",
        "合成",
        "admin/合成",
        "admin:SYNTHETIC",
        "is-synthetic",
    ),
    *("admin／ＳＹＮＴＨＥＴＩＣ", "SYNTHETIC_2", "est_synthétique", "admin.is_synthetic"),
    *("data_synthetic", "admin/data_synthetic", "SYNTHETIC_data"),
]


@pytest.mark.parametrize("header", HEADERS)
def test_a_mark_is_found_however_its_header_is_written_and_also_where_it_is_ignored(form, tmp_path, header):
    path = marked(tmp_path, "yes", header=header)
    for ignore in ((), (header,)):
        assert read_answers(path, form, **TERMS, ignore=ignore).cases.is_synthetic


@pytest.mark.parametrize("is_ignored", [False, True])
@pytest.mark.parametrize(
    "header",
    [
        *("SYNTHETIC_time", "synthetic_name", "synthetic_data_day", "not_synthetic", "xp_synthetic", "syn-thetic"),
        *(
            "jour_synthétique",
            "admin/sintetico_nome",
            "syntetický_deň",
            "合成日期",
            "SYNTHETIC_\u200bnotes",
            "syntetic",
        ),
    ],
)
@pytest.mark.parametrize("mark", ["yes", "no"])
def test_a_header_that_is_nearly_a_mark_is_never_dropped_or_ignored(form, tmp_path, header, mark, is_ignored):
    path = marked(tmp_path, mark, header=header)
    with pytest.raises(
        AnswersError, match=r"export\.csv:1 .*: it is not a mark of .*, call it SYNTHETIC, or rename the"
    ):
        read_answers(path, form, **TERMS, ignore=[header] if is_ignored else ())


def test_other_headers_are_no_mark(typed, partner, tmp_path):
    assert not any(
        map(is_mark, ("non-synthetic", "xp_synthetic", "synthesis", "synthetic/remarks", "photosynthetic", ""))
    )
    frame = typed.frame.assign(tp_drugs=["synthetic", "synthetic other", "synthetic"])
    stays = pd.DataFrame({"parent": [0], "tp_where": ["Lyon"]})
    path = kobo_xlsx(Answered(partner, frame, {"tp_stays": stays}), tmp_path / "drugs.xlsx", multiple="both")
    assert not read_answers(path, partner, **TERMS).cases.is_synthetic


@pytest.mark.parametrize(
    ("marks", "says"),
    [(("yes", "yes"), True), (("no", "no"), False), (("yes", "no"), "others beside it"), (("yes", "maybe"), "neither")],
)
def test_a_mark_in_a_repeated_group_counts_for_the_records(typed, partner, tmp_path, marks, says):
    frame = typed.frame.assign(tp_drugs="")
    stays = pd.DataFrame({"parent": [0, 2], "tp_where": ["Lyon", "Nice"]})
    path = kobo_xlsx(Answered(partner, frame, {"tp_stays": stays}), tmp_path / "stays.xlsx")
    book = openpyxl.load_workbook(path)
    place = book["tp_stays"].max_column + 1
    for row, text in enumerate(("SYNTHETIC", *marks), 1):
        book["tp_stays"].cell(row, place, text)
    book.save(path)
    if isinstance(says, bool):
        assert read_answers(path, partner, **TERMS).cases.is_synthetic == says
        return
    with pytest.raises(AnswersError, match=rf"stays\.xlsx\[tp_stays\]:3 SYNTHETIC: .*{says}"):
        read_answers(path, partner, **TERMS)


def test_of_two_exports_one_made_up_and_one_without_a_mark_neither_comes_in(form, typed, tmp_path):
    real = with_cells(typed, case_code="fr0001")
    paths = [marked(tmp_path, "yes"), kobo_csv(replace(real, frame=real.frame.head(1)), tmp_path / "real.csv")]
    with pytest.raises(AnswersError, match=r"real\.csv:2 SYNTHETIC: others beside it are marked as synthetic"):
        read_answers(paths, form, **TERMS)


@pytest.mark.parametrize(("marks", "says"), [(("yes", "yes"), True), (("no", ""), False), (("no", "yes"), None)])
def test_a_mark_is_not_lost_with_the_copy_of_a_record(form, tmp_path, marks, says):
    for name in "ab":
        (tmp_path / name).mkdir()
    paths = [marked(tmp_path / name, mark) for name, mark in zip("ab", marks, strict=True)]
    if says is not None:
        assert read_answers(paths, form, **TERMS).cases.is_synthetic == says
        return
    with pytest.raises(AnswersError, match=r"a/export\.csv:2 SYNTHETIC: others beside it are marked as synthetic"):
        read_answers(paths, form, **TERMS)


@pytest.mark.parametrize("header", ["na\u200bme", "te\u00adlephone", "n\u0301ame"])
def test_a_header_with_what_nobody_sees_is_on_the_drop_list_too(header):
    assert kind_of_column(header)


@pytest.fixture
def trial(study, tmp_path):
    """A study with the organisations of the report, and a source that says nothing of made-up answers."""
    folder = new_study(tmp_path / "trial")
    source = "@misc{KEY,\n author={Nobody},\n title={TITLE},\n year={2027},\n kind={data},\n informant={ngo}\n}\n"
    said = {
        "survey2027": "Answers of 2027",
        "madeup": "Synthetic answers",
        "denied": "Answers that are not synthetic",
        "opposite": "Non-synthetic answers",
        "without": "Synthetic-free answers",
        "synthetic2027": "Answers of 2027",
        "typeset": "{S}ynthetic: answers",
    }
    texts = [source.replace("KEY", key).replace("TITLE", title) for key, title in said.items()]
    (folder / "sources.bib").write_text("".join(texts), encoding="utf-8")
    organisations = study["organisations"].assign(source="survey2027", lines="")
    organisations["is_respondent"] = organisations["is_respondent"].map({True: "true", False: "false"})
    organisations.to_csv(folder / "tables/organisations.csv", index=False)
    places = study["places"].query("kind == 'country' and country_code in ['FRA', 'ITA', 'SVK']")
    places.assign(source="survey2027", lines="", parent_id="").to_csv(folder / "tables/places.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def questionnaires(study):
    table = study["organisations"]
    return simulated_export(dict(table[table["is_respondent"]].head(3)[["id", "country_code"]].to_numpy()))


NOT_SAID = "the questionnaires are synthetic, and the source {!r} does not say so; name one whose title in sources.bib"
NOT_MARKED = "the source {!r} is synthetic, and the export does not say that its questionnaires are; name the source of"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "made_up", "real"),
    [
        ("survey2027", NOT_SAID, ""),
        ("denied", NOT_SAID, ""),
        ("opposite", NOT_SAID, ""),
        ("without", NOT_SAID, ""),
        ("synthetic2027", NOT_SAID, NOT_MARKED),
        ("madeup;survey2027", NOT_SAID, NOT_MARKED),
        ("madeup", "", NOT_MARKED),
        ("typeset", "", NOT_MARKED),
    ],
)
@pytest.mark.parametrize("mark", ["yes", "no", None])
def test_made_up_questionnaires_come_under_a_synthetic_source_and_others_do_not(
    trial, questionnaires, tmp_path, source, made_up, real, mark
):
    path, table = tmp_path / "networks.csv", trial / "tables/survey_answers.csv"
    marked_so = questionnaires.assign(SYNTHETIC=mark) if mark else questionnaires.drop(columns="SYNTHETIC")
    marked_so.to_csv(path, index=False)
    before, says = table.read_bytes(), made_up if mark == "yes" else real
    done = CliRunner().invoke(app, ["survey", str(trial), str(path), "--source", source])
    if says:
        assert isinstance(done.exception, StudyError) and table.read_bytes() == before
        assert says.format(source) in str(done.exception)
        return
    assert done.exit_code == 0 and set(pd.read_csv(table)["source"]) == {source}


def test_the_export_that_is_made_up_says_so_itself(questionnaires, tmp_path):
    questionnaires.to_csv(tmp_path / "networks.csv", index=False)
    assert set(questionnaires["SYNTHETIC"]) == {"yes"}
    for ignore in ((), ("SYNTHETIC",)):
        assert read_answers(tmp_path / "networks.csv", FORM, **TERMS, ignore=ignore).cases.is_synthetic


def test_two_questionnaires_of_one_organisation_are_never_one_answer(trial, questionnaires, tmp_path):
    path, table = tmp_path / "networks.csv", trial / "tables/survey_answers.csv"
    before, first = table.read_bytes(), questionnaires["source_id"].iloc[0]
    twice = questionnaires.assign(source_id=questionnaires["source_id"].where(questionnaires.index != 2, first))
    twice.to_csv(path, index=False)
    with pytest.raises(StudyError, match=rf"'{first}' has 2 questionnaires \(zz0001, zz0003\); keep one, or correct"):
        add_answers(open_study(trial), read_answers(path, FORM, **TERMS), "madeup")
    assert table.read_bytes() == before
    twice.iloc[[0]].to_csv(path, index=False)
    add_answers(open_study(trial), read_answers(path, FORM, **TERMS), "madeup")
    rows = pd.read_csv(table)
    rows[rows["question"] == "b1"].assign(question="b9", id=f"a-{first}-b9-01").to_csv(table, index=False)
    twice.iloc[[2]].to_csv(path, index=False)
    with pytest.raises(StudyError, match=rf"has answers of '{first}' already; .* or this is a second one; keep one"):
        add_answers(open_study(trial), read_answers(path, FORM, **TERMS), "madeup")


def test_what_an_organisation_writes_is_no_formula_in_the_study_s_table(trial, questionnaires, tmp_path):
    texts = {"=1+1": "'=1+1", "- partners meet": "'- partners meet", "we meet": "we meet"}
    names = [name for name in questionnaires if (questionnaires[name] == "synthetic text").all()]
    questionnaires.drop(columns="SYNTHETIC").assign(**{names[0]: list(texts)}).to_csv(
        tmp_path / "networks.csv", index=False
    )
    imported = read_answers(tmp_path / "networks.csv", FORM, **TERMS)
    assert set(texts.values()) <= set(survey_rows(imported, "survey2027")["text"].dropna())
    table = add_answers(open_study(trial), imported, "survey2027").read_text(encoding="utf-8")
    assert ",=1+1" not in table and ",- partners" not in table
    assert [each for each in open_study(trial).problems() if each.file.endswith("survey_answers.csv")] == []


def test_a_last_day_that_has_passed_is_refused(form, tmp_path):
    path, today = marked(tmp_path, "no"), date(2027, 5, 1)
    with pytest.raises(ResearchError, match="the last day to keep the records is 2027-04-30, which has passed; give"):
        read_answers(path, form, legal_basis="consent", retention=date(2027, 4, 30), today=today)
    kept = read_answers(path, form, legal_basis="consent", retention=today, today=today)
    assert set(kept.cases.frame["retention_date"]) == {"2027-05-01"}
    words = ["import", str(tmp_path / "study"), str(path), "--retention", "2020-12-31"]
    assert "2020-12-31, which has passed" in str(CliRunner().invoke(app, words).exception)
    assert not (tmp_path / "study").exists()


def decided(path: Path, decision: str) -> None:
    rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(row + decision * row.endswith(",") for row in rows) + "\n", encoding="utf-8")


@pytest.mark.parametrize("decision", ["keep", "withhold"])
def test_a_decision_is_about_what_stood_in_the_cell_and_not_about_the_place(typed, tmp_path, decision):
    listed, run = tmp_path / "decisions.csv", CliRunner()
    order = ["import", str(tmp_path / "study"), str(tmp_path / "export.csv"), "--retention", "2031-12-31"]
    order += ["--synthetic", "--decisions", str(listed)]
    for text, place in (("the line 06 12 34 56 78", "telephone"), ("her own 06 98 76 54 32", "another text than was")):
        kobo_csv(with_cells(typed, remarks_gate="answered", remarks=text), tmp_path / "export.csv")
        refused = run.invoke(app, order)
        assert isinstance(refused.exception, PrivacyError) and not (tmp_path / "study").exists()
        assert f"export.csv:2 remarks: {place}" in str(refused.exception)
        assert "06 " not in listed.read_text(encoding="utf-8") and "06 " not in str(refused.exception)
        decided(listed, decision)
    assert run.invoke(app, order).exit_code == 0
    others = (tmp_path / "study/cases/others.csv").read_text(encoding="utf-8")
    assert ("06 98" in others) == (decision == "keep") and "06 12" not in others


def test_a_cell_that_identifies_nobody_any_more_is_decided_on_again(typed, form, tmp_path):
    path, listed = tmp_path / "export.csv", tmp_path / "decisions.csv"
    for text in ("call 06 12 34 56 78", "call Li Meihua"):
        kobo_csv(with_cells(typed, remarks_gate="answered", remarks=text), path)
        with pytest.raises(PrivacyError) as refused:
            read_answers(path, form, **TERMS, decisions=read_decisions(listed, may_be_missing=True))
        listed.write_text(decisions_text(refused.value.finds), encoding="utf-8")
        decided(listed, "withhold")
    assert read_answers(path, form, **TERMS, decisions=read_decisions(listed)).report.withheld == 1


def test_a_list_of_decisions_gives_no_text_away_and_two_equal_cells_look_different():
    assert digest_of("06 12 34 56 78") != digest_of("06 12 34 56 78")
    assert len(digest_of("06 12 34 56 78")) == 65
    assert "06 12" not in repr(Find("export.csv", 2, "remarks", "telephone number", "06 12 34 56 78"))


def test_of_very_many_finds_a_list_has_the_first(monkeypatch):
    assert decisions.MOST == 500
    monkeypatch.setattr(decisions, "MOST", 20)  # each digest takes its time
    finds = [Find("export.csv", 2 + number // 2, "remarks", f"kind {number:04}", "x") for number in range(45)]
    listed = decisions_text(finds).splitlines()
    assert len(listed) == 1 + 20 and listed[1].startswith("export.csv,2,remarks,kind 0000; kind 0001,")


def test_an_archive_is_read_where_no_file_can_be_written(typed, form, tmp_path, monkeypatch):
    path = central_zip(typed, tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    assert read_answers(path, form, **TERMS).report.taken == ROWS


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"education": "Li Meihua, born in Wenzhou"}, "education: it is not a choice of education (none, "),
        ({"reason": "debt Meihua"}, "reason: it is not a choice of reason ("),
        ({"consent": "0612345678"}, "consent: it is not a choice of consent (yes, no"),
        ({"consent": "Meihua"}, "consent: it is not a choice of consent (yes, no"),
        ({"education": "upper_secundary"}, "education: 'upper_secundary' is not a choice of education; the nearest is"),
    ],
)
def test_what_stands_in_a_cell_is_repeated_only_where_it_is_written_as_a_code(typed, form, tmp_path, cells, sentence):
    path = kobo_csv(with_cells(typed, **cells), tmp_path / "odd.csv")
    with pytest.raises(AnswersError) as refused:
        read_answers(path, form, **TERMS)
    assert f"odd.csv:2 {sentence}" in str(refused.value)
    assert not any(part in str(refused.value) for part in ("Meihua", "Wenzhou", "0612"))


def test_a_cell_without_a_header_is_not_repeated(form, tmp_path):
    (tmp_path / "odd.csv").write_text("case_code,\nfr0001,Li Meihua\n", encoding="utf-8")
    with pytest.raises(TableRefusedError, match="column 2 has content, but its header is empty") as refused:
        read_answers(tmp_path / "odd.csv", form, **TERMS)
    assert "Meihua" not in str(refused.value)


def test_a_row_of_nobody_is_not_repeated(typed, partner, tmp_path):
    stays = pd.DataFrame({"parent": [0], "tp_where": ["Lyon"]})
    path = kobo_xlsx(Answered(partner, typed.frame.assign(tp_drugs=""), {"tp_stays": stays}), tmp_path / "stays.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["tp_stays"]
    header = next(cell for cell in sheet[1] if cell.value == "_parent_index")
    sheet.cell(2, header.column, "Li Meihua")
    book.save(path)
    with pytest.raises(
        AnswersError, match=r"stays\.xlsx\[tp_stays\]:2 _parent_index: no record has this key"
    ) as refused:
        read_answers(path, partner, **TERMS)
    assert "Meihua" not in str(refused.value)


def test_whose_consent_is_missing_or_does_not_cover_the_study_is_said_by_code(typed, form, tmp_path):
    frame = typed.frame.copy()
    frame.loc[0, "consent"], frame.loc[1, "consent_scope"] = "no", "published_tables"
    imported = read_answers(kobo_csv(replace(typed, frame=frame), tmp_path / "some.csv"), form, **TERMS)
    assert imported.without_consent == {"sy0000", "sy0001"}
    assert imported.cases.frame["case_id"].tolist() == ["sy0002"]


def _export(tmp_path, change):
    rows = (DEMONSTRATION / "synthetic-kobo-export.csv").read_text(encoding="utf-8").split("\n")
    header = rows[0].split(";")
    rows = [rows[0], *change(rows[1:4], header)]
    (tmp_path / "attack.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path / "attack.csv"


@pytest.mark.parametrize("code", ["SY0000", "sy0000 ", "sy 0000", "\uff53\uff590000"])
def test_a_refusal_under_a_mistyped_code_stops_the_import(tmp_path, code):
    def refuse(rows, header):
        cells = rows[0].split(";")
        cells[header.index("admin/case_code")], cells[header.index("agreement/consent")] = code, "no"
        return [*rows, ";".join(cells)]

    path = _export(tmp_path, refuse)
    form = COMMON / "interview.csv"
    with pytest.raises(
        AnswersError, match=r"attack\.csv:5 case_code: there is no consent, and the code does not say whose record"
    ) as caught:
        read_answers(path, form, legal_basis="consent", retention=date(2031, 12, 31))
    assert code not in str(caught.value)


SENT = """
one                           | other                         | sent last
2026-03-01T10:00:00           | 2026-03-01T10:00:01           | other
2026-03-01T10:00:00.5Z        | 2026-03-01T10:00:00Z          | one
2026-03-01T10:00:00+02:00     | 2026-03-01T09:00:00+00:00     | other
2026-03-01T23:30:00-05:00     | 2026-03-02T01:00:00Z          | one
2026-03-01 23:30:00 -0500     | 2026-03-02T09:30:00+08:00     | one
2026-10-25T02:10:00+01:00     | 2026-10-25T02:50:00+02:00     | one
2026-03-01T10:00:00+02:00     | 2026-03-01T08:00:00Z          | not told
2026-03-01T10:00:00           | 2026-03-01T10:00:00           | not told
2026-03-01T10:00:00           | 2026-03-01T11:00:00Z          | not told
2026-03-01T10:00:00 GMT+2     | 2026-03-01T09:00:00Z          | not known
2026-03-01 10:00:00 PM        | 2026-03-01 11:00:00           | not known
2026-03-01T10:00:00           | 2026-03-01                    | not known
2026-13-01T10:00:00           | 2026-03-01T10:00:00           | not known
2026-03-01T10:00:00           |                               | not known
"""


@pytest.mark.parametrize("row", SENT.strip().splitlines()[1:], ids=lambda row: " ".join(row.split()))
def test_the_latest_record_is_the_last_in_time_and_no_older_consent_outlives_a_withdrawal(form, typed, tmp_path, row):
    one, other, last = (cell.strip() for cell in row.split("|"))
    for times, consents in product(((one, other), (other, one)), (("yes", "no"), ("no", "yes"))):
        frame = typed.frame.iloc[[0, 0]].assign(consent=consents)
        columns = kobo_table(replace(typed, frame=frame), "names", "joined") | {"_submission_time": [*times]}
        path = write_csv(columns, tmp_path / "twice.csv")
        if last in ("one", "other"):
            kept = dict(zip(times, consents, strict=True))[{"one": one, "other": other}[last]]
            imported = read_answers(path, form, **TERMS, latest=True)
            assert (imported.report.taken, imported.without_consent) == (
                (1, set()) if kept == "yes" else (0, {"sy0000"})
            )
            continue
        with pytest.raises(AnswersError, match=f"{last}.*; remove one"):
            read_answers(path, form, **TERMS, latest=True)


@pytest.mark.parametrize("times", [("11/03/2026 10:00", "05/04/2026 10:00"), ("now", "2026-01-01T10:00:00")])
def test_the_latest_record_is_told_by_plain_times_only(tmp_path, times):
    def twice(rows, header):
        made = []
        for time, consent in zip(times, ("yes", "no"), strict=True):
            cells = rows[0].split(";")
            cells[header.index("_submission_time")], cells[header.index("agreement/consent")] = time, consent
            made.append(";".join(cells))
        return made

    with pytest.raises(AnswersError, match="it is not known when this record was sent"):
        read_answers(
            _export(tmp_path, twice),
            COMMON / "interview.csv",
            legal_basis="consent",
            retention=date(2031, 12, 31),
            latest=True,
        )
