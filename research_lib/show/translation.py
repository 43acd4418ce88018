"""The phrases of a study: what is wrong with them, what is not translated, and the file in which it is translated."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po
from pydantic import TypeAdapter, ValidationError

from research_lib.errors import Problem, ResearchError, quoted
from research_lib.evidence.checks.nearest import with_nearest
from research_lib.evidence.settings import Language
from research_lib.evidence.study import Study
from research_lib.files.locking import locked
from research_lib.files.opening import UnreadableFileError
from research_lib.files.saving import save_files
from research_lib.show.pages.about.about_content import errata_parts
from research_lib.show.pages.profiles.profile_slots import short_texts
from research_lib.show.phrase_files import CATALOGUES, LANGUAGES, is_translated, read_catalogue
from research_lib.show.words import OF_TEXTS, study_words

_WIDTH = 110


def phrase_problems(study: Study) -> Iterator[Problem]:
    """List keys of `phrases/*.po` that no page looks up, and files that are not of a language of the study."""
    paths = sorted((study.path / "phrases").glob("*.po"))
    known, laws, texts = (_known(study), _laws(study), texts_of(study)) if paths else (set(), "", set())
    for path in paths:
        file = f"phrases/{path.name}"
        if path.stem not in study.settings.languages:
            languages = ", ".join(study.settings.languages)
            reason = f"is not of a language of the study ({languages}); rename it, or add the language in study.toml"
            yield Problem(file, 0, "", reason)
        try:
            messages = [*read_catalogue(path, path.stem)]
        except UnreadableFileError as error:
            yield Problem(file, error.line, "", f"cannot be read: {error.reason}; {error.fix}")
            continue
        except ValueError as error:
            yield Problem(file, 0, "", f"cannot be read as a catalogue of phrases ({error}); correct it")
            continue
        keys = {_key(m): m.lineno or 0 for m in messages if m.id and not m.context}
        unknown = {key: line for key, line in keys.items() if key not in known and not _is_law(key, laws)}
        for key, near in with_nearest(unknown, known):
            reason = f"{quoted(key)} is not the key of a phrase{near}; correct it, or remove it"
            yield Problem(file, unknown[key], "msgid", reason)
        for message in messages:
            if message.context and str(message.id) not in texts:
                reason = f"{quoted(str(message.id))} is no English text of this study; correct it, or remove it"
                yield Problem(file, message.lineno or 0, "msgid", reason)


def _is_law(key: str, laws: str) -> bool:
    return key.startswith("law.") and key.removeprefix("law.") in laws


def untranslated(study: Study) -> Iterator[Problem]:
    """Note the languages of the study that the package does not have, with the number of phrases not translated."""
    every = {_key(message) for message in read_catalogue(CATALOGUES / "en.po", "en") if message.id}
    for language in study.settings.languages:
        if language not in LANGUAGES:
            path = study.path / f"phrases/{language}.po"
            own = [*read_catalogue(path, language)] if path.exists() else []
            left = len(every - {_key(message) for message in own if message.id and is_translated(message)})
            if left:
                reason = f"{left:,} of {len(every):,} phrases of the pages are not translated, and shown in English"
                yield Problem(f"phrases/{language}.po", 0, "", f"{reason}: research-lib phrases {language}")


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def texts_of(study: Study) -> set[str]:
    """Give the English names and texts that a study's pages show, and that `phrases/*.po` may translate."""
    frames = [table.frame for table in (*study.table_files.values(), *study.optional_files.values())]
    columns = [frame[name] for frame in frames for name in frame if f"{name}_fr" in frame]
    vocabularies = (study.vocabularies.own, study.vocabularies.renamed)
    codes = {row["name"] for lists in vocabularies for rows in lists.values() for row in rows.values()}
    settings = study.settings
    named = {settings.title, *(view.name for view in settings.map.views)}
    named |= {part.title for part in errata_parts(study.path)}
    found = {text for finding in settings.findings for text in (finding.title, finding.text)}
    short = {text.text for text in short_texts(study)}
    dated = [frame for frame in frames if {"period", "start_year", "end_year"} <= {*frame}]
    in_words = [frame.loc[frame[["start_year", "end_year"]].isna().all(axis=1), "period"] for frame in dated]
    shown = [*columns, *in_words, study["provisions"]["law"]]
    return set().union(*(column.dropna() for column in shown)) | codes | named | found | short


def _known(study: Study) -> set[str]:
    """The keys of the package, of what the study names, and of what it may name in its own phrases only."""
    without_own_phrases = replace(study, path=study.path / "tables")
    frames = {name: table.frame for name, table in study.table_files.items()}
    countries = frames["places"]["country_code"].dropna().unique()
    dimensions = {*study.settings.dimensions, *frames["codebook"]["id"].dropna()}
    units = {*frames["figures"]["unit"].dropna(), *frames["provisions"]["unit"].dropna()}
    return {
        *study_words(without_own_phrases, "en").phrases,
        *(f"country.{code}{ending}" for code in countries for ending in ("", ".short")),
        *(f"networks.prose_{code}" for code in countries),
        *(f"place.{place}.also" for place in frames["places"]["id"].dropna()),
        *("about.reading", "about.lede_does", "about.lede_cannot"),
        *("home.answer", *(f"claims.{key}.short" for key in frames["claims"]["id"].dropna())),
        *(f"about.contacts_left_out.{code}" for code in countries),
        *(f"{start}{code}" for code in dimensions for start in ("dimension.", "cases.dimension_")),
        *(f"unit.{unit}" for unit in units),
        *(f"figures.{key}.{part}" for key in frames["figures"]["id"].dropna() for part in ("above", "unnumbered")),
        *(f"in_words.{key}" for name in ("figures", "provisions") for key in frames[name]["id"].dropna()),
    }


def _laws(study: Study) -> str:
    """The names of laws; a timeline looks up parts of them."""
    return "\n".join(study.table_files["provisions"].frame["law"].dropna())


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
