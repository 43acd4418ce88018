"""Every page by its name: what makes its content of the study and the words of one language."""

from importlib import import_module

from research_lib.show.material import Material
from research_lib.show.pages.shared.content import PageContent
from research_lib.show.words import Words


def page_content(page: str, material: Material, words: Words) -> PageContent:
    """Give one page in one language; a page's code is loaded when it is first needed, since some needs seconds."""
    module = import_module(f"research_lib.show.pages.{page}.{page}_content")
    content: PageContent = getattr(module, f"{page}_content")(material, words)
    return content
