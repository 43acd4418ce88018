"""Checks of the phrases of a study: each key is one that pages look up, and each file one of its languages."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from research_lib.errors import Problem, quoted
from research_lib.evidence.checks.nearest import with_nearest
from research_lib.evidence.study import Study
from research_lib.files.opening import UnreadableFileError
from research_lib.show.words import read_catalogue, study_words


def phrase_problems(study: Study) -> Iterator[Problem]:
    """List keys of `phrases/*.po` that no page looks up, and files that are not of a language of the study."""
    paths = sorted((study.path / "phrases").glob("*.po"))
    known, laws = (_known(study), _laws(study)) if paths else (set(), "")
    for path in paths:
        file = f"phrases/{path.name}"
        if path.stem not in study.settings.languages:
            languages = ", ".join(study.settings.languages)
            reason = f"is not of a language of the study ({languages}); rename it, or add the language in study.toml"
            yield Problem(file, 0, "", reason)
        try:
            unknown = {key: line for key, line in _keys(path).items() if key not in known and not _is_law(key, laws)}
        except UnreadableFileError as error:
            yield Problem(file, error.line, "", f"cannot be read: {error.reason}; {error.fix}")
            continue
        except ValueError as error:
            yield Problem(file, 0, "", f"cannot be read as a catalogue of phrases ({error}); correct it")
            continue
        for key, near in with_nearest(unknown, known):
            reason = f"{quoted(key)} is not the key of a phrase{near}; correct it, or remove it"
            yield Problem(file, unknown[key], "msgid", reason)


def _is_law(key: str, laws: str) -> bool:
    return key.startswith("law.") and key.removeprefix("law.") in laws


def _keys(path: Path) -> dict[str, int]:
    """The key of each phrase, with its line."""
    return {m.id if isinstance(m.id, str) else m.id[0]: m.lineno or 0 for m in read_catalogue(path) if m.id}


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
