"""A site that needs no server: a study's pages in every language and its tables, as files with relative links."""

import hashlib
import html
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from research_lib.errors import ResearchError
from research_lib.evidence.data_dictionary import dictionary_rows, table_files, table_summary
from research_lib.evidence.settings import WRITTEN
from research_lib.evidence.study import Study, open_study
from research_lib.evidence.study_changes import study_changes
from research_lib.evidence.table_reading import LARGEST
from research_lib.exchange.change_reports import feed_of_versions, later_day, rows_told
from research_lib.files import spreadsheet
from research_lib.files.drafts import finish_unfinished
from research_lib.files.locking import LOCK_FILE, locked
from research_lib.files.opening import MB, read_text
from research_lib.files.saving import save_files
from research_lib.show.material import Material, open_material
from research_lib.show.pages.addresses import Addresses
from research_lib.show.pages.browser_module import page_icon, page_style
from research_lib.show.pages.link_picture import link_picture
from research_lib.show.pages.opened_templates import open_templates
from research_lib.show.pages.shared.content import counted_claims
from research_lib.show.site.dated_pictures import FOLDER, TEMPLATES, dated_pictures, with_addresses_for_good
from research_lib.show.site.rendering import render
from research_lib.show.site.responses import error_page, meta_policy
from research_lib.show.words import Words, study_words

_LIST = "site.sha256"  # names each file of a site with its digest; `sha256sum -c` reads it
_DIGEST = 66  # letters of a line before the name
_DICTIONARY = "data_dictionary"
_CHANGED, _SCRIPT = "changes.csv", f"{FOLDER}/version.js"
_CHANGES = ("added", "changed", "withdrawn")
_CHARSET = '<meta charset="utf-8">'


def write_site(study: Path, to: Path, *, base: str = "", since: Path | None = None) -> Path:
    """Write the pages of a study in all its languages, and its tables, into a folder.

    The folder is new, empty, or a site of this function, whose files are replaced all at once. The same study gives the
    same bytes. `base`: the address at which the site will stand; with it, each page names its own address. A study
    with a `version_date` has its pictures at addresses of that day too; those of earlier days stay as they are.
    `since`: the version before, for the page and the feed that tell what changed.

    Raises ResearchError for another folder, for a `base` that is no address, or for other pictures on a day than the
    folder has of it; StudyError where the study has problems, LockedError, SavingError; then the folder is as it was.
    """
    if base and not re.fullmatch(r"https?://[^\s?#\"'<>]+", base):
        raise ResearchError(f"{base!r} is no address of a site; give one such as https://example.org/study/")
    finish_unfinished(to)
    _written_before(to)
    material = open_material(study)
    files = _site_files(material, f"{base.rstrip('/')}/" if base else "", _changes(material.study, since, to))
    with locked(to):
        try:
            _replace(to, files)
        finally:
            with suppress(OSError):  # the lock names this machine, and the folder is made to be given away
                (to / LOCK_FILE).unlink()
    return to


def _replace(to: Path, files: Mapping[str, bytes]) -> None:
    """Put files in the place of those of a site, all at once; the pictures of earlier days stay."""
    before = _written_before(to)
    kept = {name: (to / name).read_bytes() for name in before if name.startswith(f"{FOLDER}/")}
    _require_same(kept, files, to)
    every = {**kept, **files}
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(every.items()))
    save_files(to, {**dict.fromkeys(before), **every, _LIST: sums.encode()}, private=False)


def _written_before(to: Path) -> list[str]:
    """The files of the site that a folder holds; raises ResearchError for a folder that holds something else."""
    if (to / _LIST).is_file():
        return [line[_DIGEST:] for line in read_text(to / _LIST, limit=MB).splitlines()]
    if to.exists() and (not to.is_dir() or any(not path.name.startswith(".") for path in to.iterdir())):
        raise ResearchError(f"{to} is no site that this command has written; name a new or an empty folder with --to")
    return []


def _require_same(kept: Mapping[str, bytes], files: Mapping[str, bytes], to: Path) -> None:
    """Raise ResearchError where files of a day are others than those that were given out."""
    other = [name for name in kept if name in files and name != _SCRIPT and kept[name] != files[name]]
    if other:
        raise ResearchError(
            f"{to / other[0]} was given out, and this study would make another; give it a later version_date, or, if "
            f"nobody has that version yet, delete {to / other[0].rpartition('/')[0]}"
        )


def _changes(study: Study, since: Path | None, to: Path) -> dict[str, pd.DataFrame]:
    """What changed in each version of which the site tells it, by its day."""
    found = {
        path.parent.name: pd.read_csv(path, dtype="str", keep_default_na=False)
        for path in sorted(to.glob(f"{FOLDER}/*/{_CHANGED}"))
    }
    if since:
        old = open_study(since)
        found[later_day(old, study)] = study_changes(old, study)
    return found


