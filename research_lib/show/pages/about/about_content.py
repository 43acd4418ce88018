"""What the template, the browser module and the saved table of the page about the study each need."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import mistune
import pandas as pd
from markupsafe import Markup
from pybtex.database import BibliographyData, Entry, Person

from research_lib.evidence.bibliography import bibtex
from research_lib.evidence.multiple_values import split
from research_lib.evidence.settings import StudySettings
from research_lib.evidence.study import Study
from research_lib.evidence.vocabulary.common_codes import CERTAINTIES
from research_lib.files.opening import MB, read_text
from research_lib.show.material import Material
from research_lib.show.pages.shared.cards import Card, Fact, claim_cards, facts, source_list
from research_lib.show.pages.shared.content import PageContent, Row, Table
from research_lib.show.state import ANY_WORDS
from research_lib.show.words import Untranslated, Words


@dataclass(frozen=True)
class ErrataPart:
    """One part of the list: its title, how many entries it has, and its text."""

    title: str
    count: int
    text: Markup


class _AsText(mistune.HTMLRenderer):
    """Headings stand below those of the page; a picture and a link are their words, so that nothing is requested."""

    def heading(self, text: str, level: int, **_: object) -> str:
        """Give an entry's title."""
        return f"<h3>{text}</h3>\n" if level > 1 else ""

    def image(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002
        """Give the words of a picture."""
        return text

    def link(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002
        """Give the words of a link."""
        return text


_MARKDOWN = mistune.create_markdown(renderer=_AsText(escape=True))


def errata_parts(study: Path) -> tuple[ErrataPart, ...]:
    """Read `ERRATA.md` of a study's folder, a part for each heading of the second level; without the file, none."""
    path = study / "ERRATA.md"
    if not path.exists():
        return ()
    parts = re.split(r"^## +", read_text(path, limit=MB), flags=re.MULTILINE)[1:]
    return tuple(_part(*part.partition("\n")) for part in parts)


def _named(title: str, words: Words) -> str:
    return words.texts.get(title, title if words.language == "en" else Untranslated(title))


def _part(title: str, _: str, text: str) -> ErrataPart:
    entries = len(re.findall(r"^### ", text, re.MULTILINE)) or _rows(text)
    return ErrataPart(title.strip(), entries, Markup(_MARKDOWN(text)))


def _rows(text: str) -> int:
    """Count the rows of the tables in a text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return len(lines) - 2 * sum(line.startswith("|--") for line in lines)


@dataclass(frozen=True)
class Code:
    """One code with its name and meaning, how many statements and how many figures have it, and their part of all."""

    code: str
    name: str
    meaning: str
    statements: int
    figures: int
    share: float

    @property
    def count(self) -> int:
        """How many statements and figures have it."""
        return self.statements + self.figures


@dataclass(frozen=True)
class Contact:
    """One service that can be called today, where that is stated, and when it was read."""

    code: str
    country: str
    service: str
    number: str
    hours: str
    address: str
    source: str
    checked: str


@dataclass(frozen=True)
class Citation:
    """How to cite one work: its id on the page, as text, and as BibTeX."""

    id: str
    text: str
    bibtex: str


def _example(study: Study, words: Words) -> Card | None:
    """The first claim of the first finding, or the first claim."""
    cards = claim_cards(study, words)
    named = [claim for finding in study.settings.findings for claim in finding.claims]
    return next((cards[key] for key in [*named, *cards] if key in cards), None)


def _certainties(said: pd.DataFrame, words: Words) -> Iterator[Code]:
    counts = Counter(zip(said["certainty"], said["kind"], strict=True))
    for code in CERTAINTIES:
        name, meaning = words(f"certainty.{code}"), words(f"certainty_meaning.{code}")
        yield _code((code, name, meaning), counts, len(said))


def _informants(study: Study, said: pd.DataFrame, words: Words) -> Iterator[Code]:
    own = study.vocabularies.own.get("informants", {})
    each = said.assign(informant=said["informant"].map(split)).explode("informant")
    counts = Counter(zip(each["informant"], each["kind"], strict=True))
    for code, _ in Counter(each["informant"].dropna()).most_common():
        meaning = own[code]["meaning"] if code in own else words(f"informant_meaning.{code}")
        yield _code((code, words(f"informant.{code}"), meaning), counts, len(said))


def _code(named: tuple[str, str, str], counts: Mapping[tuple[str, str], int], of: int) -> Code:
    claims, figures = (counts[named[0], kind] for kind in ("claims", "figures"))
    return Code(*named, claims, figures, round(100 * (claims + figures) / max(of, 1), 1))


def _in_alphabet(term: Fact) -> str:
    return unicodedata.normalize("NFKD", term.title.casefold().lstrip("“« "))


def _contacts(study: Study, words: Words) -> Iterator[Contact]:
    for row in study["contacts"].itertuples():
        yield Contact(
            row.country if _filled(row.country) else "",
            words(f"country.{row.country}") if _filled(row.country) else words("about.contacts_everywhere"),
            words.of(row, "service"),
            str(row.number),
            words.of(row, "hours") if _filled(row.hours) else words("about.contacts_hours_unknown"),
            str(row.address) if _filled(row.address) else "",
            str(row.source),
            words.date(str(row.checked)),
        )


def _filled(cell: Any) -> bool:
    return isinstance(cell, str) and bool(cell)


def _citations(study: Study, name: str) -> Iterator[Citation]:
    settings, source = study.settings, study.settings.main_source
    title = settings.title if name == settings.title else f"{name}. {settings.title}"
    year = f"({settings.year})" if settings.year else ""
    parts = (" ".join(filter(None, [", ".join(settings.authors), year])), title, settings.licence)
    text = settings.citation or " ".join(f"{part.removesuffix('.')}." for part in parts if part)
    yield Citation("study", text, bibtex(BibliographyData({settings.name: _entry(settings, title)}), settings.name))
    if source in study.bibliography.entries:
        yield Citation("source", study.cite(source), bibtex(study.bibliography, source))


def _entry(settings: StudySettings, title: str) -> Entry:
    stated = {"title": title, "year": str(settings.year or ""), "note": settings.licence}
    people = [Person(last=f"{{{name}}}") for name in settings.authors]
    return Entry("misc", {key: text for key, text in stated.items() if text}, {"author": people} if people else {})


def about_content(material: Material, words: Words) -> PageContent:
    """Give the page about the study in one language."""
    study, example = material.study, _example(material.study, words)
    named = {kind: study[kind][["certainty", "informant"]] for kind in ("claims", "figures")}
    said = pd.concat(named, names=["kind"]).reset_index("kind")
    glossary = facts(study, "glossary", words, key="term", title="term", text="meaning")
    terms, contacts = sorted(glossary.values(), key=_in_alphabet), [*_contacts(study, words)]
    referring: list[Fact | Card] = [*terms, *([example] if example else [])]
    has = {
        "contacts": contacts,
        "certainty": True,
        "informants": [*_informants(study, said, words)],
        "glossary": terms,
        "method": True,
        "errata": tuple(replace(part, title=_named(part.title, words)) for part in errata_parts(study.path)),
        "cite": True,
    }
    context = has | {
        "example": example,
        "certainties": sorted(_certainties(said, words), key=lambda each: -each.count),
        "citations": [*_citations(study, words("site.name"))],
        "called": _by_country(contacts, words),
        "parts": [part for part, content in has.items() if content],
        "counts": {name: words.number(len(study[name])) for name in ("claims", "figures", "routes", "legs")},
        "said": {kind: len(study[kind]) for kind in ("claims", "figures")},
        "page_sources": source_list(study, referring),
        "study_licence": study.settings.licence_title or study.settings.licence or words("site.no_licence"),
    }
    model = {key: words(f"about.{key}") for key in ("copied", "copy_yourself", "glossary_found")}
    return PageContent(context, {"q": ANY_WORDS}, ["q"], model, _table(terms, words))


def _by_country(contacts: list[Contact], words: Words) -> list[tuple[str, str, list[Contact]]]:
    """Give each country with what was left out there and its numbers, in their order."""
    named = dict.fromkeys((each.code, each.country) for each in contacts)
    return [
        (name, words.phrases.get(f"about.contacts_left_out.{code}", ""), [c for c in contacts if c.code == code])
        for code, name in named
    ]


def _table(terms: Iterable[Fact], words: Words) -> Table:
    """Give the glossary."""
    columns = [words(f"about.column_{name}") for name in ("term", "meaning", "source")]
    rows: list[Row] = [({}, [each.title, each.text, _written(each.references, each.lines)]) for each in terms]
    return Table("glossary", columns, rows)


def _written(references: tuple[tuple[str, str], ...], lines: str) -> str:
    return "; ".join([*(label for _, label in references), *filter(None, [lines])])
