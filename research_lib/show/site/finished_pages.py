"""The finished pages as they are sent: each read, given its policy and compressed once."""

import asyncio
import gzip
import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from research_lib.show.pages.link_picture import ADDRESS
from research_lib.show.pages.names import PAGES
from research_lib.show.site.answers import page_policy
from research_lib.show.site.bundle import Bundle
from research_lib.show.site.live_pages import LivePage

_MOST = 64  # pages that are kept, each in a language and for an address of the server; a quarter of a megabyte each

_LIVE = re.compile(rf'\s*<li><a href="(?!(?:{"|".join(PAGES)})\.ipynb)[^"]+\.ipynb[^"]*">[^<]*</a></li>')
_ENDS = re.compile(r"\s*</ul>\s*</details>")


@dataclass(frozen=True)
class FinishedPage:
    """A page's HTML, compressed, and the policy of what it may load."""

    packed: bytes
    policy: str

    @property
    def html(self) -> bytes:
        """The page for a reader who takes no compressed form."""
        return gzip.decompress(self.packed)


class FinishedPages:
    """The pages of a bundle; those that were asked for last are kept, since a server has a name with each proxy."""

    def __init__(self, bundle: Bundle, live: Callable[[str], Sequence[LivePage]]):
        self.bundle, self.live = bundle, live
        self._kept: dict[tuple[str, str, str, tuple[LivePage, ...]], asyncio.Task[FinishedPage]] = {}

    async def page(self, name: str, language: str, here: str) -> FinishedPage:
        """Give a page in a language; `here` is the address of link pictures as the visitor's browser writes it."""
        key = name, language, here, tuple(self.live(language))
        task = self._kept.pop(key, None)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = asyncio.ensure_future(asyncio.to_thread(self._make, *key))
        self._kept[key] = task
        while len(self._kept) > _MOST:
            del self._kept[next(iter(self._kept))]
        return await asyncio.shield(task)

    def _make(self, name: str, language: str, here: str, live: Sequence[LivePage]) -> FinishedPage:
        document = with_menu(
            self.bundle.document(name, language), live, "" if language == "en" else f"?lang={language}"
        )
        packed = gzip.compress(document.replace(ADDRESS, here, 1).encode(), mtime=0)
        return FinishedPage(packed, page_policy(document))


def with_menu(document: str, live: Sequence[LivePage], query: str) -> str:
    """Name in the menus of a finished page the live pages that there are now, which may be others than at its build."""
    head, end, rest = document.partition("</header>")
    items = "".join(f'<li><a href="{page.address}{query}">{html.escape(page.title)}</a></li>' for page in live)
    return _ENDS.sub(lambda found: items + found[0], _LIVE.sub("", head)) + end + rest
