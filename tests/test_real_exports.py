"""Exports as platforms write them, each with a trait of its own, come in value by value as pandas reads them."""

import csv
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from research_lib.errors import ResearchError
from research_lib.files.archives import UnsafeFileError
from research_lib.interviews.answers.decisions import decisions_text, read_decisions
from research_lib.interviews.answers.form_questions import Place, questions_of
from research_lib.interviews.answers.privacy_scan import kinds_in
from research_lib.interviews.answers.question_headers import QuestionHeaders, Spellings
from research_lib.interviews.answers_import import AnswersError, Imported, PrivacyError, read_answers
from research_lib.interviews.cases import problems
from research_lib.interviews.xlsform import read_form, variables

FORM = """\
survey,type,name,label::English (en),label::French (fr),relevant
,begin_group,admin,Before,Avant,
,text,case_code,Code,Code du dossier,
,text,source_id,Organisation,Organisme,
,select_one country,country_code,Country,Pays,
,select_one site,site,Place,Lieu,
,select_one year,interview_year,Year,Année,
,select_one who,respondent,Respondent,Personne,
,end_group,,,,
,begin_group,agreement,Agreement,Accord,
,select_one yes_no,consent,Do you agree?,D'accord ?,
,select_multiple scope,consent_scope,For what?,Pour quoi ?,
,select_one basis,legal_basis,Legal basis,Base légale,
,end_group,,,,
,begin_group,journey,Journey,Trajet,
,select_one stage,stage,How far?,Jusqu'où ?,
,select_multiple need,needs,What is needed?,De quoi avez-vous besoin ?,
,text,remarks,Remarks,Remarques,
,calculate,ratio,,,
,decimal,weight,Weight,Poids,
,begin_repeat,kids,Children,Enfants,
,text,kid,Who?,Qui ?,
,select_one yes_no,here,Is the child here?,L'enfant est-il ici ?,
,select_multiple need,kid_needs,What does the child need?,De quoi l'enfant a-t-il besoin ?,
,begin_repeat,toys,Toys,Jouets,
,text,toy,Which?,Lequel ?,
,end_repeat,,,,
,end_repeat,,,,
,end_group,,,,
choices,list_name,name,label::English (en),label::French (fr)
,country,FRA,France,France
,country,ITA,Italy,Italie
,site,paris,Paris,Paris
,year,2026,2026,2026
,who,woman_herself,the woman,la femme
,yes_no,yes,Yes,Oui
,yes_no,no,No,Non
,scope,this_study,this study,cette étude
,scope,published_tables,published tables,tableaux publiés
,basis,consent,consent,consentement
,stage,1,first stop,première étape
,stage,2,second stop,deuxième étape
,need,food,Food,Nourriture
,need,warm_food,Warm food,Nourriture chaude
,need,bed,A bed to sleep,Un lit
settings,form_title,version
,Trial,1
"""
TERMS = {"legal_basis": "consent", "retention": date(2031, 12, 31), "is_synthetic": True}
ADMIN = {
    "admin/case_code": ["sy0001", "sy0002"],
    "admin/source_id": ["a-d_n", "a-d_n"],
    "admin/country_code": ["FRA", "ITA"],
    "admin/site": ["paris", "paris"],
    "admin/interview_year": ["2026", "2026"],
    "admin/respondent": ["woman_herself", "woman_herself"],
    "agreement/consent": ["yes", "yes"],
    "agreement/consent_scope": ["this_study", "this_study published_tables"],
    "agreement/legal_basis": ["consent", "consent"],
}
JOURNEY = {
    "journey/stage": ["1", "2"],
    "journey/needs": ["food bed", "warm_food"],
    "journey/remarks": ["well; tired, cold", "fine"],
    "journey/ratio": ["0.0333333333333333", "333.1234567"],
    "journey/weight": ["12,5", "48.856613"],
}
KIDS = [("sy0001", "A", "yes"), ("sy0001", "B", "no"), ("sy0002", "C", "yes")]


@pytest.fixture(scope="module")
def form(tmp_path_factory):
    path = tmp_path_factory.mktemp("form") / "trial.csv"
    path.write_text(FORM, encoding="utf-8")
    return read_form(path)


@pytest.fixture
def bring(form):
    def bring(*paths: Path, **options) -> Imported:
        return read_answers(paths, form, **TERMS, **options)

    return bring


def written(columns: dict[str, list[str]], path: Path, *, delimiter: str = ",", mark: str = "") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(mark)
        writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def renamed(columns: dict[str, list[str]], sign: str, *, groups: bool = True) -> dict[str, list[str]]:
    return {name.replace("/", sign) if groups else name.split("/")[-1]: cells for name, cells in columns.items()}


def told(imported: Imported) -> dict[str, list[str]]:
    """What came in of the two records, as it was typed."""
    frame, others = imported.cases.frame, imported.others.set_index(["case_id", "question"])["answer"]
    found = {"stage": frame["stage"].tolist()}
    needs = ("food", "warm_food", "bed")
    rows = frame[[f"needs__{name}" for name in needs]].to_numpy()
    found["needs"] = [" ".join(name for name, cell in zip(needs, row, strict=True) if cell == "yes") for row in rows]
    for name in ("remarks", "ratio", "weight"):
        found[name] = [others.get((case, name), "") for case in frame["case_id"]]
    return found


def kids_of(imported: Imported) -> list[tuple[str, ...]]:
    return sorted(map(tuple, imported.repeats["kids"][["case_id", "kid", "here"]].to_numpy().tolist()))


def as_pandas_reads(path: Path, **options) -> dict[str, list[str]]:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", **options)
    return {
        name: frame[next(h for h in frame if h.endswith(name))].tolist()
        for name in ("stage", "needs", "remarks", "ratio", "weight")
    }


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("sign", ["/", ".", ":", "-", ""])
def test_groups_stand_before_names_with_any_sign_or_not_at_all(bring, tmp_path, sign, delimiter):
    columns = renamed(ADMIN | JOURNEY, sign, groups=bool(sign))
    path = written(columns, tmp_path / "kobo.csv", delimiter=delimiter, mark="\ufeff")
    imported = bring(path)
    assert told(imported) == as_pandas_reads(path, sep=delimiter)
    assert imported.report.dropped == ()


