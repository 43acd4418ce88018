"""BibTeX from other people: pybtex's parser with limits, and with a search that stays fast on long files."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from pybtex.database import BibliographyData
from pybtex.database.input.bibtex import LowLevelParser, Parser
from pybtex.exceptions import PybtexError
from pybtex.scanner import Pattern, PybtexSyntaxError, Token

MOST_ENTRIES, LONGEST_FIELD, LONGEST_NAME, MOST_UNFOLDED = 5_000, 20_000, 500, 1 << 20
_BETWEEN_NAMES = re.compile(r"\s+and\s+")
_SIGNS = '{}()"@,=#'


def parse_bibtex(text: str) -> BibliographyData:
    """Parse a BibTeX file; raises PybtexError for a file that is not BibTeX, and for one above the limits.

    The limits: 5,000 entries, 20,000 characters in a field, 500 in a name, and a million in all abbreviations (@string)
    written in full.
    """
    return _Parser().parse_string(text)


class _Entries(LowLevelParser):
    """The commands of a text in their order; counts the characters that abbreviations add."""

    pos: int
    unfolded = 0

    def skip_to(self, patterns: Sequence[Pattern]) -> Token | None:
        """Go to the nearest of some signs; one search looks for all of them."""
        signs = "".join(sign for sign in _SIGNS for pattern in patterns if pattern.match(sign))
        found = _any_of(signs).search(self.text, self.pos)
        if found is None:
            return None
        value = self.text[self.pos : found.end()]
        self.pos = found.end()
        self.update_lineno(value)
        return Token(value, next(pattern for pattern in patterns if pattern.match(found[0])))

    def substitute_macro(self, name: str) -> str:
        """Replace an abbreviation; raises PybtexSyntaxError where all replacements are too long."""
        text = super().substitute_macro(name)
        self.unfolded += len(text)
        if self.unfolded > MOST_UNFOLDED:
            reason = f"the abbreviations (@string) unfold to more than {MOST_UNFOLDED:,} characters"
            raise PybtexSyntaxError(reason, self)
        return text


@cache
def _any_of(signs: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(signs)}]")


class _Parser(Parser):
    """A parser that makes entries from the commands of a text, and stops at the limits."""

    def parse_string(self, text: str) -> BibliographyData:
        """Parse a whole text."""
        self.unnamed_entry_counter = 1
        commands = _Entries(text, handle_error=_stop, want_entry=self.data.want_entry, macros=self.macros)
        for name, content in commands:
            if name.lower() == "preamble":
                self.process_preamble(*content)
            elif name.lower() != "string":
                self._add(commands, name, content)
        return self.data

    def _add(self, commands: _Entries, name: str, content: tuple[Any, ...]) -> None:
        if len(self.data.entries) == MOST_ENTRIES:
            raise PybtexSyntaxError(f"it has more than {MOST_ENTRIES:,} entries", commands)
        try:
            self.process_entry(name, *content)
        except PybtexSyntaxError:
            raise
        except PybtexError as error:
            raise PybtexSyntaxError(str(error), commands) from error

    def process_entry(self, entry_type: str, key: str, fields: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Make an entry; raises PybtexError for a name that is too long."""
        for field, parts in fields:
            names = _BETWEEN_NAMES.split(self.flatten_value_list(parts)) if field in self.person_fields else ()
            if any(len(name) > LONGEST_NAME for name in names):
                raise PybtexError(f"a name has more than {LONGEST_NAME} characters")
        super().process_entry(entry_type, key, fields)

    def flatten_value_list(self, value_list: Sequence[str]) -> str:
        """Join the parts of a field; raises PybtexError for one that is too long."""
        value = "".join(value_list)
        if len(value) > LONGEST_FIELD:
            raise PybtexError(f"a field has more than {LONGEST_FIELD:,} characters")
        return value


def _stop(error: PybtexError) -> None:
    raise error