def _site_files(material: Material, base: str, changes: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Give all files of a site by their names."""
    study, languages = material.study, material.study.settings.languages
    tables = _tables(study)
    addresses = [Addresses(language, languages[0], base) for language in languages]
    files = {f"tables/{name}.csv": text.encode() for name, text in tables.items()}
    for address in addresses:
        files |= _pages(material, replace(address, news=bool(changes)), tables)
        if changes:
            words = study_words(study, address.language)
            licence = study.settings.licence or words("site.no_licence")
            files[address.file("news")] = _sealed(_news_page(changes, words, address, licence))
    names = [address.file(page) for address in addresses for page in material.pages]
    files["error.html"] = _sealed(_error_page(study, addresses))
    if changes:
        files["news.atom"] = feed_of_versions(changes, study.settings)
        files |= {f"{FOLDER}/{day}/{_CHANGED}": spreadsheet.write_frame(each).encode() for day, each in changes.items()}
    if study.settings.version_date:
        # the pictures of all versions load it: it tells the reader of an older one of the newest
        script = open_templates(TEMPLATES).get_template("version.js.j2")
        files[_SCRIPT] = script.render(day=study.settings.version_date.isoformat()).encode()
    return files | ({"sitemap.xml": _sitemap(base, names)} if base else {})


def _pages(material: Material, address: Addresses, tables: Iterable[str]) -> dict[str, bytes]:
    """Give the pages in one language, each with its link picture."""
    settings, words, files = material.study.settings, study_words(material.study, address.language), {}
    day, licence = settings.version_date, settings.licence or words("site.no_licence")
    for page in material.pages:
        dataset = _dataset(material.study, tables, words, address.base) if page == "home" else None
        document = render(page, material, words, address=address, dataset=dataset)
        head = document.data["head"]
        shown = with_addresses_for_good(page, document.html, words, day) if day else document.html
        files[address.file(page)] = _sealed(shown)
        if day:
            pictures = dated_pictures(page, document.html, words, address, day=day, licence=licence)
            files |= {name: _sealed(picture, script=True) for name, picture in pictures.items()}
        picture = link_picture(head["heading"], head["description"], head["name"])
        files[f"pictures/{page}.{address.language}.png"] = picture
    return files


def _sealed(page: str, *, script: bool = False) -> bytes:
    """Let a page itself say what it may load, since whoever gives it out may send no header."""
    said = meta_policy(page).replace("script-src", "script-src 'self'", 1) if script else meta_policy(page)
    policy = f'<meta http-equiv="Content-Security-Policy" content="{said}">'
    return page.replace(_CHARSET, f"{_CHARSET}\n{policy}", 1).encode()


def _news_page(changes: Mapping[str, pd.DataFrame], words: Words, address: Addresses, licence: str) -> str:
    """Write the page that tells what changed in each version, by its day, the newest first, table by table."""
    versions = [
        {
            "day": day,
            "date": words.date(day),
            "counted": _counted(changes[day], words),
            "tables": [
                {"name": table, "counted": _counted(rows, words), "rows": [*rows_told(rows)]}
                for table, rows in changes[day].groupby("table", sort=False)
            ],
        }
        for day in sorted(changes, reverse=True)
    ]
    return (
        open_templates(TEMPLATES)
        .get_template("news.html.j2")
        .render(words=words, address=address, versions=versions, css=page_style([]), icon=page_icon(), licence=licence)
    )


def _counted(rows: pd.DataFrame, words: Words) -> str:
    each = rows.drop_duplicates(["table", "id", "change"])["change"].value_counts()
    return words.listed(words.plural(f"news.{change}", int(each[change])) for change in _CHANGES if change in each)


def _error_page(study: Study, addresses: Iterable[Addresses]) -> str:
    """Write the page for an address that leads nowhere, in the first language, with links to the home pages."""
    first, *_ = every = [study_words(study, address.language) for address in addresses]
    homes = [(f"{each.base}{each.file('home')}", each.language) for each in addresses]
    links = [(home, words("home.short"), language) for (home, language), words in zip(homes, every, strict=True)]
    return error_page(first, 404, links)


def _sitemap(base: str, names: Iterable[str]) -> bytes:
    urls = "".join(f"<url><loc>{html.escape(base + name)}</loc></url>\n" for name in names)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{space}">\n{urls}</urlset>\n'.encode()


def _tables(study: Study) -> dict[str, str]:
    """Give the tables of a study as CSV by their names, safe to open in a spreadsheet, and what their columns hold."""
    texts = {name: read_text(study.path / file, limit=LARGEST) for name, file in table_files(study).items()}
    tables = {name: spreadsheet.write_text(spreadsheet.read_text(text)) for name, text in texts.items()}
    tables["sources"] = spreadsheet.write_frame(study["sources"])
    return {_DICTIONARY: spreadsheet.write_text(dictionary_rows(study)), **tables}


def _dataset(study: Study, tables: Iterable[str], words: Words, base: str) -> Mapping[str, Any]:
    """Describe a study and its tables to search engines, as schema.org has it."""
    settings = study.settings
    is_described = settings.description not in ("", WRITTEN)
    licence = {"name": settings.licence_title or settings.licence, "identifier": settings.licence}
    is_cited = settings.main_source in study.bibliography.entries
    described = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": settings.title,
        "description": settings.description if is_described else counted_claims("home", study, words),
        "url": base,
        "creator": [{"name": name} for name in settings.authors],
        "license": {"@type": "CreativeWork", **licence} if settings.licence else "",
        "datePublished": str(settings.year or ""),
        "inLanguage": settings.languages,
        "spatialCoverage": [{"@type": "Place", "name": words(f"country.{code}")} for code in study.countries],
        "citation": study.cite(settings.main_source) if is_cited else "",
        "distribution": [
            {
                "@type": "DataDownload",
                "name": name,
                "description": table_summary(name),
                "encodingFormat": "text/csv",
                "contentUrl": f"{base}tables/{name}.csv",
            }
            for name in tables
        ],
    }
    return {key: value for key, value in described.items() if value}
