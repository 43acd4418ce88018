"""Headers that an export adds to those of its form, and columns that are dropped since they identify a person.

The server's own columns and the mark of synthetic records are known by their headers. What identifies a person is known
by its header, in five languages, or by the type of its question.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from research_lib.errors import ResearchError, quoted
from research_lib.interviews.answers.form_questions import Question
from research_lib.interviews.cases import NEEDED
from research_lib.interviews.forms.form_lint import IDENTIFYING_TYPES, WORDS, identifying_in
from research_lib.interviews.forms.form_rows import Form

OWN = re.compile(
    r"(?:.*[/.:-])?(?:_id|__id|_uuid|_index|_parent_index|_parent_table_name|__version__|_version_+\d*|_status|_notes|_tags"
    r"|_validation_status|_xform_id_string|_bamboo_dataset_id|_attachments|_submission__id|_submission__uuid"
    r"|_submission__validation_status|_submission__notes|_submission__status|_submission__tags|_submission___version__"
    r"|rootUuid|deprecatedID|instanceID|formhub/uuid|KEY|PARENT_KEY|SET-OF-.+|Status|ReviewState|Edits|FormVersion"
    r"|AttachmentsPresent|AttachmentsExpected|isValidated|_geolocation|_version|_duration|_total_media|_media_count|_media_all_received"
    r"|_xform_id|_date_modified|formdef_version)|\*meta-[a-z-]+\*"
)
_MARK = re.compile(
    r"(?:data|date|donnees|dati|record|records)?(?:is|est|e|je)?(?:synthetic|synthetiques?|sintetic[oaie]|sintetiche|syntetick[yaei]|合成)"
    r"(?:record|records|data|的|数据|數據)?"
)
_BETWEEN_GROUPS = re.compile(r"[/\\.:|\-\u2010-\u2015\u2212]")
_NEGATED = (["non"], ["not"])
_MOST_KEPT = 1 << 15
_NO_LETTERS = ("Mn", "Cf")
_SYNTHETIC = re.compile(r"s[iy]nth?eti[ckq]|合成")
_KEPT_TEXTS = ("case_code", "source_id")
_NOT_PLAIN = re.compile(r"[^a-z]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_KIND_OF_WORD = {word: kind for kind, words in WORDS["headers"].items() for word in words.split()}
_NUMBERS = ("integer", "decimal", "range")
_COUNTED = re.compile(
    r"how[ _]?(many|much|long)|number of \w+s\b|\bcombien\b|\bnombre d|\bquant[eioa]\b|\bkoľko\b|多少|几个",
    re.IGNORECASE,
)


@lru_cache(_MOST_KEPT)
def is_own(header: str) -> bool:
    """Whether a column is the export's own: what a server added, or the mark that its records are synthetic."""
    return bool(OWN.fullmatch(header)) or is_mark(header)


def is_mark(header: str) -> bool:
    """Whether a column says of records that they are synthetic: SYNTHETIC, or so in another language of the forms.

    Groups before the header, case, accents, width, blanks, signs, digits and characters that nobody sees do not count.
    """
    parts = [letters for part in _BETWEEN_GROUPS.split(bare(header)) if (letters := _letters(part))]
    return bool(parts) and bool(_MARK.fullmatch(parts[-1])) and parts[-2:-1] not in _NEGATED


def bare(text: str) -> str:
    """Give a text in small letters of one width, without accents and characters that nobody sees."""
    parted = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text)).casefold()
    return "".join(sign for sign in parted if unicodedata.category(sign) not in _NO_LETTERS)


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalpha())


@lru_cache(_MOST_KEPT)
def is_nearly_a_mark(header: str) -> bool:
    """Whether a column has the word synthetic in its header, and is neither a mark nor the export's own."""
    return bool(_SYNTHETIC.search(_letters(bare(header)))) and not is_own(header)


def judged(questions: Mapping[str, Question], form: Form, allowed: Mapping[str, str]) -> dict[str, Question]:
    """Give the questions of a form, each with why it could say who somebody is, as the form's own check finds.

    What each record needs is judged by its codes instead. Raises ResearchError for an `allowed` name that is no
    question, and for one whose type stays out whatever the reason.
    """
    for name in allowed:
        if name not in questions:
            raise ResearchError(f"--allow: {quoted(name)} is no question of {form.file}; correct the name")
        if questions[name].type in IDENTIFYING_TYPES:
            raise ResearchError(
                f"--allow: {name!r} is of type {questions[name].type}, which never comes in; take it out"
            )
    found = dict[str, str]()
    for row, _, what in identifying_in(form, allowed=allowed):
        found.setdefault(row["name"], what)
    return {
        name: replace(
            each,
            identifies="" if name in NEEDED else found.get(name, ""),
            is_allowed=bool(allowed.get(name, "").strip()),
        )
        for name, each in questions.items()
    }


def what_it_identifies(header: str, question: Question | None) -> str:
    """Name what in a column identifies a person, such as "telephone", so that it is dropped; nothing where it is kept.

    Columns of choices are kept, unless the form's own check finds their question. `question` is that of the column,
    None where the form does not have it.
    """
    if question is None:
        return "" if is_own(header) or is_nearly_a_mark(header) else kind_of_column(header)
    if question.name in _KEPT_TEXTS:
        return ""
    if question.type in IDENTIFYING_TYPES:
        return kind_of_column(question.name) or f"question of type {question.type}"
    if question.is_allowed:
        return ""
    kind = "" if question.kind in ("one", "many") else kind_of_column(question.name)
    is_count = question.type in _NUMBERS and any(map(_COUNTED.search, (question.name, *question.labels)))
    # How many births there were is no date.
    return ("" if kind == "exact date" and is_count else kind) or question.identifies


def kind_of_column(header: str) -> str:
    """Name what a column would give away by its header, such as "telephone"; nothing where it is on no list.

    Groups before the header count too. Words are compared without accents and case.
    """
    plain = bare(_CAMEL.sub(" ", unicodedata.normalize("NFKC", header))).replace("e-mail", "email")
    words = _NOT_PLAIN.sub(" ", plain).split()
    phrase = " ".join(words)
    found = (
        *(_KIND_OF_WORD[word] for word in words if word in _KIND_OF_WORD),
        *(kind for stem, kind in WORDS["stems"].items() for word in words if word.startswith(stem)),
        *(kind for kind, many in WORDS["phrases"].items() if any(each in phrase for each in many)),
        *("exact date" for word in words[:1] if word == "data"),
        *(kind for kind, many in WORDS["chinese"].items() if any(word in header for word in many.split())),
    )
    return next(iter(found), "")