@pytest.mark.parametrize("sign", ["/", ".", ":", "_"])
@pytest.mark.parametrize("is_joined", [False, True])
def test_choices_stand_in_columns_of_their_own_after_any_sign(bring, tmp_path, sign, is_joined):
    split = {
        f"journey/needs{sign}{choice}": [str(int(choice in text.split())) for text in JOURNEY["journey/needs"]]
        for choice in ("food", "warm_food", "bed")
    }
    columns = {**ADMIN, **JOURNEY, **split}
    path = written(columns, tmp_path / "split.csv")
    expected = as_pandas_reads(path)
    if not is_joined:
        del columns["journey/needs"]
        path = written(columns, tmp_path / "split.csv")
    assert told(bring(path)) == expected
    columns["journey/needs" + sign + "food"] = ["0", "0"]
    if is_joined:
        with pytest.raises(
            AnswersError, match=r"split.csv:2 journey/needs: it does not say the same as the columns of"
        ):
            bring(written(columns, tmp_path / "split.csv"))


def test_a_choice_that_a_later_form_added_is_empty_in_older_records(bring, tmp_path):
    split = {"journey/needs/food": ["1", "0"], "journey/needs/warm_food": ["", "1"]}
    columns = {**ADMIN, **JOURNEY, "journey/needs": ["food", "warm_food"], **split}
    assert told(bring(written(columns, tmp_path / "versions.csv")))["needs"] == ["food", "warm_food"]


LABELS = {
    "case_code": "Code du dossier",
    "source_id": "Organisme",
    "country_code": "Pays",
    "site": "Lieu",
    "interview_year": "Année",
    "respondent": "Personne",
    "consent": "D'accord ?",
    "consent_scope": "Pour quoi ?",
    "legal_basis": "Base légale",
    "stage": "Jusqu'où ?",
    "needs": "De quoi avez-vous besoin ?",
    "remarks": "Remarques",
    "ratio": "ratio",
    "weight": "Poids",
}
IN_FRENCH = {
    "FRA": "France",
    "ITA": "Italie",
    "paris": "Paris",
    "woman_herself": "la femme",
    "yes": "Oui",
    "no": "Non",
    "this_study": "cette étude",
    "this_study published_tables": "cette étude tableaux publiés",
    "consent": "consentement",
    "1": "première étape",
    "2": "deuxième étape",
    "food bed": "Nourriture Un lit",
    "warm_food": "Nourriture chaude",
}


@pytest.mark.parametrize("groups", [False, True])
@pytest.mark.parametrize("values", [False, True])
def test_headers_and_values_may_be_labels(bring, tmp_path, groups, values):
    group = {"admin": "Avant/", "agreement": "Accord/", "journey": "Trajet/"} if groups else {}
    columns = {
        group.get(header.split("/")[0], "") + LABELS[header.split("/")[1]]: [
            IN_FRENCH.get(cell, cell) if values else cell for cell in cells
        ]
        for header, cells in (ADMIN | JOURNEY).items()
    }
    columns["Trajet/De quoi avez-vous besoin ?/Nourriture" if groups else "De quoi avez-vous besoin ?/Nourriture"] = [
        "1",
        "0",
    ]
    imported = bring(written(columns, tmp_path / "labels.csv"))
    assert told(imported) == as_pandas_reads(written(ADMIN | JOURNEY, tmp_path / "names.csv"))
    assert imported.cases.frame["country_code"].tolist() == ["FRA", "ITA"]


def test_what_is_a_value_and_the_label_of_another_is_told_by_the_rest_or_refused(tmp_path):
    swapped = FORM.replace(",stage,1,first stop,première étape", ",stage,1,2,2").replace(
        ",stage,2,second stop,deuxième étape", ",stage,2,1,1"
    )
    (tmp_path / "swapped.csv").write_text(swapped, encoding="utf-8")
    form = read_form(tmp_path / "swapped.csv")
    path = written(ADMIN | JOURNEY, tmp_path / "codes.csv")
    assert told(read_answers(path, form, **TERMS))["stage"] == ["1", "2"]
    labels = {
        header: [IN_FRENCH.get(cell, cell) if cell not in "12" else cell for cell in cells]
        for header, cells in (ADMIN | JOURNEY).items()
    }
    assert told(read_answers(written(labels, tmp_path / "labels.csv"), form, **TERMS))["stage"] == ["2", "1"]
    both = {**labels, "journey/needs": ["food", "bed"]}
    with pytest.raises(
        AnswersError, match=r"both.csv journey/stage: the same texts are values and labels of other choices"
    ):
        read_answers(written(both, tmp_path / "both.csv"), form, **TERMS)


def test_words_for_no_answer_are_blank_and_counted(bring, tmp_path):
    columns = {
        **ADMIN,
        **JOURNEY,
        "journey/stage": ["n/a", "NA"],
        "journey/remarks": ["-", "nan"],
        "journey/needs": ["n/a", "food"],
    }
    imported = bring(written(columns, tmp_path / "blank.csv"))
    assert told(imported)["remarks"] == ["", ""] and imported.cases.frame["stage"].tolist() == ["not_asked"] * 2
    notes = [note for note in imported.report.notes if "is no choice and was read as blank" in note]
    assert (
        len(notes) == 4 and "column 'journey/stage': 'NA' is no choice and was read as blank (1×, line 3)" in notes[1]
    )
    assert notes[0] == "'n/a' is no choice and was read as blank in 2 columns (2 cells)"
    assert not [note for note in imported.report.notes if "looks like a code" in note]


def test_a_choice_of_the_form_is_never_a_blank(tmp_path):
    (tmp_path / "na.csv").write_text(FORM.replace(",stage,1,first stop", ",stage,NA,first stop"), encoding="utf-8")
    columns = {**ADMIN, **JOURNEY, "journey/stage": ["NA", "2"]}
    imported = read_answers(written(columns, tmp_path / "export.csv"), read_form(tmp_path / "na.csv"), **TERMS)
    assert imported.cases.frame["stage"].tolist() == ["NA", "2"]


