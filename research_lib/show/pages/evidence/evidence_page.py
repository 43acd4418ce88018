"""The evidence page as a value: every statement, the filters, the matrix, and what rests on what."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product

from research_lib.evidence.references import parse_references
from research_lib.evidence.study import Study
from research_lib.evidence.vocabulary.common_codes import CERTAINTIES
from research_lib.show.pages.evidence.names_of_codes import Names, folded, keys_of, names_everywhere
from research_lib.show.pages.evidence.statement_rows import (
    ELSEWHERE,
    KINDS,
    Dependent,
    Statement,
    dependents_of,
    statements_of,
    tables_of_names,
)
from research_lib.show.pages.shared.cards import Source, reference_labels, written_reference
from research_lib.show.pages.shared.content import WOMEN
from research_lib.show.state import ANY_WORDS
from research_lib.show.words import Words

_WHERE = ("places.", "country.")  # searched in every language; other names in those of the texts
_ALIKE = 0.8  # as like as words are in which one letter of five is another
_WORD = re.compile(r"\w+(?:-\w+)*")
_SHORT = 2  # letters; shorter Latin words are articles and the like


@dataclass(frozen=True)
class Option:
    """One value of a filter; `is_below` where it stands under the value before it, as a sub-code does."""

    value: str
    name: str
    is_below: bool = False


@dataclass(frozen=True)
class EvidencePage:
    """Everything that the evidence page shows.

    `terms` are the names of places, groups, themes and informants, each with its names in the other languages of the
    study and in the local script. `findings` are the places of the statements that the findings rest on; `ordered` are
    the statements as they are read.
    """

    statements: tuple[Statement, ...]
    findings: Sequence[int]
    ordered: Sequence[Statement]
    filters: Mapping[str, tuple[Option, ...]]
    countries: tuple[Option, ...]
    matrix: Mapping[str, Mapping[str, int]]
    informants: tuple[str, ...]
    dependents: Mapping[str, tuple[Dependent, ...]]
    references: Mapping[str, tuple[str, str]]
    labels: Mapping[str, str]
    sections: Mapping[str, str]
    sources: tuple[Source, ...]
    terms: Mapping[str, str]
    names: Names

    def count(self, kind: str, informant: str = "") -> int:
        """Count the statements of a kind, all or those that an informant says."""
        said = (each.facets["informant"] for each in self.statements if each.kind == kind)
        return sum(not informant or informant in each for each in said)

    @property
    def sum(self) -> int:
        """What the numbers of the main themes in the matrix add up to."""
        main = (option.value for option in self.filters["code"] if not option.is_below)
        return sum(count for theme in main for count in self.matrix[theme].values())

    @property
    def largest(self) -> int:
        """The largest number in the matrix."""
        return max((count for counts in self.matrix.values() for count in counts.values()), default=1)

    def options(self) -> dict[str, list[str]]:
        """The values that each parameter of the page's address may take."""
        values = {name: [each.value for each in options] for name, options in self.filters.items()}
        return {"q": ANY_WORDS, **values, "statement": [each.id for each in self.statements]}


def evidence_page(study: Study, words: Words) -> EvidencePage:
    """Assemble the evidence page in one language."""
    names = names_everywhere(study, words, tables_of_names())
    statements = statements_of(study, names[0])
    filters = {name: options for name, options in _filters(study, statements, names[0]).items() if options}
    columns = tuple(each for each in filters["country"] if not each.is_below)
    informants, findings = _by_number(statements), of_findings(study, statements)
    themes = [each.value for each in filters["code"]]
    references = dict.fromkeys(reference for each in statements for reference in each.references)
    keys = sorted({parse_references(each)[0].key for each in references})
    labels, sections = reference_labels(study), study["sections"]
    titles = {f"{row.source_id}[{row.locator}]": row.title for row in sections.itertuples()}
    return EvidencePage(
        statements=statements,
        findings=findings,
        ordered=reading_order(statements, findings, themes),
        filters=filters,
        countries=columns,
        matrix=matrix(statements, themes, [each.value for each in columns]),
        informants=informants,
        dependents=dependents_of(study, statements, names[0]),
        references={each: written_reference(parse_references(each)[0], labels) for each in references},
        labels={key: labels[key] for key in keys},
        sections={each: titles[each] for each in references if each in titles},
        sources=tuple(Source(key, study.cite(key)) for key in keys),
        terms=_terms(names, filters),
        names=names[0],
    )


