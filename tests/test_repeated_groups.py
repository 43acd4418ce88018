"""Rows of a repeated group go to the record that they were sent with, and are counted once."""

import zipfile
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from exports import Answered, answered, central

from research_lib.disclosure.demonstration import demonstration_cases
from research_lib.interviews.answers.answer_columns import AnswersError
from research_lib.interviews.answers.export import Export
from research_lib.interviews.answers.export_tables import Table
from research_lib.interviews.answers.form_questions import questions_of
from research_lib.interviews.answers.records_taken import select
from research_lib.interviews.answers.repeated_groups import assign_cases
from research_lib.interviews.answers_import import read_answers
from research_lib.interviews.xlsform import COMMON, extend, read_form

DATA = Path(__file__).resolve().parents[1] / "data"
FORM = """\
survey,type,name,label::English (en),relevant
,text,case_code,Code,
,select_one yes_no,consent,Consent?,
,select_multiple scope,consent_scope,For what?,
,text,work,Which work?,
,begin_repeat,stays,Stays,
,text,town,Where?,
,begin_repeat,jobs,Jobs,
,text,job,Which?,
,end_repeat,,,
,end_repeat,,,
choices,list_name,name,label::English (en),
,yes_no,yes,yes,
,yes_no,no,no,
,scope,this_study,this study,
,scope,published_tables,published tables,
settings,prefix,form_title,version,
,tp_,Trial,1,
"""
PARTNER = """\
survey,type,name,label::English (en),relevant
,begin_group,tp_more,More,
,begin_repeat,tp_stays,Stays,
,text,tp_where,Where?,
,end_repeat,,,
,end_group,,,
settings,prefix,form_title,version,
,tp_,With more,1,
"""


def frame(text: str) -> pd.DataFrame:
    """A table as text; records that do not say otherwise agree to the study."""
    table = pd.read_csv(StringIO(text.replace(" ", "")), dtype=str, keep_default_na=False)
    table.index += 2
    return table.assign(consent="yes", consent_scope="this_study") if "case_code" in table else table


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    path = tmp_path_factory.mktemp("form") / "trial.csv"
    path.write_text(FORM, encoding="utf-8")
    return questions_of(read_form(path))


@pytest.fixture
def stays(asked):
    """The stays and jobs of each case, of tables by their file, or by zip or workbook and file."""

    def give(*, latest: bool = False, **texts: str) -> str:
        tables = [Table(name, name.split("__")[0], name.split("__")[-1], frame(text)) for name, text in texts.items()]
        export = Export(tables, asked, (), ("jobs",))
        found = assign_cases(select(export.mains, asked, latest=latest).taken, export.repeats)
        repeated = [
            (case, row)
            for each in found
            for case, row in zip(
                each.cases, each.columns.table.frame.filter(["town", "job"]).iloc[each.rows, 0], strict=True
            )
        ]
        return ", ".join(f"{case} {row}" for case, row in repeated)

    return give


OLD = """\
    KEY, case_code, work,  SubmissionDate
    u1,  fr0001,    sewing, 2026-01-01T10:00:00Z
    u2,  fr0002,    sewing, 2026-01-02T10:00:00Z
"""
OLD_STAYS = """\
    PARENT_KEY, KEY,  town
    u1,         u1/1, Lyon
    u1,         u1/2, Nice
    u2,         u2/1, Lille
"""
EDITED = """\
    KEY, case_code, work,  SubmissionDate
    u1,  fr0001,    baking, 2026-02-01T10:00:00Z
    u2,  fr0002,    sewing, 2026-01-02T10:00:00Z
    u3,  fr0003,    sewing, 2026-02-03T10:00:00Z
"""
EDITED_STAYS = """\
    PARENT_KEY, KEY,  town
    u1,         u1/1, Turin
    u2,         u2/1, Lille
    u3,         u3/1, Genoa
"""


def test_the_rows_of_the_record_that_is_given_up_do_not_go_to_the_one_that_is_kept(stays):
    tables = {"old__main": OLD, "old__stays": OLD_STAYS, "new__main": EDITED, "new__stays": EDITED_STAYS}
    assert stays(latest=True, **tables) == "fr0002 Lille, fr0001 Turin, fr0003 Genoa"


def test_whose_rows_they_are_is_asked_where_the_files_do_not_say(stays):
    with pytest.raises(AnswersError, match="old_stays:2 PARENT_KEY: several records have its key"):
        stays(latest=True, old=OLD, old_stays=OLD_STAYS, new=EDITED, new_stays=EDITED_STAYS)


SAME = OLD + "    u3,  fr0003,    sewing, 2026-02-03T10:00:00Z\n"
SAME_STAYS = OLD_STAYS + "    u3,         u3/1, Genoa\n"
EACH_ONCE = ["fr0001 Lyon", "fr0001 Nice", "fr0002 Lille", "fr0003 Genoa"]
WITHOUT_KEYS = "\n".join(line[:16] + line[22:] for line in SAME_STAYS.splitlines())


