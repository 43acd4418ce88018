"""What a visitor has chosen on a page, and its form in the address: one value for browser, Python and export."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from research_lib.errors import ViewStateError

Options = Mapping[str, list[str]]
ANY_WORDS = ["*"]  # in place of the values of a parameter: it takes the words of a search
_LONGEST, _LONGEST_WORDS = 4000, 100
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def is_known(value: str, values: list[str]) -> bool:
    """Whether a parameter may take a value: one of a list, or up to 100 characters of which each is seen."""
    if values == ANY_WORDS:
        return len(value) <= _LONGEST_WORDS and not _UNSEEN.search(value)
    return value in values


@dataclass(frozen=True)
class ViewState:
    """The choices on one page: for each parameter, the values chosen; none chosen means all."""

    page: str
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    left_out: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, page: str, query: str, options: Options, single: Iterable[str] = ()) -> "ViewState":
        """Read the choices from an address's query; what is not understood is left out, and its parameter named.

        `options`: the values that each parameter of the page may take, or `ANY_WORDS`; `single`: the parameters that
        take one value.
        Raises ViewStateError for an address that is too long to be one of ours.
        """
        if len(query) > _LONGEST:
            raise ViewStateError(f"the address is longer than {_LONGEST} characters; choose again on the page")
        choices: dict[str, tuple[str, ...]] = {}
        left_out = []
        for name, text in parse_qsl(query, keep_blank_values=True):
            values = options.get(name, [])
            given = [value for value in ([text] if values == ANY_WORDS else text.split(",")) if value.strip()]
            known = [] if name in choices else [value for value in given if is_known(value, values)]
            known = [] if name in single and len(known) > 1 else known
            if known != given or name not in options or name in choices:
                left_out.append(name)
            choices.setdefault(name, tuple(known))
        return cls(page, {name: values for name, values in choices.items() if values}, tuple(left_out))

    def to_query(self) -> str:
        """Write the choices as an address's query, parameters in a fixed order."""
        pairs = [(name, ",".join(values)) for name, values in sorted(self.choices.items()) if values]
        return urlencode(pairs, safe=",")

    def allows(self, facets: Mapping[str, Iterable[str]]) -> bool:
        """Whether something that has these values under these parameters is among what is chosen."""
        return all(not (chosen := self.choices.get(name)) or set(chosen) & {*facets[name]} for name in facets)
