"""What the template, the module and the kernel of the home page each need."""

from research_lib.show.material import Material
from research_lib.show.pages.home.home_page import home_page
from research_lib.show.pages.shared.view import View, view_of
from research_lib.show.words import Words


def home_view(material: Material, words: Words) -> View:
    """Give the home page in one language."""
    page = home_page(material.study, material.geography, words)
    return view_of({"page": page}, {"options": page.options(), "columns": [], "rows": []}, words)