@pytest.mark.parametrize("latest", [False, True])
@pytest.mark.parametrize(
    "tables",
    [
        {"old__main": OLD, "old__stays": OLD_STAYS, "new__main": SAME, "new__stays": SAME_STAYS},
        {"old": OLD, "old_stays": OLD_STAYS, "new": SAME, "new_stays": SAME_STAYS},
        {"new": SAME, "old_stays": OLD_STAYS, "new_stays": SAME_STAYS},
        {"new": SAME, "stays": WITHOUT_KEYS, "stays_again": WITHOUT_KEYS},
    ],
    ids=["two zips", "files apart", "repeated groups twice", "rows without keys"],
)
def test_rows_of_two_exports_that_overlap_are_there_once(stays, tables, latest):
    assert sorted(stays(latest=latest, **tables).split(", ")) == EACH_ONCE


def test_a_record_that_is_the_same_with_other_rows_is_refused_and_none_of_them_is_lost(stays):
    added = OLD_STAYS + "    u2,         u2/2, Turin\n"
    tables = {"old__main": OLD, "old__stays": OLD_STAYS, "new__main": OLD, "new__stays": added}
    with pytest.raises(
        AnswersError, match=r"new__main:3 case_code: the same record \(old__main:3\) has other rows in its rep"
    ):
        stays(**tables)
    with pytest.raises(
        AnswersError, match=r"new__main:2 case_code: the same record \(old:2\) has other rows in its repeated"
    ):
        stays(old=OLD, new__main=OLD, new__stays=OLD_STAYS)


def test_a_row_that_is_given_twice_with_other_answers_is_refused(stays):
    other = OLD_STAYS.replace("Lille", "Turin")
    with pytest.raises(
        AnswersError, match=r"again:4 PARENT_KEY: a row with the same key has other answers \(stays:4\); remove"
    ):
        stays(main=OLD, stays=OLD_STAYS, again=other)


def test_rows_within_rows_go_with_them(stays):
    jobs = """\
        PARENT_KEY, job
        u1/1,       {}
        u1/1,       cook
    """
    tables = {"old__main": OLD, "old__stays": OLD_STAYS, "old__jobs": jobs.format("maid")}
    tables |= {"new__main": EDITED, "new__stays": EDITED_STAYS, "new__jobs": jobs.format("cook")}
    assert stays(latest=True, **tables).endswith("fr0003 Genoa, fr0001 cook, fr0001 cook")


@pytest.mark.parametrize(
    ("keys", "parent", "says"),
    [
        (("1", "1"), "1", "several records have its key"),
        (("1", ""), "", "no record has this key"),
        (("", ""), "", "no record has this key"),
        (("1", "1"), "2", "no record has this key"),
    ],
)
def test_a_key_of_two_records_or_of_none_is_no_key(stays, keys, parent, says):
    main = "_index,case_code,work\n{},fr0001,sewing\n{},fr0002,baking\n".format(*keys)
    rows = f"_parent_table_name,_parent_index,_index,town\nmain,{parent},1,Lyon\n"
    with pytest.raises(AnswersError, match=f"book__stays:2 _parent_index: {says}"):
        stays(book__main=main, book__stays=rows)


def test_a_key_of_two_records_harms_nobody_to_whom_no_row_belongs(stays):
    main = "_index,case_code,work\n1,fr0001,sewing\n2,fr0002,baking\n2,fr0003,baking\n"
    rows = "_parent_table_name,_parent_index,_index,town\nmain,1,1,Lyon\n"
    assert stays(book__main=main, book__stays=rows) == "fr0001 Lyon"


def zipped(answers: Answered, folder: Path, day: str) -> Path:
    """An export of ODK Central whose records were all sent on that day."""
    folder.mkdir()
    with zipfile.ZipFile(folder / f"{folder.name}.zip", "w") as archive:
        for path in central(answers, folder / "tables"):
            archive.writestr(path.name, path.read_text(encoding="utf-8").replace("2026-03-03T", f"{day}T"))
    return folder / f"{folder.name}.zip"


def test_the_rows_of_an_edited_record_are_those_of_its_own_zip(tmp_path):
    (tmp_path / "partner.csv").write_text(PARTNER, encoding="utf-8")
    common, cases = read_form(COMMON / "interview.csv"), demonstration_cases()
    form = extend(common, read_form(tmp_path / "partner.csv"))
    codes = cases.frame.head(2).assign(case_id=["sy0000", "sy0001"]).replace("withheld", "not_asked")
    records = answered(replace(cases, frame=codes), common).frame
    paths = []
    for day, town in (("2026-03-03", "Lyon"), ("2026-04-03", "Turin")):
        rows = pd.DataFrame({"parent": [0, 1], "tp_where": [town, "Nice"]})
        paths.append(zipped(Answered(form, records, {"tp_stays": rows}), tmp_path / day, day))
        records = records.assign(education=["none", *records["education"][1:]])
    terms = {"legal_basis": "consent", "retention": date(2031, 12, 31)}
    with pytest.raises(AnswersError, match="the case sy0000 was sent before"):
        read_answers(paths, form, **terms)
    found = read_answers(paths, form, **terms, latest=True).repeats["tp_stays"]
    assert sorted(found[["case_id", "tp_where"]].to_numpy().tolist()) == [["sy0000", "Turin"], ["sy0001", "Nice"]]