def sheet(book: openpyxl.Workbook, name: str, columns: dict[str, list[str]]) -> None:
    page = book.create_sheet(name)
    page.append(list(columns))
    for row in zip(*columns.values(), strict=True):
        page.append(list(row))


def repeated(**more: list[str]) -> dict[str, list[str]]:
    names = zip(*KIDS, strict=True)
    return dict(zip(("code", "journey/kids/kid", "journey/kids/here"), map(list, names), strict=True)) | more


TITLE = "The interview of the year, with children"


@pytest.mark.parametrize(
    "parent",
    [
        {"_parent_table_name": ["Interviews"] * 3, "_parent_index": ["7", "7", "9"], "_index": ["1", "2", "3"]},
        {"_parent_table_name": [TITLE] * 3, "_parent_index": ["7", "7", "9"], "_index": ["1", "2", "3"]},
        {"_submission__id": ["501", "501", "502"]},
        {"_submission__uuid": ["u1", "u1", "u2"]},
    ],
)
def test_repeated_groups_are_further_sheets_of_a_workbook_or_files(bring, tmp_path, parent):
    main = ADMIN | JOURNEY | {"_id": ["501", "502"], "_uuid": ["u1", "u2"], "_index": ["7", "9"]}
    rows = repeated(**parent)
    del rows["code"]
    book = openpyxl.Workbook()
    del book["Sheet"]
    sheet(book, TITLE[:31] if TITLE in str(parent) else "Interviews", main)
    sheet(book, "kids", rows)
    sheet(book, "About", {"Made by": ["a program"]})
    book.save(tmp_path / "kobo.xlsx")
    imported = bring(tmp_path / "kobo.xlsx")
    assert kids_of(imported) == KIDS
    assert imported.report.left == ("kobo.xlsx[About] (none of its columns belongs to the form)",)
    paths = written(main, tmp_path / "main.csv"), written(rows, tmp_path / "kids.csv")
    assert kids_of(bring(*paths)) == KIDS


@pytest.mark.parametrize(
    "names",
    [
        ("journey/kids[{}]/kid", "journey/kids[{}]/here"),
        ("kids[{}]/kid", "kids[{}]/here"),
        ("kid_{}", "here_{}"),
        ("kids[{}]/Who?", "kids[{}]/Is the child here?"),
    ],
)
def test_repetitions_stand_beside_each_other_in_numbered_columns(bring, tmp_path, names):
    wide = {}
    for number, (who, here) in enumerate(
        [(["A", "C"], ["yes", "yes"]), (["B", ""], ["no", ""]), (["", ""], ["", ""])], 1
    ):
        wide |= {names[0].format(number): who, names[1].format(number): here}
    imported = bring(written(ADMIN | JOURNEY | {"kids_count": ["2", "1"]} | wide, tmp_path / "wide.csv"))
    assert kids_of(imported) == KIDS
    assert told(imported) == as_pandas_reads(written(ADMIN | JOURNEY, tmp_path / "names.csv"))
    assert [each.column for each in imported.report.dropped] == ["kids_count"]


def test_choices_and_repetitions_within_repetitions_may_be_numbered_too(bring, tmp_path):
    surveycto = {
        "kid_needs_food_1": ["1", "0"],
        "kid_needs_warm_food_1": ["0", "0"],
        "kid_needs_bed_1": ["0", "1"],
        "toy_1_1": ["", "ball"],
        "toy_1_2": ["car", ""],
    }
    imported = bring(written(ADMIN | JOURNEY | surveycto, tmp_path / "scto.csv"))
    assert imported.repeats["kids"][["kid_needs__food", "kid_needs__bed"]].to_numpy().tolist() == [
        ["yes", "no"],
        ["no", "yes"],
    ]
    assert sorted(imported.repeats["toys"].to_numpy().tolist()) == [["sy0001", "car"], ["sy0002", "ball"]]
    bracketed = {"kids[1]/toys[1]/toy": ["", "ball"], "kids[1]/toys[2]/toy": ["car", ""]}
    again = bring(written(ADMIN | JOURNEY | bracketed, tmp_path / "kobo.csv"))
    assert sorted(again.repeats["toys"].to_numpy().tolist()) == [["sy0001", "car"], ["sy0002", "ball"]]


UUIDS = ["0b3c1b52-4f0e-4d5a-9a55-3b2f1c0d9e8f", "7d9e2f30-12ab-4cde-8f01-23456789abcd"]


def test_a_zip_of_odk_central_comes_in_and_a_random_uuid_is_a_code(bring, tmp_path):
    keys = [f"uuid:{each.upper()}" for each in UUIDS]
    server = {
        "SubmissionDate": ["2026-03-03T10:11:12.000Z"] * 2,
        "meta-instanceID": keys,
        "meta-instanceName": ["x", "y"],
        "KEY": keys,
        "SubmitterID": ["7"] * 2,
        "SubmitterName": ["worker"] * 2,
        "AttachmentsPresent": ["0"] * 2,
        "AttachmentsExpected": ["0"] * 2,
        "Status": [""] * 2,
        "ReviewState": [""] * 2,
        "DeviceID": ["d"] * 2,
        "Edits": ["0"] * 2,
        "FormVersion": ["1"] * 2,
    }
    main = renamed(ADMIN | JOURNEY, "-") | {"admin-case_code": keys} | server
    rows = renamed({"kids/kid": ["A", "B", "C"], "kids/here": ["yes", "no", "yes"]}, "-", groups=False)
    rows |= {"PARENT_KEY": [keys[0], keys[0], keys[1]], "KEY": ["a", "b", "c"]}
    with zipfile.ZipFile(tmp_path / "central.zip", "w") as archive:
        archive.write(written(main, tmp_path / "trial.csv"), "trial.csv")
        archive.write(written(rows, tmp_path / "kids.csv"), "trial-kids.csv")
    imported = bring(tmp_path / "central.zip")
    assert imported.cases.frame["case_id"].tolist() == UUIDS
    assert kids_of(imported) == sorted((UUIDS[number], *row[1:]) for number, row in zip((0, 0, 1), KIDS, strict=True))


