"""The bars of networks as a drawing that stands alone: for a document, a notebook and the page's download."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2

from research_lib.errors import ResearchError
from research_lib.evidence.study import Study
from research_lib.show.drawing.map import in_light_colours
from research_lib.show.drawing.membership_bars import FAMILIES, MembershipBars, Segment, draw_bars
from research_lib.show.pages.networks.networks_page import Block, Network, NetworksPage, networks_page
from research_lib.show.pages.networks.unnamed_groups import unnamed
from research_lib.show.words import Words

_LETTER, _SMALL_LETTER = 11.5, 7.2


@dataclass(frozen=True)
class NetworksPicture:
    """The bars with their title, as lines, what their marks mean, and where they come from."""

    bars: MembershipBars
    title: tuple[str, ...]
    notes: tuple[str, ...]


def networks_picture(page: NetworksPage, words: Words, only: str = "") -> NetworksPicture:
    """Draw the bars of all networks, of many groups the largest; or one network alone, with all its groups."""
    lines = [line for block in page.blocks for line in _lines(block, words, only)]
    bars = draw_bars(lines, [words(f"family.{family}") for family in FAMILIES])
    named = {each.id: each.fact.title for each in page.networks}.get(only) or words("networks.title")
    below = (words("networks.key_line"), words("directory.drawn_from", name=words("site.name")))
    notes = tuple(line for text in below for line in textwrap.wrap(text, int(bars.width / _SMALL_LETTER)))
    return NetworksPicture(bars, _title(named, bars.width), notes)


def _title(text: str, width: float) -> tuple[str, ...]:
    """Break a title into two lines of about the same length where one is not enough."""
    letters = int(width / _LETTER)
    even = letters if len(text) <= letters else min(letters, len(text) // 2 + 8)
    return tuple(textwrap.wrap(text, even)[:2])


def networks_image(study: Study, words: Words, only: str = "") -> str:
    """Write the bars of all networks, or of one alone, as an SVG in the light colours."""
    page = networks_page(study, words)
    if not any(each.members for each in page.networks if only in ("", each.id)):
        raise ResearchError("the source names no members of this network, so that nothing is drawn")
    picture = networks_picture(page, words, only)
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    templates = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    templates.filters["num"] = lambda number: f"{number:g}"
    module = templates.get_template("membership_bars.svg.j2").module
    drawn = str(module.picture(picture))  # type: ignore[attr-defined]
    return in_light_colours(drawn.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1))


def _lines(block: Block, words: Words, only: str) -> Iterator[tuple[str, str | tuple[Segment, ...]]]:
    kept = [(home, [each for each in home.networks if only in ("", each.id)]) for home in block.homes]
    kept = [(home, networks) for home, networks in kept if networks or not only]
    if kept:
        yield (
            words(f"networks.fits_{block.fits}") if only else words.plural(f"networks.block_{block.fits}", block.count),
            "title",
        )
    for home, networks in kept:
        told = [words.plural("networks.pairs", home.ties)] if block.fits == "yes" and home.ties and not only else []
        yield " · ".join([home.name, *told]), "country"
        if not networks:
            yield words("networks.none_fits"), "note"
        for each in networks:
            yield from _network(each, words, bool(only))


def _network(each: Network, words: Words, is_whole: bool) -> Iterator[tuple[str, str | tuple[Segment, ...]]]:
    if not each.members:
        yield words("comparison.labelled", label=each.fact.title, text=words("networks.no_members")), "note"
        return
    yield each.fact.title, each.bar
    if each.groups:
        yield unnamed(each.bar, words, is_whole), "group"
