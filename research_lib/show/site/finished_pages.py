"""The finished pages as they are sent, each read once and compressed, and the other files that the server makes."""

import asyncio
import gzip
import html
import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256

import brotli
from tornado.web import HTTPError, RequestHandler

from research_lib.show.pages.addresses import SERVED_PICTURES, Addresses
from research_lib.show.pages.link_picture import link_picture
from research_lib.show.pages.study_pages import PAGES
from research_lib.show.site.build import Bundle
from research_lib.show.site.live_pages import LivePage
from research_lib.show.site.responses import FILE_POLICY, page_policy

_MOST = 64  # pages that are kept, each in a language and for an address of the server; half a megabyte each
_SECONDS_KNOWN = 1.0  # for which the list of live pages is kept: to look for them takes longer than to send a page
_QUICK, _SHORT = 9, 11  # of Brotli: the second takes a page twenty times as long and makes it 8 % shorter
_LONG = 900_000  # signs of a page that is made short before its first visit
_SEARCH = re.compile(r'(<script type="application/json" data-role="kept-search")>(.*?)(?=</script>)', re.DOTALL)
_LIVE = re.compile(rf'\s*<li><a href="(?!(?:{"|".join(PAGES)})\.ipynb)[^"]+\.ipynb[^"]*">[^<]*</a></li>')
_EMPTY = re.compile(r"<li hidden>(?=<details>)")
_ENDS = re.compile(r"\s*</ul>\s*</details>")


class MadeFile(RequestHandler):
    """Answers with a file that is made at the first request, beside other requests."""

    def initialize(self, make: Callable[..., str | bytes], kind: str) -> None:
        """Take what makes the file from the parts of its address, and its kind as a header names it."""
        self.make, self.kind = make, kind

    async def get(self, *parts: str) -> None:
        """Send the file; a browser keeps it for a day."""
        made = await asyncio.to_thread(self.make, *parts)
        self.set_header("Content-Type", self.kind)
        self.set_header("Cache-Control", "max-age=86400")
        self.finish(made)


def picture_of(bundle: Bundle, page: str, language: str) -> bytes:
    """Draw what other sites show beside a link to a page; a page that the study does not have is not found."""
    if language not in bundle.languages_by_page.get(page, []):
        raise HTTPError(404)
    head = bundle.data(page, language)["head"]
    return link_picture(head["heading"], head["description"], head["name"])


@cache
def vega() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script; a page that asks for it again keeps what it has."""
    import vl_convert

    bundle = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub asks for what may be left out
    return f"window.vegaEmbed || (() => {{ {bundle}\n }})();"


@dataclass(frozen=True)
class FinishedPage:
    """A page's HTML in each form in which it is sent, the shortest first, and the policy of what it may load.

    `apart`: what the page asks for when somebody searches, in the same forms, by its digest.
    """

    forms: dict[str, bytes]
    policy: str
    apart: Mapping[str, "FinishedPage"] = field(default_factory=dict)

    def form(self, accepted: str) -> tuple[str, bytes]:
        """Give the name and the bytes of the shortest form that a browser's `Accept-Encoding` names."""
        taken = {part.partition(";")[0].strip() for part in accepted.split(",")}
        name = next((each for each in self.forms if each in taken), "")
        return name, self.forms[name] if name else gzip.decompress(self.forms["gzip"])

    def shorten(self) -> None:
        """Compress the page once more, as short as it can be, for the visits that come after the first."""
        self.forms["br"] = packed(gzip.decompress(self.forms["gzip"]))


class FinishedPages:
    """The pages of a bundle; those that were asked for last are kept, since a server has a name with each proxy."""

    def __init__(self, bundle: Bundle, live: Callable[[str], Sequence[LivePage]]):
        self.bundle, self.live = bundle, live
        self._kept: dict[tuple[str, str, str, tuple[LivePage, ...], bool], asyncio.Task[FinishedPage]] = {}
        self._known: dict[str, tuple[float, tuple[LivePage, ...]]] = {}

    async def page(self, name: str, language: str, here: str, *, is_searched: bool = False) -> FinishedPage:
        """Give a page in a language; `here` is the address of link pictures as the visitor's browser writes it.

        `is_searched`: whether the visitor's address asks for words, so that the page has to hold all to find them.
        """
        key = name, language, here, (live := self._live_now(language)), is_searched
        task = self._kept.pop(key, None)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            made = asyncio.to_thread(self._make, name, language, here, live, is_searched=is_searched)
            task = asyncio.ensure_future(made)
            task.add_done_callback(_shorten)
        self._kept[key] = task
        while len(self._kept) > _MOST:
            del self._kept[next(iter(self._kept))]
        return await asyncio.shield(task)

    async def prepare(self, here: str) -> None:
        """Make the long pages as short as they can be, one after the other, before somebody asks for them."""
        for name, languages in self.bundle.languages_by_page.items():
            for language in languages:
                if len(self.bundle.document(name, language)) > _LONG:
                    live = self._live_now(language)
                    made = asyncio.ensure_future(asyncio.to_thread(self._make, name, language, here, live))
                    await asyncio.to_thread((await made).shorten)
                    self._kept[name, language, here, live, False] = made

    def _live_now(self, language: str) -> tuple[LivePage, ...]:
        looked, found = self._known.get(language, (-math.inf, ()))
        if time.monotonic() - looked > _SECONDS_KNOWN:
            found = tuple(self.live(language))
            self._known[language] = time.monotonic(), found
        return found

    def _make(
        self, name: str, language: str, here: str, live: Sequence[LivePage], *, is_searched: bool = False
    ) -> FinishedPage:
        document = with_menu(self.bundle.document(name, language), live, Addresses(language).query())
        document, apart = (document, {}) if is_searched else without_search(document, f"{name}.ipynb?lang={language}")
        parts = {digest: FinishedPage(_forms(part), FILE_POLICY) for digest, part in apart.items()}
        policy = page_policy(document, asks=bool(apart))
        return FinishedPage(_forms(document.replace(SERVED_PICTURES, here, 1)), policy, parts)


def _shorten(made: asyncio.Task[FinishedPage]) -> None:
    if not made.cancelled() and not made.exception():
        made.get_loop().run_in_executor(None, made.result().shorten)


def _forms(text: str) -> dict[str, bytes]:
    sent = text.encode()
    return {"br": brotli.compress(sent, quality=_QUICK), "gzip": gzip.compress(sent, mtime=0)}


def packed(sent: bytes) -> bytes:
    """Compress a page as it is sent after its first visit."""
    return brotli.compress(sent, quality=_SHORT)


def without_search(document: str, address: str) -> tuple[str, dict[str, str]]:
    """Take out of a page what it needs for a search only: the page names where to ask for it, and by which digest."""
    apart = {sha256(found.encode()).hexdigest()[:12]: found for _, found in _SEARCH.findall(document)}
    asked = f'\\1 data-address="{address}&amp;search={next(iter(apart), "")}">'
    return _SEARCH.sub(asked, document), apart


def with_menu(document: str, live: Sequence[LivePage], query: str) -> str:
    """Name in the menus of a finished page the live pages that there are now, which may be others than at its build."""
    head, end, rest = document.partition("</header>")
    items = "".join(f'<li><a href="{page.address}{query}">{html.escape(page.title)}</a></li>' for page in live)
    shown = _EMPTY.sub("<li>", head) if live else head
    return _ENDS.sub(lambda found: items + found[0], _LIVE.sub("", shown)) + end + rest