@pytest.mark.parametrize(
    "code", ["uuid:0b3c1b52-4f0e-1d5a-9a55-3b2f1c0d9e8f", "uuid:sy0001", "SY0001", "0b3c1b524f0e4d5a9a553b2f1c0d9e8f"]
)
def test_a_uuid_that_is_not_random_is_no_code(bring, tmp_path, code):
    with pytest.raises(
        AnswersError,
        match=r"code.csv:2 case_code: it is not two small letters and four to six digits, nor a random uuid",
    ):
        bring(written({**ADMIN, **JOURNEY, "admin/case_code": [code, "sy0002"]}, tmp_path / "code.csv"))


def test_columns_of_briefcase_and_aggregate_are_the_export_s_own(bring, tmp_path):
    server = {
        "SET-OF-kids": ["a", "b"],
        "meta:instanceID": ["u", "v"],
        "*meta-instance-id*": ["u", "v"],
        "KEY": ["u", "v"],
    }
    imported = bring(written(ADMIN | JOURNEY | server, tmp_path / "briefcase.csv"))
    assert {each.column for each in imported.report.dropped if each.kind == "the export's own"} == {*server}


def submission(number: int) -> str:
    groups: dict[str, list[str]] = {}
    for header, cells in (ADMIN | JOURNEY).items():
        group, name = header.split("/")
        groups.setdefault(group, []).append(f"<{name}>{cells[number]}</{name}>")
    groups["journey"] += [
        f"<kids><kid>{who}</kid><here>{here}</here></kids>"
        for case, who, here in KIDS
        if case == ADMIN["admin/case_code"][number]
    ]
    inner = "".join(f"<{group}>{''.join(parts)}</{group}>" for group, parts in groups.items())
    meta = f'<orx:meta xmlns:orx="http://openrosa.org/xforms"><orx:instanceID>uuid:{UUIDS[number]}</orx:instanceID></orx:meta>'
    return f'<?xml version="1.0"?><data id="trial" version="1">{inner}{meta}</data>'


def zipped(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def test_submissions_as_xml_come_in_with_their_repeated_groups(bring, tmp_path):
    files = {f"instances/{UUIDS[number]}/submission.xml": submission(number) for number in (0, 1)}
    files |= {"form.xml": '<h:html xmlns:h="http://www.w3.org/1999/xhtml"/>', "instances/photo.jpg": "no picture"}
    imported = bring(zipped(tmp_path / "bulk.zip", files))
    assert told(imported) == as_pandas_reads(written(ADMIN | JOURNEY, tmp_path / "names.csv"))
    assert kids_of(imported) == KIDS
    assert imported.report.left == ("bulk.zip/form.xml", "bulk.zip/instances/photo.jpg")


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        (
            '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><data>&x;</data>',
            UnsafeFileError,
            "declares a document type",
        ),
        ("<data><a>", ResearchError, "it is not well-formed XML"),
        ("<data><a>1</a></data>", ResearchError, "it has no meta/instanceID"),
        (
            "<data>" + "<g>" * 60 + "</g>" * 60 + "<instanceID>u</instanceID></data>",
            ResearchError,
            "groups lie more than 50 deep",
        ),
        (
            submission(0).replace("<data ", "<data xmlns:a='a' a:b='" + "x" * (8 << 20) + "' "),
            ResearchError,
            "more than 8,388,608 bytes",
        ),
    ],
)
def test_submissions_that_could_do_harm_or_are_none_are_refused(bring, tmp_path, text, error, says):
    with pytest.raises(error, match=says):
        bring(
            zipped(tmp_path / "bulk.zip", {"a.xml": submission(0), "b.xml": text, "pad.bin": "0123456789abcdef" * 4096})
        )


def test_a_form_that_is_handed_in_as_an_export_is_named(bring, tmp_path):
    book = openpyxl.Workbook()
    sheet(book, "survey", {"type": ["text"], "name": ["a"]})
    sheet(book, "choices", {"list_name": ["a"], "name": ["b"]})
    book.save(tmp_path / "form.xlsx")
    (tmp_path / "form.csv").write_text(FORM, encoding="utf-8")
    (tmp_path / "survey.csv").write_text("type;name;label\nselect_one a;b;B\n", encoding="utf-8")
    for name in ("form.xlsx", "form.csv", "survey.csv"):
        with pytest.raises(ResearchError, match=f"{name}: it is a form .* not an export"):
            bring(tmp_path / name)


def test_columns_are_ignored_by_pattern(bring, tmp_path):
    more = {"kids_a": ["1", "2"], "kids_b": ["1", "2"], "journey/kids[1]/kid": ["A", "B"]}
    imported = bring(
        written(ADMIN | JOURNEY | more, tmp_path / "a.csv"), ignore=["kids*", "journey/kids[1]/kid", "hats*"]
    )
    assert {each.column for each in imported.report.dropped if each.kind == "ignored as asked"} == {*more}
    assert [note for note in imported.report.notes if note.startswith("ignore:")] == [
        "ignore: 'hats*' is no column of this export"
    ]
    assert (
        bring(written(ADMIN | JOURNEY, tmp_path / "b.csv"), ignore=["consent", "journey/stage"])
        .cases.frame["stage"]
        .tolist()
        == ["not_asked"] * 2
    )


FRACTIONS = [
    "0.0333333333333333",
    "3.3333333333333335",
    "14.2857142857143",
    "0,033333333333333",
    "12.5",
    "-0.5",
    "1.5e-07",
]
NUMBERS = [
    "06.12345678",
    "333.1234567",
    "0.612345678",
    "0612345678",
    "48.856613, 2.352222",
    "+33 612345678",
    "0.33 0612345678",
]


@pytest.mark.parametrize(
    ("text", "is_alarm"), [*((text, False) for text in FRACTIONS), *((text, True) for text in NUMBERS)]
)
def test_a_calculated_fraction_is_no_telephone_number(text, is_alarm):
    assert bool(kinds_in(text)) == bool(kinds_in(f"She says {text} of it")) == is_alarm


