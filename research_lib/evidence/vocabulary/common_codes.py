"""The closed lists of codes that every study has, each code with its meaning, from the file beside this module."""

from collections.abc import Mapping

from research_lib.files.opening import package_data
from research_lib.files.toml_files import read_toml

_LISTS = read_toml(package_data("evidence", "vocabulary") / "common_codes.toml")
_BY_ELEMENT: Mapping[str, dict[str, str]] = _LISTS.pop("indicators")
INDICATORS_OF = {element: tuple(names) for element, names in _BY_ELEMENT.items()}
INDICATORS = {code: meaning for names in _BY_ELEMENT.values() for code, meaning in names.items()}
GROUPS: Mapping[str, dict[str, list[str]]] = _LISTS.pop("groups")
CODES: Mapping[str, dict[str, str]] = _LISTS
CERTAINTIES = CODES["certainties"]
DIMENSIONS = ("demographic", "socioprofessional", "migration", "settlement", "prostitution")
UNANSWERED = "not-answered"  # in place of an answer to the survey
