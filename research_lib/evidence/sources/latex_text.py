"""LaTeX as bibliographies have it, written as characters: accents, dashes, quotation marks, small commands."""

import html
import re
from functools import cache, lru_cache
from typing import Any

from pylatexenc import latex2text, latexwalker, macrospec

LITERAL = str.maketrans({"{": "\ue000", "}": "\ue001"})
_BACK = str.maketrans({"\ue000": "{", "\ue001": "}", "{": None, "}": None})
_FORMULA = re.compile(r"(?<!\\)\$(?=[^$\s]+\$|[^$]*[\\^_][^$]*\$)([^$]*)\$")
_BARE = re.compile(r"(?<!\\)[%&#$]")
_DASHES = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("~", "\xa0"))
_TAG = re.compile(r"</?(?:i|b|u|em|strong|sub|sup|sc|span|italic|bold)(?:\s[^<>]*)?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{2,5}|#x[0-9a-fA-F]{2,4});")
_UNKNOWN = re.compile("\ue004(.*?)\ue005")
_WITH_TEXT = ("enquote", "mkbibquote", "url", "textsuperscript", "textsubscript", "textcyrillic", "mbox")
_WRITTEN = {
    **dict.fromkeys(_WITH_TEXT[:2], "“%s”"),
    **dict.fromkeys(_WITH_TEXT[2:], "%s"),
    "href": "%(2)s",
    **dict.fromkeys(("{", "textbraceleft"), "\ue000"),
    **dict.fromkeys(("}", "textbraceright"), "\ue001"),
    **dict.fromkeys(("\\", "par"), " "),
    **{"LaTeX": "LaTeX", "TeX": "TeX", "slash": "/", "copyright": "©"},
}
_LEFT_OUT = ("vphantom", "hphantom", "noopsort", "SortNoop", "noop")


def as_characters(text: str) -> tuple[str, frozenset[str]]:
    """Write LaTeX as characters, and give the commands that are not known, of which only the content is kept.

    Braces around several letters stay, as they protect a name or capitals; `shown` takes them away. Raises ValueError
    where braces are nested too deep.
    """
    if "\\" not in text and "$" not in text:
        for latex, sign in _DASHES:
            text = text.replace(latex, sign)
        return text, frozenset()
    return _decoded(text)


def shown(text: str) -> str:
    """Give a text as pages show it: without the braces that only protect, with those that are meant."""
    return text.translate(_BACK)


def unmarked(text: str) -> str:
    """Take away the marks of HTML that some databases write into titles, such as `<i>` and `&amp;`."""
    if "<" in text:
        text = _TAG.sub("", text)
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text) if "&" in text else text


@lru_cache(maxsize=4096)
def _decoded(text: str) -> tuple[str, frozenset[str]]:
    parts = _FORMULA.split(text)  # texts, and between them the content of formulas
    escaped = [f"${part}$" if number % 2 else _BARE.sub(r"\\\g<0>", part) for number, part in enumerate(parts)]
    try:
        nodes = latexwalker.LatexWalker("".join(escaped), latex_context=_commands()).get_latex_nodes()[0]
        written = _writer().nodelist_to_text(nodes)
    except RecursionError as error:
        raise ValueError("its braces are nested too deep") from error
    return _UNKNOWN.sub("", written), frozenset(_UNKNOWN.findall(written))


@cache
def _commands() -> Any:
    known = latexwalker.get_default_latex_context_db()
    commands = [macrospec.MacroSpec(name, "{") for name in (*_LEFT_OUT, *_WITH_TEXT)]
    known.add_context_category("of bibliographies", prepend=True, macros=[*commands, macrospec.MacroSpec("href", "{{")])
    return known


@cache
def _writer() -> Any:
    spec = latex2text.MacroTextSpec
    known = latex2text.get_default_latex_context_db()
    own = [spec(name, discard=True) for name in (*_LEFT_OUT, "relax", "cyrchar")]
    own += [spec(name, written) for name, written in _WRITTEN.items()]
    known.add_context_category("of bibliographies", prepend=True, macros=own)
    known.set_unknown_macro_spec(spec("", lambda _, macroname: f"\ue004{macroname}\ue005"))
    return latex2text.LatexNodes2Text(latex_context=known, math_mode="text", keep_braced_groups=True)