def test_alarms_are_told_by_question_and_decided_by_question(bring, tmp_path):
    columns = {name: cells * 3 for name, cells in (ADMIN | JOURNEY).items()}
    columns["admin/case_code"] = [f"sy{number:04}" for number in range(6)]
    columns["journey/remarks"] = [*(f"call 06 12 34 56 7{number}" for number in range(5)), "mei@example.org"]
    path, listed = written(columns, tmp_path / "a.csv"), tmp_path / "decisions.csv"
    with pytest.raises(PrivacyError) as stopped:
        bring(path)
    assert "a.csv:2 journey/remarks: telephone number, in 5 cells (lines 2, 3, 4, 5, 6)\n" in str(stopped.value)
    assert str(stopped.value).endswith("a.csv:7 journey/remarks: e-mail address")
    assert "write keep or withhold into the column `decision`" in str(stopped.value)
    assert "in Python" not in str(stopped.value)
    head, first, *others = decisions_text(stopped.value.finds).splitlines()
    digest = first.split(",")[4]
    whole = first.replace(",2,", ",,").replace(digest, "") + "withhold"
    listed.write_text("\n".join([head, whole, *others[:-1], others[-1] + "keep", ""]), encoding="utf-8")
    decided = read_decisions(listed)
    assert len(decided) == 2
    remarks = told(bring(path, decisions=decided))["remarks"]
    assert remarks == ["withheld"] * 5 + ["mei@example.org"]
    listed.write_text("\n".join([head, *others, ""]), encoding="utf-8")
    with pytest.raises(ResearchError, match=r"decisions.csv:2: the decision is ''; write withhold or keep"):
        read_decisions(listed)
    again = decisions_text(stopped.value.finds, decided).splitlines()[1]
    assert again == "a.csv,,journey/remarks,,,withhold"


def test_headers_are_told_apart_and_what_could_be_two_is_neither(form):
    headers = QuestionHeaders(questions_of(form))
    assert headers.by_name("journey-needs:warm_food").place == Place("needs", "warm_food")
    assert headers.by_name("journey/journey/needs").place is None
    assert headers.by_label("Trajet/Remarques").place == Place("remarks")
    assert headers.by_label("Avant/Remarques").place is None
    assert headers.by_name("/" * 2000).place is headers.by_label("a/" * 1000).place is None
    near = Spellings(["needs", "q11", "age"])
    assert [near.nearest(word) for word in ("Needs", "neds", "nedes", "x/need_s", "q12", "ages", "hats")] == [
        *["needs"] * 4,
        *("", "age", ""),
    ]


def test_an_unknown_column_that_only_ends_like_a_choice_is_left_out_and_named(bring, tmp_path):
    imported = bring(written(ADMIN | JOURNEY | {"needs_food": ["soup", "rice"]}, tmp_path / "a.csv"))
    assert [(each.column, each.kind) for each in imported.report.dropped] == [
        ("needs_food", "the form has no such question")
    ]


def test_two_columns_that_say_the_same_are_one(bring, tmp_path):
    imported = bring(written(ADMIN | JOURNEY | {"Place": ["paris", "Paris"]}, tmp_path / "a.csv"))
    assert [(each.column, each.kind) for each in imported.report.dropped] == [
        ("Place", "it says the same as another column")
    ]


def test_a_question_whose_condition_reads_what_is_not_there_counts_as_asked(tmp_path):
    (tmp_path / "form.csv").write_text(
        FORM.replace("Remarks,Remarques,", "Remarks,Remarques,${stage} = '2'"), encoding="utf-8"
    )
    columns = {name: cells for name, cells in (ADMIN | JOURNEY).items() if name != "journey/stage"}
    imported = read_answers(written(columns, tmp_path / "a.csv"), read_form(tmp_path / "form.csv"), **TERMS)
    assert told(imported)["remarks"] == JOURNEY["journey/remarks"]
    assert "a.csv: not in this export, so not asked: stage" in imported.report.notes


def test_files_of_nested_repeated_groups_find_each_other_by_name(bring, tmp_path):
    main = ADMIN | JOURNEY | {"_index": ["7", "9"], "_parent_index": ["-1", "-1"], "_parent_table_name": ["", ""]}
    kids = repeated(_parent_table_name=["Trial"] * 3, _parent_index=["7", "7", "9"], _index=["1", "2", "3"])
    toys = {
        "toy": ["ball", "car"],
        "_parent_table_name": ["kids"] * 2,
        "_parent_index": ["3", "2"],
        "_index": ["1", "2"],
    }
    files = {"2026_Trial": main, "2026_kids": kids, "2026_toys": toys}
    imported = bring(*(written(columns, tmp_path / f"{name}.csv") for name, columns in files.items()))
    assert kids_of(imported) == KIDS
    assert sorted(imported.repeats["toys"].to_numpy().tolist()) == [["sy0001", "car"], ["sy0002", "ball"]]
    assert [(each.column, each.kind) for each in imported.report.dropped][:2] == [
        ("_index", "the export's own"),
        ("_parent_index", "the export's own"),
    ]


def test_a_question_in_other_groups_is_read_and_one_of_another_level_is_named(bring, tmp_path):
    columns = {
        ("household/" + name.split("/")[1] if "stage" in name else name): cells
        for name, cells in (ADMIN | JOURNEY).items()
    }
    imported = bring(written(columns | {"journey/kids/kid": ["A", "C"]}, tmp_path / "a.csv"))
    assert told(imported) == as_pandas_reads(written(ADMIN | JOURNEY, tmp_path / "names.csv"))
    assert (
        "a.csv: column 'household/stage': it stands in other groups than in the form, or is written with other capitals, and was read as stage"
        in imported.report.notes
    )
    assert [(each.column, each.kind) for each in imported.report.dropped] == [
        ("journey/kids/kid", "the form asks it in the repeated group kids")
    ]
    del columns["household/stage"]
    imported = bring(written(columns | {"a/stage": ["1", "1"], "b/stage": ["2", "2"]}, tmp_path / "b.csv"))
    assert imported.cases.frame["stage"].tolist() == ["not_asked"] * 2
    assert {each.column: each.kind for each in imported.report.dropped} == dict.fromkeys(
        ["a/stage", "b/stage"], "the form has a question of this name in other groups, and not here"
    )


