"""What the package brings for every study: boundaries, the common questionnaire, practice texts, live notebooks."""

from importlib.resources import files
from pathlib import Path


def package_data(room: str, folder: str) -> Path:
    """Give a folder of files that the package holds, such as `boundaries` of the room `evidence`."""
    return Path(str(files("research_lib") / room / folder))
