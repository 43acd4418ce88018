"""What the template, the browser module and the saved table of the home page each need."""

from research_lib.show.material import Material
from research_lib.show.pages.home.home_page import home_page
from research_lib.show.pages.shared.content import PageContent
from research_lib.show.words import Words


def home_content(material: Material, words: Words) -> PageContent:
    """Give the home page in one language."""
    page = home_page(material.study, material.geography, words)
    return PageContent({"page": page}, page.options())