def test_submissions_of_another_form_are_left_out_and_named(bring, tmp_path):
    other = submission(0).replace('id="trial"', 'id="other"')
    for group in ("admin", "agreement", "journey"):
        other = other.replace(f"<{group}>", f"<x{group}>").replace(f"</{group}>", f"</x{group}>")
    for name in (header.split("/")[1] for header in (ADMIN | JOURNEY)):
        other = other.replace(f"<{name}>", f"<zz{len(name)}{name[::-1]}>").replace(
            f"</{name}>", f"</zz{len(name)}{name[::-1]}>"
        )
    other = other[: other.index("<kids>")] + other[other.rindex("</kids>") + 7 :]
    files = {"a.xml": submission(0), "b.xml": submission(1), "c.xml": other}
    imported = bring(zipped(tmp_path / "bulk.zip", files))
    assert told(imported) == as_pandas_reads(written(ADMIN | JOURNEY, tmp_path / "names.csv"))
    assert imported.report.left == ("bulk.zip[other-submissions] (none of its columns belongs to the form)",)


def test_the_same_mistake_in_many_lines_is_named_once(bring, tmp_path):
    columns = {name: cells * 50 for name, cells in (ADMIN | JOURNEY).items()}
    columns |= {"admin/case_code": [f"sy{number:04}" for number in range(100)], "journey/stage": ["3"] * 100}
    with pytest.raises(AnswersError) as refused:
        bring(written(columns, tmp_path / "a.csv"))
    assert len(refused.value.problems) == 100 and len(str(refused.value).splitlines()) == 3
    assert str(refused.value).splitlines()[1].endswith("(so in 100 lines)")
    assert str(refused.value).count("--inconsistent report") == 1 and "nearest" not in str(refused.value)


def test_row_numbers_without_a_name_are_left_out_and_anything_else_is_refused(bring, tmp_path):
    path = written({"": ["1", "7"]} | ADMIN | JOURNEY, tmp_path / "r.csv")
    imported = bring(path)
    assert told(imported) == as_pandas_reads(path)
    assert "r.csv: column 1 has no name and numbers the rows: it is left out" in imported.report.notes
    for cells in (["7", "1"], ["1", "0612345678"], ["1", "Li Mei"]):
        with pytest.raises(ResearchError, match="column 1 has content, but its header is empty"):
            bring(written({"": cells} | ADMIN | JOURNEY, tmp_path / "r.csv"))


def form_like(tmp_path: Path, **replaced: str):
    """The form with some of its rows written otherwise."""
    text = FORM.replace("label::French (fr),relevant", "label::French (fr),relevant,constraint")
    for old, new in replaced.items():
        row = next(line for line in text.splitlines() if f",{old}," in line)
        text = text.replace(row, new)
    path = tmp_path / "other.csv"
    path.write_text(text, encoding="utf-8")
    return read_form(path)


NEEDS = ",select_multiple need,needs,What is needed?,De quoi avez-vous besoin ?,,"


@pytest.mark.parametrize(
    ("constraint", "alone"),
    [
        ("", ()),
        ("not(selected(., 'bed')) or count-selected(.) = 1", ("bed",)),
        ("if(selected(.,'bed'), count-selected(.)=1, true())", ("bed",)),
        ("not(selected(., 'bed') and (selected(., 'food') or selected(${needs}, 'warm_food')))", ("bed",)),
        ("not(selected(., 'bed') and selected(., 'food'))", ()),
        ("count-selected(.) <= 2", ()),
        ("selected(., 'bed') or ${stage} = '1'", ()),
        ("regex(., 'bed')", ()),
    ],
)
def test_a_choice_stands_alone_where_the_form_s_own_constraint_says_so(tmp_path, constraint, alone):
    form = form_like(tmp_path, needs=f'{NEEDS}"{constraint}"')
    assert questions_of(form)["needs"].alone == alone
    assert {each.name: each.alone for each in variables(form)}["needs"] == alone
    path = written(ADMIN | JOURNEY, tmp_path / "a.csv")
    if not alone:
        assert told(read_answers(path, form, **TERMS))["needs"] == ["food bed", "warm_food"]
        return
    with pytest.raises(AnswersError, match=r"a\.csv:2 journey/needs: 'bed' stands beside other choices"):
        read_answers(path, form, **TERMS)
    imported = read_answers(path, form, inconsistent="report", **TERMS)
    assert told(imported)["needs"] == ["food", "warm_food"] and not problems(imported.cases)
    assert "a.csv:2 journey/needs: 'bed' stands beside other choices" in str(imported.report)


@pytest.mark.parametrize(
    ("answer", "columns", "kept"),
    [
        ("food dk", {}, ["no", "yes", "no"]),
        ("refused warm_food food", {}, ["no", "yes", "yes"]),
        ("bed food", {}, ["no", "yes", "no"]),
        ("food food", {}, ["no", "yes", "no"]),
        ("bed dk", {}, ["withheld"] * 3),
        ("dk refused", {}, ["withheld"] * 3),
        ("food", {"food": "0", "warm_food": "1", "bed": "0"}, ["no", "yes", "no"]),
        ("", {"food": "0", "warm_food": "1", "bed": "0"}, ["no", "no", "yes"]),
    ],
)
def test_an_answer_that_contradicts_itself_is_kept_as_far_as_it_is_clear(tmp_path, answer, columns, kept):
    form = form_like(tmp_path, needs=f"{NEEDS}\"not(selected(., 'bed')) or count-selected(.) = 1\"")
    own = {f"journey/needs/{choice}": [cell, "0"] for choice, cell in columns.items()}
    others = {"journey/needs": [answer, "food" if not own else ""]}
    path = written(ADMIN | JOURNEY | others | own, tmp_path / "a.csv")
    with pytest.raises(AnswersError, match="journey/needs"):
        read_answers(path, form, **TERMS)
    imported = read_answers(path, form, inconsistent="report", **TERMS)
    record = imported.cases.frame.iloc[0]
    assert record[["needs__bed", "needs__food", "needs__warm_food"]].tolist() == kept
    assert imported.report.conflicts and not problems(imported.cases)


