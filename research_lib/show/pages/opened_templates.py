"""How every template of ours is opened: it escapes what it writes, and a name that nobody gives is an error."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from research_lib.show.drawing.labels import shortened


@cache
def open_templates(*folders: Path) -> jinja2.Environment:
    """Open the templates of some folders; of one that stands in several, the first."""
    loader = jinja2.FileSystemLoader(folders)
    templates = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    templates.filters |= {"num": lambda number: f"{number:g}", "shortened": shortened, "json": _as_json}
    return templates


def _as_json(value: Any) -> Markup:
    """Write a value as short JSON for a script that holds data; no text in it can end the script or open a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("</", "<\\/").replace("<!", "\\u003c!"))
