"""Vega from this server: charts of Altair ask another machine for it, and live pages ask here instead."""

import asyncio
from functools import cache

from tornado.web import RequestHandler


class VegaHandler(RequestHandler):
    """Answers with Vega, Vega-Lite and Vega-Embed as one script."""

    async def get(self) -> None:
        """Send the script; it is put together at the first request, beside other requests."""
        script = await asyncio.to_thread(_vega)
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "max-age=86400")
        self.finish(script)


@cache
def _vega() -> str:
    """Put the script together; a page that asks for it again keeps what it has."""
    import vl_convert

    bundle = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub asks for what may be left out
    return f"window.vegaEmbed || (() => {{ {bundle}\n }})();"
