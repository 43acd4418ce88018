"""What a visitor has chosen on a page, and its form in the address: one value for browser, Python and export."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from research_lib.errors import ViewStateError

Options = Mapping[str, list[str]]
_LONGEST = 4000


@dataclass(frozen=True)
class ViewState:
    """The choices on one page: for each parameter, the values chosen; none chosen means all."""

    page: str
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    left_out: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, page: str, query: str, options: Options, single: Iterable[str] = ()) -> "ViewState":
        """Read the choices from an address's query; what is not understood is left out, and its parameter named.

        `options`: the values that each parameter of the page may take; `single`: the parameters that take one value.
        Raises ViewStateError for an address that is too long to be one of ours.
        """
        if len(query) > _LONGEST:
            raise ViewStateError(f"the address is longer than {_LONGEST} characters; choose again on the page")
        choices: dict[str, tuple[str, ...]] = {}
        left_out = []
        for name, text in parse_qsl(query, keep_blank_values=True):
            given = [value for value in text.split(",") if value]
            known = [] if name in choices else [value for value in given if value in options.get(name, ())]
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
