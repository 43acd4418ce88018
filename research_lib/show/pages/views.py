"""Every page by its name: what makes its view model of the study and the words of one language."""

from importlib import import_module

from research_lib.show.material import Material
from research_lib.show.pages.shared.view import View
from research_lib.show.words import Words


def page_view(page: str, material: Material, words: Words) -> View:
    """Give one page in one language; a page's code is loaded when it is first needed, since some needs seconds."""
    module = import_module(f"research_lib.show.pages.{page}.{page}_view")
    view: View = getattr(module, f"{page}_view")(material, words)
    return view
