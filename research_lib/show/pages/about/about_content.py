"""What the template, the browser module and the saved table of the page about the study each need."""

from research_lib.show.material import Material
from research_lib.show.pages.about.about_page import AboutPage, Contact, about_page
from research_lib.show.pages.shared.cards import Source
from research_lib.show.pages.shared.content import PageContent, Row, Table
from research_lib.show.state import ANY_WORDS
from research_lib.show.words import Words


def about_content(material: Material, words: Words) -> PageContent:
    """Give the page about the study in one language."""
    study, page = material.study, about_page(material.study, words)
    references = [each.references for each in page.terms] + ([page.example.references] if page.example else [])
    keys = {key for named in references for key, _ in named}
    has = {
        "contacts": page.contacts,
        "certainty": True,
        "informants": page.informants,
        "glossary": page.terms,
        "method": True,
        "errata": page.errata,
        "cite": True,
    }
    context = {
        "page": page,
        "called": _by_country(page.contacts, words),
        "parts": [part for part, content in has.items() if content],
        "counts": {name: words.number(len(study[name])) for name in ("claims", "figures", "routes", "legs")},
        "page_sources": [Source(key, study.cite(key)) for key in sorted(keys)],
        "study_licence": study.settings.licence_title or study.settings.licence or words("site.no_licence"),
    }
    model = {key: words(f"about.{key}") for key in ("copied", "copy_yourself", "glossary_found")}
    return PageContent(context, {"q": ANY_WORDS}, ["q"], model, _table(page, words))


def _by_country(contacts: tuple[Contact, ...], words: Words) -> list[tuple[str, str, list[Contact]]]:
    """Give each country with what was left out there and its numbers, in their order."""
    named = dict.fromkeys((each.code, each.country) for each in contacts)
    return [
        (name, words.phrases.get(f"about.contacts_left_out.{code}", ""), [c for c in contacts if c.code == code])
        for code, name in named
    ]


def _table(page: AboutPage, words: Words) -> Table:
    """Give the glossary."""
    columns = [words(f"about.column_{name}") for name in ("term", "meaning", "source")]
    rows: list[Row] = [({}, [each.term, each.meaning, _written(each.references, each.lines)]) for each in page.terms]
    return Table("glossary", columns, rows)


def _written(references: tuple[tuple[str, str], ...], lines: str) -> str:
    return "; ".join([*(label for _, label in references), *filter(None, [lines])])
