"""Answers of a survey as documents to code, with what the survey's platform coded as one more coder's codings."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.codings import as_codings
from research_lib.coding.corpus import Corpus, Document
from research_lib.coding.project import Case, Coder, Losses, Project
from research_lib.errors import CodingError, quoted
from research_lib.interviews.answers_import import Imported

PLATFORM = "platform"
_NOTHING: Mapping[str, str] = MappingProxyType({})
_OF_A_RECORDING = re.compile(r"(?P<question>.+) - (?:transcript|translation) \((?P<language>[\w-]+)\)")
_TAKEN, _NOT_TAKEN = ("1", "1.0", "true", "True", "yes"), ("", "0", "0.0", "false", "False", "no")


def answers_as_project(
    answers: pd.DataFrame,
    questions: Sequence[str],
    *,
    case: str = "case_id",
    attributes: Sequence[str] = (),
    analyses: Mapping[str, str] = _NOTHING,
    separator: str = " ",
    language: str = "und",
    without: Collection[str] = ("withheld",),
) -> Project:
    """Make a project of a table of answers, one row a case; each answer to `questions` is a document.

    `questions`: columns of free text, or of transcripts and translations of recordings, whose header names their
    language: `note - transcript (fr)`. `case`: the column of the cases' ids; a document's id is that of its case and
    its question. `attributes`: columns that documents and cases get as attributes. `analyses`: for each column in which
    the platform codes answers, the question that it codes. It holds codes with `separator` between them, as Kobo
    exports names (a blank) or labels (`", "`), or stands in columns `column/code` of 0 and 1. Each code becomes a code
    below its column, given by the coder `platform` to the whole answer. Answers that are empty or in `without` are no
    documents, and what the platform codes there is among `losses`.

    What people write in their own words is sensitive, may name them and others, and is not looked through here: take
    the answers from `answers_of`, which the import has looked through, or do so yourself (`coding.pseudonyms`). Nothing
    is written. Raises CodingError for a column that is missing, and for a case without an id or with two rows.
    """
    wanted = [case, *questions, *attributes, *analyses.values()]
    if missing := [name for name in wanted if name not in answers]:
        raise CodingError(f"answers: there is no column {missing[0]!r}; name the columns as the export does")
    if not set(analyses.values()) <= set(questions):
        raise CodingError(f"analyses: {min(set(analyses.values()) - set(questions))!r} is not among the questions")
    table = _as_text(answers, questions)
    _must_have_cases(table[case])
    documents = {
        (row[case], question): document
        for row in table.to_dict("records")
        for question, document in _documents(row, questions, case, attributes, language=language)
        if row[question].strip() not in ("", *without)
    }
    losses, given = Losses(), list[tuple[str, str, str]]()
    for column, question in analyses.items():
        for who, code in _codes(table, column, case, separator):
            if (who, question) in documents:
                given.append((who, question, f"{column}/{code}"))
            else:
                losses.add(f"case {who!r}, {column!r}", f"code {code!r}", f"there is no answer to {question!r}")
    return Project(
        "answers",
        _codebook(analyses, [code for *_, code in given]),
        Corpus(tuple(documents.values())),
        _codings([(documents[who, question], code) for who, question, code in given]),
        (Coder(PLATFORM, "the survey's platform"),) if analyses else (),
        tuple(_cases(table, case, attributes, documents)),
        losses=losses.listed(),
    )


def answers_of(imported: Imported) -> pd.DataFrame:
    """Give the answers of an import as a table of one row a case: its free texts beside what is counted of the case."""
    texts = imported.others.pivot(index="case_id", columns="question", values="answer").reset_index()
    return imported.cases.frame.merge(texts, on="case_id", how="left", suffixes=("", " (text)"))


def _as_text(answers: pd.DataFrame, questions: Collection[str]) -> pd.DataFrame:
    """All cells as texts, an empty one for a missing answer; a whole number that pandas has as 1.0 is 1 again."""
    whole = answers.convert_dtypes().astype("string").fillna("")
    return whole.apply(lambda column: column if column.name in questions else column.str.strip())


def _must_have_cases(ids: pd.Series) -> None:
    if len(blank := ids[ids == ""]):
        raise CodingError(f"answers: row {blank.index[0]} has no {ids.name}; give each case an id")
    if len(twice := ids[ids.duplicated()]):
        raise CodingError(f"answers: the case {quoted(twice.iloc[0])} has two rows; keep one, or join them")


def _documents(
    row: dict[str, str], questions: Sequence[str], case: str, attributes: Sequence[str], *, language: str
) -> Iterator[tuple[str, Document]]:
    known = {name: row[name] for name in attributes if row[name]}
    for question in questions:
        found = _OF_A_RECORDING.fullmatch(question)
        own = {"case": row[case], "question": found["question"] if found else question}
        id_ = " ".join(f"{row[case]}: {question}".split())
        spoken = found["language"] if found else language
        yield question, Document(id_, id_, row[question], spoken, attributes=known | own)


def _codes(table: pd.DataFrame, column: str, case: str, separator: str) -> Iterator[tuple[str, str]]:
    """Each case with each code that the platform gave it in a column, or in the columns of its codes."""
    parts = [name for name in table if str(name).startswith(f"{column}/")]
    if not parts and column not in table:
        raise CodingError(f"answers: there is no column {column!r}, nor one that begins with {column + '/'!r}")
    for row in table.to_dict("records"):
        for name in parts:
            if row[name] not in (*_TAKEN, *_NOT_TAKEN):
                raise CodingError(f"answers: the case {row[case]!r} has {quoted(row[name])} in {name!r}, not 0 or 1")
            if row[name] in _TAKEN:
                yield row[case], name.removeprefix(f"{column}/")
        for code in row[column].split(separator) if not parts else ():
            if code.strip():
                yield row[case], code.strip()


def _codebook(analyses: Mapping[str, str], given: list[str]) -> Codebook:
    tops = [
        Code(name, name, definition=f"Coded by the platform: {of}", is_codable=False) for name, of in analyses.items()
    ]
    owners = {code: max((name for name in analyses if code.startswith(f"{name}/")), key=len) for code in sorted(given)}
    return Codebook((*tops, *(Code(code, code.removeprefix(f"{top}/"), top) for code, top in owners.items())))


def _codings(given: list[tuple[Document, str]]) -> pd.DataFrame:
    rows = [(document.id, 0, len(document.text), code, PLATFORM) for document, code in given]
    return as_codings(pd.DataFrame(rows, columns=["document", "start", "end", "code", "coder"]))


def _cases(
    table: pd.DataFrame, case: str, attributes: Sequence[str], documents: Mapping[tuple[str, str], Document]
) -> Iterator[Case]:
    own = dict[str, list[str]]()
    for (who, _), document in documents.items():
        own.setdefault(who, []).append(document.id)
    for row in table.to_dict("records"):
        known = {name: row[name] for name in attributes if row[name]}
        yield Case(row[case], row[case], attributes=known, documents=tuple(own.get(row[case], ())))
