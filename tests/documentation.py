"""The blocks of a Markdown page: what its reader types, and what the page says that comes out."""

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"
_BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """The blocks of shell commands and of Python in their order, each with its printed output where the page shows it."""
    return _BLOCK.findall(page.read_text(encoding="utf-8"))


def prints(expected: str, found: str) -> bool:
    """Whether an output is the one that a page shows; … stands for what the page leaves out."""
    parts = [re.escape(part.strip()) for part in expected.split("…")]
    return re.fullmatch(r"\s*" + r"\s*.*?\s*".join(parts) + r"\s*", found, re.DOTALL) is not None
