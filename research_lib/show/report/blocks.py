"""What a report is made of: sections of paragraphs, lists, tables and pictures, which the template sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from research_lib.evidence.study import Study
from research_lib.show.pages.shared.cards import Card, Fact
from research_lib.show.words import Untranslated, Words

type Text = str | Strong | tuple[Text, ...]


@dataclass(frozen=True)
class Strong:
    """A text in bold type, such as the name above an explanation."""

    text: Text


@dataclass(frozen=True)
class Heading:
    """A heading of the second level, below that of the section."""

    text: Text


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `look`: empty, `lede` or `note`."""

    text: Text
    look: str = ""


@dataclass(frozen=True)
class Bullets:
    """A list of short texts."""

    items: tuple[Text, ...]


@dataclass(frozen=True)
class Table:
    """A table whose header is repeated on each page.

    `widths`: the parts of the page's width. `statuses`: the codes that stand as marks before some cells, by row and
    column.
    """

    columns: tuple[Text, ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[Text, ...], ...]
    statuses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Picture:
    """A drawing as SVG, what it says for those who do not see it, and its caption."""

    svg: str
    alt: str
    caption: Text


@dataclass(frozen=True)
class Drawing:
    """The drawing that proves a finding, set as type and lines."""

    form: str
    drawn: Any
    asked: str
    caption: str


@dataclass(frozen=True)
class Strokes:
    """What the strokes of the lines on a map mean, by the code of a legal status."""

    title: str
    statuses: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Section:
    """One part of a report, with its heading of the first level; `follows`: it does not begin a page."""

    title: Text
    blocks: tuple[object, ...]
    follows: bool = False


@dataclass(frozen=True)
class Whole:
    """Blocks that stay together on a page."""

    blocks: tuple[object, ...]


@dataclass(frozen=True)
class Told:
    """What a report is about: a study, in one language, and some of its countries.

    `cited` gathers the keys of the sources that its rows name.
    """

    study: Study
    words: Words
    countries: tuple[str, ...]
    cited: dict[str, None] = field(default_factory=dict)

    def name(self, country: str) -> str:
        """Name a country."""
        return self.words.phrases.get(f"country.{country}", country)

    def source(self, item: Card | Fact) -> str:
        """Write where a statement stands, each source once, and by which id a claim or a figure is cited."""
        self.cited.update(dict.fromkeys(key for key, _ in item.references))
        named: dict[str, list[str]] = {}
        for key, label in item.references:
            name, *place = label.split(" §\u00a0", 1)
            named.setdefault(key, [name]).extend(place)
        said = [f"{name} §\u00a0{', '.join(places)}" if places else name for name, *places in named.values()]
        own = item.id if isinstance(item, Card) else ""
        return self.words.listed(filter(None, [*said, item.lines, own]), "semicolon")


def plain(value: Any) -> Any:
    """Give a value as JSON holds it: a block by the name of its class, a text that is not translated as `{"en": …}`."""
    if isinstance(value, Untranslated):
        return {"en": str(value)}
    if is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__} | {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value
