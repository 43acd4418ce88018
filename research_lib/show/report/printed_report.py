"""A study as a PDF file for readers of paper: the report on all countries or one, and a brief on one finding.

Typst sets it, as PDF/UA-1: with tags, bookmarks, alternative texts, and every font embedded.
"""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from babel.lists import format_list

from research_lib.errors import ResearchError, StudyError
from research_lib.evidence.study import Study
from research_lib.evidence.study_folders import OWN_STUDY
from research_lib.files.saving import save_file
from research_lib.show.material import Material, open_material
from research_lib.show.pages.about.about_content import about_content
from research_lib.show.pages.home.findings_shown import shown_findings
from research_lib.show.report import sections
from research_lib.show.report.blocks import Paragraph, Section, Strong, Table, Told, plain
from research_lib.show.report.law_section import law
from research_lib.show.words import Words, study_words

_TEMPLATE = Path(__file__).parent / "report.typ"
_NAMED = ("certainty.", "list.", "panel.", "home.later")  # phrases that the template needs by their key
_SIZES, _PAGES = (10.0, 9.5, 9.0, 8.5, 8.0, 7.5), 2  # points of a brief's type, the largest that leaves it two pages
_HAN = {"zh-Hant": "notosanstc", "ja": "notosansjp", "ko": "notosanskr"}


def write_report(
    to: Path, *, study: Path = OWN_STUDY, country: str = "", language: str = "", finding: str = ""
) -> Path:
    """Write the report on a study, or on one of its countries, or the brief on a finding, as PDF.

    Empty: all countries, the first language of the study, no finding. The same study gives the same bytes. Raises
    ResearchError for a country, language, finding or ending that there is not, and where the extra is missing;
    StudyError where the study has problems, or letters of which no font has a form; SavingError.
    """
    if to.suffix != ".pdf":
        raise ResearchError(f"{to}: a report is a PDF; name a file that ends in .pdf")
    if not all(map(find_spec, ("typst", "justmytype_intl_cjk"))):
        raise ResearchError('a report needs the extra "report"; install research-lib[report]')
    material = open_material(study)
    settings = material.study.settings
    language = language or settings.languages[0]
    _require("language", language, settings.languages)
    _require("country", country, material.study.countries)
    _require("finding", finding, [each.id for each in settings.findings])
    words = study_words(material.study, language)
    if finding:
        save_file(to, _fitting(_brief(material, words, finding), material.study))
    else:
        save_file(to, _printed(_report(material, words, country), material.study))
    return to


def _require(what: str, wanted: str, known: Sequence[str]) -> None:
    if wanted and wanted not in known:
        raise ResearchError(f"the study has no {what} {wanted!r}; it has {', '.join(known) or 'none'}")


def _report(material: Material, words: Words, country: str) -> dict[str, Any]:
    """The report as the template reads it; a part for which the study has no row is left out."""
    study = material.study
    told = Told(study, words, (country,) if country else study.countries)
    pages = material.pages
    parts = [
        sections.findings(told) if study.settings.findings else None,
        law(told) if "comparison" in pages else None,
        sections.journeys(told, material) if "routes" in pages else None,
        sections.networks(told) if "networks" in pages else None,
        sections.recommendations(told) if len(study["recommendations"]) else None,
        sections.statements(told),
        sections.figures(told) if len(study["figures"]) else None,
        sections.method(told, material),
        sections.limits(told, ("home", *(each for each in ("comparison", "routes", "networks") if each in pages))),
        sections.sources(told),
        sections.glossary(told, material) if len(study["glossary"]) else None,
    ]
    others = format_list([told.name(code) for code in study.countries if code != country], locale=words.locale)
    about = words("report.country" if others else "report.alone", country=told.name(country), others=others)
    about = about if country else ""
    head = _head(material, words, words("report.report"), about)
    return head | {"form": "report", "sections": [part for part in parts if part and part.blocks]}


