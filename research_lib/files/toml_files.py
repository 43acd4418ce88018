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
    """A file cannot be read as TOML; `reason` says why, without the file."""

    def __init__(self, place: Path | str, reason: str, fix: str):
        self.reason = reason
        super().__init__(f"{place}: it cannot be read as TOML ({reason}); {fix}")


def read_toml(path: Path | str, *, fix: str = "correct it") -> dict[str, Any]:
    """Read a TOML file; raises TomlError with the `fix`, also where it is too deep, and UnreadableFileError."""
    return parse_toml(read_text(path, limit=LARGEST), path, fix=fix)


def parse_toml(text: str, place: Path | str, *, fix: str = "correct it") -> dict[str, Any]:
    """Parse the text of a TOML file, named by its place; raises TomlError as `read_toml` does."""
    if reason := _objection(text):
        raise TomlError(place, reason, fix)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise TomlError(place, str(error), fix) from error
    except MemoryError as error:
        raise TomlError(place, "the memory of this machine does not hold it", fix) from error


def _objection(text: str) -> str:
    """Why a text is not given to the parser, or nothing."""
    if len(text) > LARGEST:
        return f"it has {len(text):,} characters, and at most {LARGEST:,} are read"
    line, parts, brackets = 1, 1, 0
    for token in (found[0] for found in _TOKEN.finditer(text)):
        brackets += (token in "[{") - (token in "]}")
        parts = parts + 1 if token == "." else 1 if token in "[]{},=\n" else parts
        if max(parts, brackets) > DEEPEST:
            return f"line {line} has more than {DEEPEST} parts or brackets within each other"
        line += token.count("\n")
    return ""