def test_choices_named_like_a_missing_answer_get_a_code_of_their_own(tmp_path):
    form_text = FORM.replace(",stage,2,", ",stage,not_applicable,").replace(",need,bed,", ",need,withheld,")
    form_text = form_text.replace("besoin ?,\n", "besoin ?,${stage} = 'not_applicable'\n", 1)
    (tmp_path / "own.csv").write_text(form_text, encoding="utf-8")
    form = read_form(tmp_path / "own.csv")
    columns = ADMIN | JOURNEY | {"journey/stage": ["1", "not_applicable"], "journey/needs": ["", "food withheld"]}
    main = written(columns | {"_index": ["1", "2"]}, tmp_path / "a.csv")
    repeats = repeated(_parent_table_name=["a"] * 3, _parent_index=["1", "1", "2"], _index=["1", "2", "3"])
    kids = written(repeats | {"journey/kids/kid_needs": ["withheld", "", "food"]}, tmp_path / "a_kids.csv")
    imported = read_answers([main, kids], form, **TERMS)
    assert imported.cases.frame["stage"].tolist() == ["1", "choice_not_applicable"]
    assert imported.cases.frame["needs__choice_withheld"].tolist() == ["not_applicable", "yes"]
    assert imported.repeats["kids"]["kid_needs__choice_withheld"].tolist() == ["yes", "not_asked", "no"]
    assert imported.cases["stage"].choice_labels["choice_not_applicable"]["en"] == "second stop"
    assert imported.cases["needs"].relevant == "${stage} = 'choice_not_applicable'"
    said = "not_applicable is choice_not_applicable, withheld is choice_withheld"
    assert str(imported.report).count(said) == 1 and not problems(imported.cases)


def test_answers_that_the_form_does_not_have_are_left_out_on_request_and_named_once(bring, tmp_path):
    columns = {name: cells * 3 for name, cells in (ADMIN | JOURNEY).items()}
    columns |= {
        "admin/case_code": [f"sy{number:04}" for number in range(6)],
        "journey/stage": ["1", *["9"] * 4, "Anna"],
    }
    columns["journey/needs"] = ["food tent yurt bed", "tent", "dk tent", "bed", "", "food"]
    path = written(columns, tmp_path / "a.csv")
    with pytest.raises(AnswersError, match="'9' is not a choice of stage"):
        bring(path)
    imported = bring(path, inconsistent="report")
    assert imported.cases.frame["stage"].tolist() == ["1", *["withheld"] * 5]
    assert told(imported)["needs"] == ["food bed", "", "", "bed", "", "food"]
    assert imported.cases.frame["needs__food"].tolist() == ["yes", "withheld", "withheld", "no", "not_asked", "yes"]
    said = str(imported.report)
    assert said.count("'9' is not a choice of stage") == 1 and "(so in 5 lines)" in said and "Anna" not in said
    assert "journey/needs: 'tent', 'yurt', 'dk' are not choices of needs; fix the cell" in said
    assert not problems(imported.cases)


@pytest.mark.parametrize(("column", "cell"), [("agreement/consent", "maybe"), ("agreement/consent_scope", "all")])
def test_consent_is_never_left_out(bring, tmp_path, column, cell):
    path = written(ADMIN | JOURNEY | {column: [cell, "yes"]}, tmp_path / "a.csv")
    with pytest.raises(AnswersError, match=f"'{cell}'.* not (a choice|choices) of") as refused:
        bring(path, inconsistent="report")
    assert "--inconsistent" not in str(refused.value)


@pytest.mark.parametrize(("own", "parent"), [("index", "_parent_index"), ("uuid", "_submission__uuid")])
def test_the_key_of_a_record_may_have_lost_its_sign(bring, tmp_path, own, parent):
    main = written(ADMIN | JOURNEY | {own: ["7", "9"]}, tmp_path / "a.csv")
    kids = written(repeated(_parent_table_name=["a"] * 3) | {parent: ["7", "7", "9"]}, tmp_path / "a_kids.csv")
    assert kids_of(bring(main, kids)) == KIDS


def test_repetitions_of_records_that_were_removed_are_left_out_on_request(bring, tmp_path):
    main = ADMIN | JOURNEY | {"_index": ["1", "2"]}
    kids = repeated(_parent_table_name=["a"] * 3, _parent_index=["1", "7", "2"], _index=["1", "2", "3"])
    toys = {"toy": ["ball", "car"], "_parent_table_name": ["a/kids"] * 2, "_parent_index": ["2", "3"]}
    tables = {"a": main, "a_kids": kids, "a_kids_toys": toys | {"_index": ["1", "2"]}}
    files = [written(columns, tmp_path / f"{name}.csv") for name, columns in tables.items()]
    with pytest.raises(AnswersError, match=r"a_kids\.csv:3 _parent_index: no record has this key"):
        bring(*files)
    imported = bring(*files, inconsistent="report")
    assert kids_of(imported) == [("sy0001", "A", "yes"), ("sy0002", "C", "yes")]
    assert imported.repeats["toys"].to_numpy().tolist() == [["sy0002", "car"]]
    assert [str(each).partition(" ")[0] for each in imported.report.conflicts] == ["a_kids.csv:3", "a_kids_toys.csv:2"]
    kids["_parent_index"] = ["7", "8", "9"]
    with pytest.raises(AnswersError, match="no record has this key"):
        bring(files[0], written(kids, files[1]), inconsistent="report")


