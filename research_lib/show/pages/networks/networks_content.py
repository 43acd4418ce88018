"""What the template, the browser module and the saved table of the networks page each need."""

from research_lib.evidence.study import Study
from research_lib.show.material import Material
from research_lib.show.pages.networks.membership_bars import FAMILIES
from research_lib.show.pages.networks.networks_page import NetworksPage, networks_page
from research_lib.show.pages.networks.survey_and_roles import stated_answers
from research_lib.show.pages.shared.content import PageContent, Table
from research_lib.show.words import Words

FIRST = 6
MOST = 12  # networks of a country, and partnerships of a table, that stand open
_COLUMNS = ("country", "network", "member", "type", "part", "count", "lines", "source")
_SAID = ("count", "more", "unprinted", "copied", "copy_yourself", "small_words")


def networks_content(material: Material, words: Words) -> PageContent:
    """Give the networks page in one language."""
    study = material.study
    page = networks_page(study, words)
    has = {
        "networks": True,
        "directory": page.directory.entries,
        "exchange": page.exchange,
        "roles": page.matrix,
        "survey": page.respondents,
        "practices": page.practices or page.recommendations,
    }
    context = {
        "page": page,
        "parts": [part for part, content in has.items() if content],
        "main_source": study.settings.main_source,
        "main_source_name": study.settings.main_source_name,
        "prose": {code: text for code in study.countries if (text := words.phrases.get(f"networks.prose_{code}"))},
        "families": tuple(FAMILIES),
        "first": FIRST,
        "most": MOST,
        "asked": [home for home in page.countries if home[0] in page.respondents],
        "answers": stated_answers(study, words),
    }
    model = {
        "first": FIRST,
        "steps": "network",
        "phrases": {name: words.phrases[f"directory.{name}"] for name in _SAID},
    }
    single = ["network", "country", "place", "help", "q"]
    return PageContent(context, page.options(), single, model, _table(study, page, words))


def _table(study: Study, page: NetworksPage, words: Words) -> Table:
    names = dict(page.countries)
    sources = study["networks"].set_index("id")["source"]
    rows = [
        (
            {"network": [network.id]},
            [
                names.get(network.country, network.country),
                network.fact.title,
                member.name,
                words(f"agency.{member.type}"),
                words(f"member.{member.role}"),
                member.count if member.is_group else "1",
                member.lines,
                study.cite(sources[network.id]).replace("\n", " "),
            ],
        )
        for network in page.networks
        for member in network.members
    ]
    return Table("networks", [words(f"networks.column_{name}") for name in _COLUMNS], rows)
