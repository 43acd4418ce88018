"""What a visitor has chosen on a page, and its form in the address: one value for browser, kernel and export."""

from collections.abc import Mapping
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

    @classmethod
    def from_query(cls, page: str, query: str, options: Options) -> "ViewState":
        """Read the choices from an address's query.

        `options`: the values that each parameter of the page may take. Raises ViewStateError, naming the parameter, for
        anything else: an address is either understood whole or refused.
        """
        if len(query) > _LONGEST:
            raise ViewStateError(f"the address is longer than {_LONGEST} characters; choose again on the page")
        choices: dict[str, tuple[str, ...]] = {}
        for name, text in parse_qsl(query, keep_blank_values=True):
            if name in choices:
                raise ViewStateError(f"{name} stands twice in the address; join its values with commas")
            choices[name] = _values(name, text, options)
        return cls(page, choices)

    def to_query(self) -> str:
        """Write the choices as an address's query, parameters in a fixed order."""
        pairs = [(name, ",".join(values)) for name, values in sorted(self.choices.items()) if values]
        return urlencode(pairs, safe=",")

    def allows(self, name: str, values: list[str]) -> bool:
        """Say whether something that has these values under a parameter is among what is chosen."""
        chosen = self.choices.get(name, ())
        return not chosen or bool(set(chosen) & set(values))


def _values(name: str, text: str, options: Options) -> tuple[str, ...]:
    if name not in options:
        raise ViewStateError(f"{name[:40]!r} is not a choice of this page; there are {', '.join(options)}")
    values = tuple(value for value in text.split(",") if value)
    unknown = [value for value in values if value not in options[name]]
    if unknown:
        raise ViewStateError(f"{unknown[0][:40]!r} is not a value of {name}")
    return values
