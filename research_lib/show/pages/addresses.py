"""The addresses by which the pages of a study lead to each other: on a server, or as files of a site."""

from dataclasses import dataclass, replace

SERVED_PICTURES = "/voila/static/pictures/"


@dataclass(frozen=True)
class Addresses:
    """The addresses of the pages in one language.

    On a server a page has one name, and the query says in which language. On a site a page is a file in each language.
    `site`: the language whose files have no code in their names; empty for a server. `base`: where the site stands, if
    that is known; `news`: whether it has a page that tells what changed.
    """

    language: str
    site: str = ""
    base: str = ""
    news: bool = False

    def __call__(self, page: str, choices: str = "") -> str:
        """Give the address of a page with what is chosen there."""
        return self.file(page) + self.query(choices)

    def file(self, page: str) -> str:
        """Give the name of a page, without a query."""
        if not self.site:
            return f"{page}.ipynb"
        name = "index" if page == "home" else page
        return f"{name}.html" if self.language == self.site else f"{name}.{self.language}.html"

    def query(self, choices: str = "") -> str:
        """Write choices as the end of an address, after the language where a server must be told; English it knows."""
        is_told = not self.site and self.language != "en"
        parts = [*([f"lang={self.language}"] if is_told else []), *([choices] if choices else [])]
        return f"?{'&'.join(parts)}" if parts else ""

    def picture(self, page: str) -> str:
        """Give the address of the picture that other sites show beside a link to a page."""
        return f"{f'{self.base}pictures/' if self.site else SERVED_PICTURES}{page}.{self.language}.png"

    def in_language(self, page: str, language: str) -> str:
        """Give the address that leads from a page to the same one in another language."""
        return replace(self, language=language).file(page) if self.site else f"?lang={language}"
