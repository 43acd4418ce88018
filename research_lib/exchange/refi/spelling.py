"""Spells XML: names, attributes and texts, with what XML cannot hold replaced and told."""

import re
from collections.abc import Mapping

from research_lib.exchange.refi.losses import Losses

_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_IN_TEXT = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}
_IN_ATTRIBUTE = {**_IN_TEXT, ord('"'): "&quot;", ord("\t"): "&#9;", ord("\n"): "&#10;"}


class Speller:
    """Spells elements; `at` says where, for what is told."""

    def __init__(self, losses: Losses):
        self._losses = losses
        self.at = "project"

    def opening(self, name: str, attributes: Mapping[str, str | None]) -> str:
        """Spell the tag that opens an element; attributes that are None are left out."""
        spelled = "".join(
            f' {key}="{self._possible(value).translate(_IN_ATTRIBUTE)}"'
            for key, value in attributes.items()
            if value is not None
        )
        return f"<{name}{spelled}>"

    def element(self, name: str, attributes: Mapping[str, str | None], *content: str) -> str:
        """Spell an element with its content, which is XML already."""
        opened, inside = self.opening(name, attributes), "".join(content)
        return f"{opened}{inside}</{name}>\n" if inside else f"{opened[:-1]}/>\n"

    def text(self, name: str, text: str) -> str:
        """Spell an element that has only text; nothing for an empty text."""
        return f"<{name}>{self._possible(text).translate(_IN_TEXT)}</{name}>\n" if text else ""

    def _possible(self, text: str) -> str:
        found, count = _IMPOSSIBLE.subn("\ufffd", text)
        self._losses.add(self.at, "control character", "XML cannot hold it; U+FFFD stands in its place", count)
        return found
