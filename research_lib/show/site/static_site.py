"""A site that needs no server: a study's pages in every language and its tables, as files with relative links."""

import hashlib
import html
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from research_lib.errors import ResearchError
from research_lib.evidence.data_dictionary import dictionary_rows, table_files, table_summary
from research_lib.evidence.settings import WRITTEN
from research_lib.evidence.study import Study
from research_lib.evidence.table_reading import LARGEST
from research_lib.files import spreadsheet
from research_lib.files.drafts import finish_unfinished
from research_lib.files.locking import LOCK_FILE, locked
from research_lib.files.opening import MB, read_text
from research_lib.files.saving import save_files
from research_lib.show.material import Material, open_material
from research_lib.show.pages.addresses import Addresses
from research_lib.show.pages.link_picture import link_picture
from research_lib.show.pages.shared.content import counted_claims
from research_lib.show.site.rendering import render
from research_lib.show.site.responses import error_page, meta_policy
from research_lib.show.words import Words, study_words

_LIST = "site.sha256"  # names each file of a site with its digest; `sha256sum -c` reads it
_DIGEST = 66  # letters of a line before the name
_DICTIONARY = "data_dictionary"
_CHARSET = '<meta charset="utf-8">'


def write_site(study: Path, to: Path, *, base: str = "") -> Path:
    """Write the pages of a study in all its languages, and its tables, into a folder.

    The folder is new, empty, or a site of this function, whose files are replaced all at once. The same study gives the
    same bytes. `base`: the address at which the site will stand; with it, each page names its own address.

    Raises ResearchError for another folder, or for a `base` that is no address; StudyError where the study has
    problems, LockedError, SavingError; then the folder is as it was.
    """
    if base and not re.fullmatch(r"https?://[^\s?#\"'<>]+", base):
        raise ResearchError(f"{base!r} is no address of a site; give one such as https://example.org/study/")
    finish_unfinished(to)
    _written_before(to)
    files = _site_files(open_material(study), f"{base.rstrip('/')}/" if base else "")
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    with locked(to):
        save_files(to, dict.fromkeys(_written_before(to)) | files | {_LIST: sums.encode()}, private=False)
        with suppress(OSError):  # the lock names this machine, and the folder is made to be given away
            (to / LOCK_FILE).unlink()
    return to


def _written_before(to: Path) -> list[str]:
    """The files of the site that a folder holds; raises ResearchError for a folder that holds something else."""
    if (to / _LIST).is_file():
        return [line[_DIGEST:] for line in read_text(to / _LIST, limit=MB).splitlines()]
    if to.exists() and (not to.is_dir() or any(not path.name.startswith(".") for path in to.iterdir())):
        raise ResearchError(f"{to} is no site that this command has written; name a new or an empty folder with --to")
    return []


def _site_files(material: Material, base: str) -> dict[str, bytes]:
    """Give all files of a site by their names."""
    study, languages = material.study, material.study.settings.languages
    tables = _tables(study)
    addresses = [Addresses(language, languages[0], base) for language in languages]
    files = {f"tables/{name}.csv": text.encode() for name, text in tables.items()}
    for address in addresses:
        files |= _pages(material, address, tables)
    names = [address.file(page) for address in addresses for page in material.pages]
    files["error.html"] = _sealed(_error_page(study, addresses))
    return files | ({"sitemap.xml": _sitemap(base, names)} if base else {})


def _pages(material: Material, address: Addresses, tables: Iterable[str]) -> dict[str, bytes]:
    """Give the pages in one language, each with its link picture."""
    words, files = study_words(material.study, address.language), {}
    for page in material.pages:
        dataset = _dataset(material.study, tables, words, address.base) if page == "home" else None
        document = render(page, material, words, address=address, dataset=dataset)
        head = document.data["head"]
        files[address.file(page)] = _sealed(document.html)
        picture = link_picture(head["heading"], head["description"], head["name"])
        files[f"pictures/{page}.{address.language}.png"] = picture
    return files


def _sealed(page: str) -> bytes:
    """Let a page itself say what it may load, since whoever gives it out may send no header."""
    policy = f'<meta http-equiv="Content-Security-Policy" content="{meta_policy(page)}">'
    return page.replace(_CHARSET, f"{_CHARSET}\n{policy}", 1).encode()


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
