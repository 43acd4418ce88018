"""A file in which a study is translated: every phrase and name that its pages show, with the English beside each."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po
from pydantic import TypeAdapter, ValidationError

from research_lib.errors import ResearchError
from research_lib.evidence.settings import Language
from research_lib.evidence.study import Study
from research_lib.files.locking import locked
from research_lib.files.saving import save_files
from research_lib.show.phrase_checks import texts_of
from research_lib.show.phrase_files import CATALOGUES, LANGUAGES, is_translated, read_catalogue
from research_lib.show.words import OF_TEXTS

_WIDTH = 110


def write_phrases(study: Study, language: str) -> tuple[Path, int]:
    """Write `phrases/<language>.po` of a study, and give its path and the number of entries still to be translated.

    It holds the study's own phrases, the names and short texts of its rows, and the phrases of the package where that
    lacks the language. What was translated before is kept. Raises ResearchError for a code that names no
    language, LockedError, SavingError.
    """
    path, wanted = study.path / f"phrases/{language}.po", Catalog(locale=_locale(language), charset="utf-8")
    done = {(m.context, _key(m)): m.string for m in read_catalogue(path, language) if m.id} if path.exists() else {}
    for message in _wanted(study, language):
        forms = isinstance(message.id, tuple)
        empty = ("",) * wanted.num_plurals if forms else ""
        text = done.get((message.context, _key(message)), empty)
        wanted.add(message.id, text, context=message.context, auto_comments=message.auto_comments)
    written = BytesIO()
    write_po(written, wanted, width=_WIDTH, omit_header=True)
    head = {
        "Language": language,
        "Plural-Forms": wanted.plural_forms,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in head.items())
    text = f'msgid ""\nmsgstr ""\n{lines}\n{written.getvalue().decode().strip()}\n'
    with locked(study.path):
        save_files(study.path, {f"phrases/{language}.po": text}, private=False)
    return path, sum(not is_translated(each) for each in wanted if each.id)


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(TypeAdapter(Language).validate_python(language), sep="-")
    except (ValidationError, UnknownLocaleError, ValueError) as error:
        raise ResearchError(f"{language!r} names no language; give a code such as pt, de or zh-Hans") from error


def _wanted(study: Study, language: str) -> Iterator[Message]:
    """All that is to be translated, each with its English as a comment where the key does not say it."""
    lacking = [] if language in LANGUAGES else [CATALOGUES / "en.po"]
    files = [*lacking, *(study.path / "phrases").glob("en.po")]
    phrases = {_key(message): message for file in files for message in read_catalogue(file, "en") if message.id}
    for key in sorted(phrases):
        english = phrases[key].string
        yield Message(phrases[key].id, auto_comments=[english] if isinstance(english, str) else [*(english or ())])
    for text in sorted(texts_of(study)):
        if text:
            yield Message(text, context=OF_TEXTS)


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]
