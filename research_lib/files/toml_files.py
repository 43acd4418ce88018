"""TOML files that somebody else may have written: how large and how deep they are is looked at before they are parsed.

The parser of Python keeps each beginning of a dotted key: one of 50,000 parts, a file of 100 KB, would take all memory.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

from research_lib.errors import ResearchError
from research_lib.files.opening import MB, read_text

LARGEST, DEEPEST = MB, 32
_TOKEN = re.compile(
    r'''"""(?:\\.|[^\\])*?(?:"{3,5}|\Z)|\'\'\'.*?(?:'{3,5}|\Z)|"(?:\\.|[^"\\\n])*"?|'[^'\n]*'?|#[^\n]*|[][{}.,=\n]''',
    re.DOTALL,
)


class TomlError(ResearchError):
    """A file cannot be read as TOML."""


def read_toml(path: Path | str, *, fix: str = "correct it", error: type[ResearchError] = TomlError) -> dict[str, Any]:
    """Read a TOML file; raises the `error`, with the `fix`, where it cannot be read or is too deep.

    Raises UnreadableFileError for what is not a plain file.
    """
    return parse_toml(read_text(path, limit=LARGEST), path, fix=fix, error=error)


def parse_toml(
    text: str, place: Path | str, *, fix: str = "correct it", error: type[ResearchError] = TomlError
) -> dict[str, Any]:
    """Parse the text of a TOML file, named by its place; raises the `error` as `read_toml` does."""
    try:
        return tomllib.loads(_checked(text))
    except (ValueError, RecursionError, MemoryError) as found:
        reason = "the memory of this machine does not hold it" if isinstance(found, MemoryError) else str(found)
        raise error(f"{place}: it cannot be read as TOML ({reason}); {fix}") from found


def _checked(text: str) -> str:
    """Give a text for the parser; raises ValueError for one that is too long or too deep."""
    if len(text) > LARGEST:
        raise ValueError(f"it has {len(text):,} characters, and at most {LARGEST:,} are read")
    line, parts, brackets = 1, 1, 0
    for token in (found[0] for found in _TOKEN.finditer(text)):
        brackets += (token in "[{") - (token in "]}")
        parts = parts + 1 if token == "." else 1 if token in "[]{},=\n" else parts
        if max(parts, brackets) > DEEPEST:
            raise ValueError(f"line {line} has more than {DEEPEST} parts or brackets within each other")
        line += token.count("\n")
    return text
