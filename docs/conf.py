"""How Sphinx builds the documentation: `make docs`."""

import sys
from pathlib import Path
from shutil import copyfile

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from _reference import fill_in  # noqa: E402

import research_lib  # noqa: E402

project = "EX-CHANGE, the living study"
author = "The EX-CHANGE living study contributors"
release = research_lib.__version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx_copybutton"]
exclude_patterns = ["notebooks/workbench.ipynb"]
nitpicky = True
# The types of other libraries have no pages here.
nitpick_ignore_regex = [("py:.*", ".*")]
default_role = "literal"

autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
add_module_names = False
python_maximum_signature_line_length = 88

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_merge_streams = True
suppress_warnings = ["mystnb.unknown_mime_type"]

html_theme = "pydata_sphinx_theme"
html_title = "research-lib"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_context = {"default_mode": "auto"}
html_show_sourcelink = False
html_show_copyright = False
html_copy_source = False
html_theme_options = {
    "navbar_align": "left",
    "navigation_with_keys": False,
    "show_prev_next": True,
    "show_toc_level": 2,
    "footer_start": [],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "back_to_top_button": False,
}


def setup(app):
    """Bring the numbered notebooks in, and fill in the generated parts of the reference."""
    (HERE / "notebooks").mkdir(exist_ok=True)
    for path in (HERE.parent / "notebooks").glob("[0-9]*.ipynb"):
        copyfile(path, HERE / "notebooks" / path.name)
    app.connect("source-read", fill_in)
