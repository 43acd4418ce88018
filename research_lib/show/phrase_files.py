"""The catalogues of phrases: which languages the package has, and how a file of phrases is read."""

import io
import re
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po

from research_lib.errors import StudyError
from research_lib.files.opening import MB, read_bytes

_MANY_FORMS = re.compile(rb"nplurals\s*=\s*[0-9]{2}")
CATALOGUES = Path(__file__).parent / "catalogues"
TERMS = CATALOGUES / "terms.csv"  # terms of law and method in each language, with who uses them so
LANGUAGES = ("en", "fr", "it", "sk", "zh-Hans")


def english_for(language: str) -> Catalog:
    """Give the English phrases, each in as many forms as the language has."""
    catalogue = Catalog(locale=Locale.parse(language, sep="-"))
    for message in open_phrases(CATALOGUES / "en.po"):
        if message.id:
            forms = isinstance(message.id, tuple)
            catalogue[message.id] = Message(
                message.id, [last_form(message.string)] * catalogue.num_plurals if forms else message.string
            )
    return catalogue


def open_phrases(path: Path) -> Catalog:
    """Read a file of phrases that is named by its language; raises StudyError where it cannot be read."""
    try:
        return read_catalogue(path, path.stem)
    except ValueError as error:
        raise StudyError(f"{path}: it cannot be read as a catalogue of phrases ({error}); correct it") from error


def read_catalogue(path: Path, language: str) -> Catalog:
    """Read a file of phrases; raises UnreadableFileError, and ValueError with the reason where it is no catalogue."""
    data, locale = read_bytes(path, limit=8 * MB), Locale.parse(language, sep="-")
    if _MANY_FORMS.search(re.sub(rb'"\s*"', b"", data)):
        raise ValueError("no language has ten forms of a number (nplurals)")
    try:
        return read_po(io.BytesIO(data), locale=locale, abort_invalid=True)
    except (PoFileError, LookupError) as error:  # the second for a charset that there is not
        raise ValueError(str(error)) from error


def is_translated(message: Message) -> bool:
    """Whether a message has a text, in one form at least."""
    return any(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def last_form(text: object) -> str:
    """Take a text, or the last of several forms: the one of many."""
    return str(text[-1] if isinstance(text, tuple | list) else text)