def _brief(material: Material, words: Words, finding: str) -> dict[str, Any]:
    """The brief on a finding: what is known and how surely, its drawing, what is behind it, and what is not known."""
    told = Told(material.study, words, material.study.countries)
    every = shown_findings(material.study, words)
    at, shown = next((at, each) for at, each in enumerate(every, 1) if each.id == finding)
    columns = (words("home.column_text"), words("home.column_certainty"), words("home.column_said"))
    rows = tuple(
        (
            (Strong(f"{card.amount} {card.unit}".strip()), " " if card.amount else "", card.text),
            words(f"certainty.{card.certainty}"),
            words.listed(card.informants),
            told.source(card),
        )
        for card in shown.cards
    )
    behind = Table((*columns, words("home.column_source")), (7.4, 2.8, 3.0, 3.8), rows)
    known = (Paragraph(shown.text, "lede"), sections.certainties(shown, told), *sections.drawing(shown, told))
    rests = words.plural("home.rests", len(shown.cards))
    pages = [
        [Section(words("report.known"), known), sections.limits(told, ("home",))],
        [Section(rests, (behind,)), _cited(told)],
    ]
    nth = words("home.nth", number=words.number(at), all=words.number(len(every)))
    head = _head(material, words, words("report.brief"), nth)
    return head | {"form": "brief", "heading": plain(shown.title), "pages": pages}


def _cited(told: Told) -> Section:
    """The sources of a brief; how to cite the brief itself stands at its end."""
    sources = tuple(Paragraph(told.study.cite(key), "note") for key in told.cited)
    return Section(told.words("report.sources"), sources, follows=True)


def _head(material: Material, words: Words, kind: str, about: str) -> dict[str, Any]:
    """What a title page says."""
    settings, day = material.study.settings, material.study.settings.version_date
    context = about_content(material, words).context
    citations = {each.id: each.text for each in context["citations"]}
    return {
        "name": words("site.name"),
        "title": words("home.title"),
        "kind": kind,
        "about": about,
        "authors": settings.authors,
        "language": words.language,
        "version": words("report.version", date=words.date(day.isoformat())) if day else "",
        "licence": words("site.licence", licence=context["study_licence"]),
        "cite": words("about.cite"),
        "citation": citations["study"],
        "main_source": citations.get("source", ""),
        "main_source_label": words("about.cite_source"),
        "contents": words("report.contents"),
        "note": words("report.english") if words.language != "en" else "",
        "names": {key: text for key, text in words.phrases.items() if key.startswith(_NAMED)},
    }


def _fitting(content: Mapping[str, Any], study: Study) -> bytes:
    """Set a brief in the largest type in which it has two pages."""
    from pypdf import PdfReader

    for size in _SIZES:
        data = _printed({**content, "size": size}, study)
        if len(PdfReader(io.BytesIO(data)).pages) == _PAGES:
            return data
    raise ResearchError("the finding has more statements than two pages hold; take some out of it in study.toml")


def _printed(content: Mapping[str, Any], study: Study) -> bytes:
    import typst

    day = study.settings.version_date
    made = datetime.combine(day, time(), UTC) if day else datetime(1970, 1, 1, tzinfo=UTC)
    data = json.dumps(plain({"size": 9.5, **content}), ensure_ascii=False)
    compiler = typst.Compiler(
        str(_TEMPLATE), root=str(_TEMPLATE.parent), font_paths=_fonts(content["language"]), sys_inputs={"data": data}
    )
    try:
        printed = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=made)
    except typst.TypstError as error:
        raise StudyError(f"{study.path}: the report cannot be set ({error.message}); correct the text") from error
    if not isinstance(printed, bytes):
        raise StudyError(f"{study.path}: the report cannot be set as one file")
    return printed


@cache
def _fonts(language: str) -> Any:
    """The fonts of the pages, and one with Chinese letters, or those that another language writes for them."""
    import fontpkg
    import justmytype_intl_cjk
    import typst

    han = Path(justmytype_intl_cjk.__file__).parent / "fonts/ofl" / _HAN.get(language, "notosanssc")
    folders = [*(Path(fontpkg.path(family)).parent for family in ("Source Sans 3", "Source Serif 4")), han]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[*map(str, folders)])