def test_a_workbook_may_hold_its_form_beside_the_answers(bring, tmp_path):
    book = openpyxl.Workbook()
    sheet(book, "data", ADMIN | JOURNEY)
    sheet(book, "survey", {"type": ["text"], "name": ["remarks"]})
    sheet(book, "choices", {"list_name": ["need"], "name": ["food"]})
    book.remove(book["Sheet"])
    book.save(tmp_path / "a.xlsx")
    imported = bring(tmp_path / "a.xlsx")
    assert told(imported)["stage"] == ["1", "2"]
    assert imported.report.left == (
        "a.xlsx[survey] (a sheet of the form)",
        "a.xlsx[choices] (a sheet of the form)",
    )
    said = str(imported.report)
    assert "the sheet 'data' is read" in said and "is not read" not in said


def test_a_list_that_is_filtered_may_have_a_choice_twice_and_one_that_is_not_there_is_text(tmp_path):
    form = form_like(tmp_path, bed=",need,bed,A bed,Un lit\n,need,bed,A bed again,Un lit")
    imported = read_answers(written(ADMIN | JOURNEY, tmp_path / "a.csv"), form, **TERMS)
    assert imported.cases.frame.columns.is_unique and told(imported)["needs"] == ["food bed", "warm_food"]
    form = form_like(tmp_path, stage=",select_one elsewhere,stage,How far?,Jusqu'où ?,")
    imported = read_answers(written(ADMIN | JOURNEY, tmp_path / "a.csv"), form, **TERMS)
    assert "stage" not in imported.cases.frame and "these questions have no list of choices" in str(imported.report)
    stages = imported.others.query("question == 'stage'")["answer"].tolist()
    assert stages == ["1", "2"]


def test_a_condition_on_what_is_asked_several_times_counts_as_true_and_is_named(tmp_path):
    form = form_like(tmp_path, stage=",select_one stage,stage,How far?,Jusqu'où ?,${here} = 'yes'")
    imported = read_answers(written(ADMIN | JOURNEY, tmp_path / "a.csv"), form, **TERMS)
    assert imported.cases.frame["stage"].tolist() == ["1", "2"]
    assert "it reads ${here}, which is asked several times for a record" in str(imported.report)


NAMING = """\
,text,Id10017,What was the first name of the deceased?,Quel était son prénom ?,
,select_one yes_no,has_phone,Whose mobile phone is it?,À qui est ce portable ?,
,select_multiple need,names_of_needs,Whom do you need?,De qui avez-vous besoin ?,
,calculate,whole,,,
,select_one yes_no,well,How is ${name}?,Vous n'avez pas vu ${nom} ?,
,begin_repeat,births,Births,Naissances,
,text,baby,The name of the child,Le nom,
,integer,baby_birth_count,How many children were born?,Combien d'enfants ?,
,integer,birth_day,On which day?,Quel jour ?,
,end_repeat,,,,
,integer,ChildBirthHowMany,"If so, how many?","Si oui, combien ?",
,integer,dob,How much?,Combien ?,
,text,remarks,Remarks,Remarques,
"""


@pytest.fixture
def naming(tmp_path):
    """A form with questions that could say who somebody is, counted, as text, calculated and repeated; their export."""
    text = FORM.replace(",text,remarks,Remarks,Remarques,\n", NAMING)
    text = text.replace("label::French (fr),relevant\n", "label::French (fr),relevant,calculation\n", 1)
    text = text.replace(",calculate,whole,,,", ",calculate,whole,,,,\"concat(${Id10017}, '!')\"")
    (tmp_path / "naming.csv").write_text(text, encoding="utf-8")
    main = {
        **(ADMIN | JOURNEY),
        "journey/Id10017": ["Anna", "Mei"],
        "journey/has_phone": ["yes", "no"],
        "journey/names_of_needs": ["food", "bed"],
        "journey/names_of_needs/food": ["1", "0"],
        "journey/whole": ["Anna!", "Mei!"],
        "journey/well": ["yes", "no"],
        "journey/ChildBirthHowMany": ["2", "3"],
        "journey/dob": ["19900101", "19910101"],
        "_index": ["1", "2"],
    }
    births = {"baby": ["Lia", "Tom"], "birth_day": ["7", "8"], "_parent_index": ["1", "2"]}
    births |= {"_parent_table_name": ["a"] * 2, "_index": ["1", "2"]}
    files = [written(main, tmp_path / "a.csv"), written(births, tmp_path / "a_births.csv")]
    return read_form(tmp_path / "naming.csv"), files


def test_what_could_say_who_somebody_is_never_comes_in_by_any_way(naming):
    form, files = naming
    imported = read_answers(files, form, **TERMS)
    everything = "".join(
        frame.to_csv() for frame in (imported.cases.frame, imported.others, *imported.repeats.values())
    )
    for word in ("Anna", "Mei", "Lia", "Tom", "has_phone", "names_of_needs", "whole", "1990", "birth_day"):
        assert word not in everything, word
    assert imported.cases.frame["well"].tolist() == ["yes", "no"]
    assert imported.others.query("question == 'ChildBirthHowMany'")["answer"].tolist() == ["2", "3"]
    assert not problems(imported.cases)
    said = str(imported.report).splitlines()
    assert next(line for line in said if "names_of_needs" in line) == (
        "not brought in: a.csv journey/names_of_needs and 1 more columns of this question "
        "(the name says 'names'), 4 cells"
    )
    assert "not brought in: a.csv journey/Id10017 (the label says 'first name'), 2 cells" in said
    assert sum("--allow NAME=REASON" in line for line in said) == 1


def test_a_question_that_only_seems_to_name_a_person_comes_in_for_a_reason(naming):
    form, files = naming
    imported = read_answers(files, form, allowed={"has_phone": "a yes or no"}, **TERMS)
    assert imported.cases.frame["has_phone"].tolist() == ["yes", "no"] and "Anna" not in imported.others.to_csv()
    assert "allowed, though it could say who somebody is: has_phone (a yes or no)" in str(imported.report)
    blank = read_answers(files, form, allowed={"has_phone": " "}, **TERMS)
    assert "has_phone" not in blank.cases.frame
    with pytest.raises(ResearchError, match="'hasphone' is no question of"):
        read_answers(files, form, allowed={"hasphone": "a slip"}, **TERMS)
