"""The closed lists of codes that every study has, each code with its meaning, from the file beside this module."""

from collections.abc import Mapping

from research_lib.files.opening import package_data
from research_lib.files.toml_files import read_toml

_LISTS = read_toml(package_data("evidence", "vocabulary") / "common_codes.toml")
INDICATORS_BY_ELEMENT: Mapping[str, dict[str, str]] = _LISTS.pop("indicators")
GROUPS: Mapping[str, dict[str, list[str]]] = _LISTS.pop("groups")
CODES: Mapping[str, dict[str, str]] = _LISTS
UNANSWERED = "not-answered"  # in place of an answer to the survey
