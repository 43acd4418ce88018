"""Files that the server makes itself: Vega and fonts for live pages, and the pictures that go with a link to a page."""

import asyncio
from collections.abc import Callable
from functools import cache

from tornado.web import HTTPError, RequestHandler

from research_lib.show.pages.link_picture import link_picture
from research_lib.show.site.bundle import Bundle


class MadeFile(RequestHandler):
    """Answers with a text that is made at the first request, beside other requests."""

    def initialize(self, make: Callable[[], str], kind: str) -> None:
        """Take what makes the text, and its kind as a header names it."""
        self.make, self.kind = make, kind

    async def get(self) -> None:
        """Send the text; a browser keeps it for a day."""
        text = await asyncio.to_thread(self.make)
        self.set_header("Content-Type", f"{self.kind}; charset=utf-8")
        self.set_header("Cache-Control", "max-age=86400")
        self.finish(text)


class LinkPicture(RequestHandler):
    """Answers with the picture that other sites show beside a link to a page."""

    def initialize(self, bundle: Bundle) -> None:
        """Take the built pages."""
        self.bundle = bundle

    async def get(self, page: str, language: str) -> None:
        """Send the picture of a page in a language; a page that the study does not have is not found."""
        if language not in self.bundle.languages_by_page.get(page, []):
            raise HTTPError(404)
        head = self.bundle.data(page, language)["head"]
        picture = await asyncio.to_thread(link_picture, head["heading"], head["description"], head["name"])
        self.set_header("Content-Type", "image/png")
        self.set_header("Cache-Control", "max-age=86400")
        self.finish(picture)


@cache
def vega() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script; a page that asks for it again keeps what it has."""
    import vl_convert

    bundle = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub asks for what may be left out
    return f"window.vegaEmbed || (() => {{ {bundle}\n }})();"
