"""Files that the server makes itself, so that live pages ask no other machine for them: Vega, and the fonts."""

import asyncio
from collections.abc import Callable
from functools import cache

from tornado.web import RequestHandler


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


@cache
def vega() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script; a page that asks for it again keeps what it has."""
    import vl_convert

    bundle = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub asks for what may be left out
    return f"window.vegaEmbed || (() => {{ {bundle}\n }})();"
