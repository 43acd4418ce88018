"""The scripts of Voilà's front end: a page names the ones that earlier visits needed, so that they load at once."""

from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest

_MOST = 200  # scripts of a page


class FrontEnd:
    """The scripts that each live page has asked for, in their order, since the server was started."""

    def __init__(self) -> None:
        self._asked: dict[str, dict[str, None]] = {}

    def note(self, request: HTTPServerRequest) -> None:
        """Remember a script that the server has, and the page that asks for it."""
        page = urlsplit(request.headers.get("Referer", "")).path
        asked = self._asked.get(page, {})
        if request.path.endswith(".js") and len(asked) < _MOST and request.uri:
            asked[request.uri] = None

    def scripts(self, page: str) -> list[str]:
        """The addresses of the scripts that a page, named by its path, asks for; from then on they are noted."""
        return list(self._asked.setdefault(page, {}))
