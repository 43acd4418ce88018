"""Pictures at addresses for good: each picture of a page as a page of its own, kept for each version of a study."""

import copy
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from lxml import html
from markupsafe import Markup, escape

from research_lib.show.pages.addresses import Addresses
from research_lib.show.pages.browser_module import page_icon, page_style
from research_lib.show.pages.opened_templates import open_templates
from research_lib.show.words import Words

FOLDER = "v"
TEMPLATES = Path(__file__).parent / "static"
_BUTTON = re.compile(r'<button [^>]*data-picture="([\w-]+)" data-kind="png"[^>]*>.*?</button>', re.DOTALL)
_HEADINGS, _EXPLAINING = ("h1", "h2", "figcaption"), ("note", "keys", "meta")
_LEFT_OUT = (
    ".//script | .//template | .//button | .//*[@hidden] | .//*[contains(concat(' ', @class, ' '), ' actions ')]"
)


def dated_pictures(
    page: str, document: str, words: Words, address: Addresses, *, day: date, licence: str
) -> dict[str, str]:
    """Make a page of each picture that a page lets one save, by the name of its file on the site."""
    main = html.document_fromstring(document).get_element_by_id("main")
    template, found = open_templates(TEMPLATES).get_template("picture.html.j2"), {}
    for name, part in _pictures(main):
        shown, heading = _alone(part)
        _link_to_the_page(shown, lambda link: f"../../{address(page) if link.startswith(('#', '?')) else ''}{link}")
        found[picture_address(page, name, words, day)] = template.render(
            words=words,
            licence=licence,
            day=day,
            date=words.date(day.isoformat()),
            title=heading,
            css=page_style([page]),
            icon=page_icon(),
            shown=Markup(html.tostring(shown, encoding="unicode")),
            whole=f"{address.base or '../../'}{address(page)}",
            newest=f"../../{address('home')}",
            here=f"{address.base}{picture_address(page, name, words, day)}" if address.base else "",
        )
    return found


def with_addresses_for_good(page: str, document: str, words: Words, day: date) -> str:
    """Give a page with a link behind the buttons that save each picture: to the page of the picture alone."""

    def linked(found: re.Match[str]) -> str:
        address = picture_address(page, found[1], words, day)
        return f'{found[0]} <a href="{address}">{escape(words("picture.for_good"))}</a>'

    return _BUTTON.sub(linked, document)


def picture_address(page: str, name: str, words: Words, day: date) -> str:
    """Give the address of a picture of a version, from the folder of the site."""
    return f"{FOLDER}/{day}/{page}.{name}.{words.language}.html"


def _pictures(main: html.HtmlElement) -> Iterator[tuple[str, html.HtmlElement]]:
    """Each picture by its name: the part of the page that its button names, or that in which the button stands."""
    for button in main.xpath('.//button[@data-picture and @data-kind="svg"]'):
        named = button.get("data-of")
        parts = main.cssselect(named) if named else [button.getparent().getparent()]
        yield button.get("data-picture"), parts[0]


def _alone(part: html.HtmlElement) -> tuple[html.HtmlElement, str]:
    """Give a copy of the page with nothing in it but a part and what explains it, and the heading of the part."""
    tree = part.getroottree()
    whole = copy.deepcopy(tree)
    chosen, main = whole.xpath(tree.getpath(part))[0], whole.getroot().get_element_by_id("main")
    around = next(chosen.iterancestors("section", "figure"), chosen.getparent())
    beside = main.iterchildren() if around is main else [*main.iterchildren("h1"), *around.iterdescendants()]
    explaining = [each for each in beside if _explains(each) and not _is_folded(each, chosen)]
    kept = {chosen, *chosen.iterdescendants(), *chosen.iterancestors()}
    for each in explaining:
        kept |= {each, *each.iterdescendants(), *each.iterancestors()}
    for each in [each for each in main.iterdescendants() if each not in kept and each.getparent() in kept]:
        each.drop_tree()
    for each in main.xpath(_LEFT_OUT):
        each.drop_tree()
    for name in [name for name in main.attrib if name.startswith("data-") and name != "data-page"]:
        del main.attrib[name]
    order = [*main.iter()]
    headings = [each for each in explaining if each.tag in _HEADINGS and order.index(each) < order.index(chosen)]
    return main, headings[-1].text_content().strip() if headings else ""


def _explains(mark: html.HtmlElement) -> bool:
    return mark.tag in _HEADINGS or bool({*mark.get("class", "").split()} & {*_EXPLAINING})


def _is_folded(mark: html.HtmlElement, chosen: html.HtmlElement) -> bool:
    return any(fold not in chosen.iterancestors() for fold in mark.iterancestors("details"))


def _link_to_the_page(shown: html.HtmlElement, whole: Callable[[str], str]) -> None:
    """Let links lead out of a frame, to the pages of the site."""
    for link in shown.iter("a"):
        if not re.match(r"[a-z]+:", link.get("href", "")):
            link.set("href", whole(link.get("href", "")))
        link.set("target", "_blank")
        link.set("rel", "noopener")