def _terms(names: list[Names], filters: Mapping[str, Iterable[Option]]) -> dict[str, str]:
    """Every name in the page's language, with the others of the same place, group or code."""
    own = {key.table for table in KINDS.values() for key in keys_of(table)}
    rows = dict.fromkeys(term for each in names for term in each.rows if term.partition(".")[0] in own)
    codes = [f"{name}.{each.value}" for name in ("country", "informant") for each in filters[name]]
    phrases = [key for key in names[0].words.phrases if key.startswith(("topic.", "agency.", "kind."))]
    found: dict[str, str] = {}
    for term in (*rows, *codes, *phrases):
        shown, *others = (
            each.rows.get(term) or each.words.phrases.get(term, "")
            for each in names
            if each is names[0] or not each.words.is_told_in_english or term.startswith(_WHERE)
        )
        if more := _added(f"{shown} {found.get(shown, '')}", " ".join(others)):
            found[shown] = f"{found[shown]} {more}" if shown in found else more
    return found


def _added(known: str, others: str) -> str:
    """The words of other names that the search does not find by those of a name; short ones are left out."""
    told = {folded(word) for word in _WORD.findall(known)}
    words = {folded(word): word for word in _WORD.findall(others) if len(word) > _SHORT or not word.isascii()}
    return " ".join(word for key, word in words.items() if not get_close_matches(key, told, cutoff=_ALIKE))


def _by_number(statements: Iterable[Statement]) -> tuple[str, ...]:
    """The informants of claims: the women themselves first, then those who say most."""
    said = Counter(who for each in statements if each.kind == "claim" for who in each.facets["informant"])
    return tuple(sorted(said, key=lambda who: (who != WOMEN, -said[who])))


def _filters(study: Study, statements: tuple[Statement, ...], names: Names) -> dict[str, tuple[Option, ...]]:
    used = {name: {value for each in statements for value in each.facets[name]} for name in statements[0].facets}
    informants = [code for code in study.vocabularies.codes("informants") if code in used["informant"]]
    certainties = [code for code in CERTAINTIES if code in used["certainty"]]
    return {
        "kind": tuple(Option(kind, names.words(f"evidence.kinds_{kind}")) for kind in KINDS if kind in used["kind"]),
        "code": tuple(_themes(study, used["code"], names)),
        "country": tuple(_countries(study, used["country"], names)),
        "informant": tuple(Option(code, names(f"informant.{code}")) for code in informants),
        "certainty": tuple(Option(code, names(f"certainty.{code}")) for code in certainties),
    }


def _themes(study: Study, used: set[str], names: Names) -> Iterable[Option]:
    book = study["codebook"]
    for top in book[book["parent_id"].isna()]["id"]:
        below = book[book["parent_id"].eq(top)]["id"]
        yield from (Option(code, names(f"codebook.{code}"), code != top) for code in (top, *below) if code in used)


def _countries(study: Study, used: set[str], names: Names) -> Iterable[Option]:
    """The countries of the study, then all others together, and each of them."""
    yield from (Option(code, names(f"country.{code}")) for code in study.countries)
    if ELSEWHERE in used:
        yield Option(ELSEWHERE, names.words("evidence.elsewhere"))
    others = used - {*study.countries, ELSEWHERE}
    yield from sorted((Option(code, names(f"country.{code}"), True) for code in others), key=lambda each: each.name)


def matrix(
    statements: Iterable[Statement], themes: Iterable[str], countries: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Count the claims by theme and country; a claim on two themes or countries counts in each of their cells."""
    claims = (each.facets for each in statements if each.kind == "claim")
    counts = Counter(cell for facets in claims for cell in product(facets["code"], facets["country"]))
    return {theme: {country: counts[theme, country] for country in countries} for theme in themes}


def of_findings(study: Study, statements: Sequence[Statement]) -> list[int]:
    """List the places of the statements and figures that the findings of a study rest on."""
    places = {(each.kind, each.row_id): place for place, each in enumerate(statements)}
    named = [("claim", key) for finding in study.settings.findings for key in finding.claims]
    named += [("figure", key) for finding in study.settings.findings for key in finding.figures]
    return [places[each] for each in dict.fromkeys(named) if each in places]


def reading_order(statements: Sequence[Statement], first: Sequence[int], themes: Sequence[str]) -> list[Statement]:
    """Sort statements by kind; in each, those of `first`, then what the women themselves say, then all by theme."""
    rank, theme = ({each: place for place, each in enumerate(listed)} for listed in (first, themes))

    def place_of(place: int) -> tuple[int, int, bool, int, int]:
        """Give what decides where a statement stands."""
        each = statements[place]
        code = next(iter(each.facets["code"]), "")
        return (
            list(KINDS).index(each.kind),
            rank.get(place, len(rank)),
            WOMEN not in each.facets["informant"],
            theme.get(code, len(theme)),
            place,
        )

    return [statements[place] for place in sorted(range(len(statements)), key=place_of)]
