"""The French of the tables, the catalogues and the questionnaires: numbers, names and words as French writes them."""

import csv
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = [ROOT / "research_lib/show/catalogues/fr.po", ROOT / "data/phrases/fr.po"]
TABLES = [path for folder in ("data", "data/tables", "data/curated") for path in sorted((ROOT / folder).glob("*.csv"))]
FORMS = sorted((ROOT / "research_lib/interviews/forms/common").glob("*.csv"))
SPACE = "\N{NARROW NO-BREAK SPACE}"
ENGLISH_THOUSANDS = re.compile(r"(?<![\d,])\d{1,3}(?:,\d{3})+(?![\d,])")
THOUSANDS_APART = re.compile(r"(?<![\d.,/-])\d{1,3}(?:[ \N{NO-BREAK SPACE}]\d{3})+(?!\d)")
DIGITS = re.compile(rf"(?<![\w.,/{SPACE}-])\d{{4,}}(?![\w/{SPACE}-])")

CALQUES = """
amené\\w* [^.;]*par la traite               | victimes de traite de X vers Y
tables? de (Gênes|concertation)            | réseau de concertation
conseil social\\b                           | accompagnement social
aide pour les administrations              | aide dans les démarches
maisons autonomes                          | logements autonomes
ségrégué                                   | à l'écart
anecdotique                                | ponctuel
multi-(organismes|acteurs)                 | multipartenarial
travail sexuel                             | travail du sexe
[Oo]pérateur\\w* soci                       | intervenant social
mise?s? à l'amende                         | condamnées à une amende
peut-être victimes?                        | présumée victime
(femmes|personnes|[Cc]hinoises) en prostitution | en situation de prostitution
(autorité|service)s? (répressi|de répression)   | forces de l'ordre
(pornographie|prostitution) enfantine      | pédopornographie, prostitution d'enfants
exploitées sexuellement                    | en situation d'exploitation sexuelle
à fins d                                   | à des fins de
agences? d'emploi chinoise                 | agence de placement
victimes de la traite                      | victimes de traite
autrices?\\b                                | auteure
"""
NAMES = """
Maják nádeje                            | Phare de l'espoir, Lighthouse of Hope
Pomoc deťom v ohrození                  | Aide aux enfants en danger, Help to Children in Danger
Centre d'information sur les migrations | Migration Information Cent, Centre d'information sur la migration
l'Amicale du Nid                        | d'Amicale du Nid
Vietnam                                 | Viêt Nam, Viet Nam
Nations unies                           | Nations Unies
Europe occidentale                      | Europe de l'Ouest
coordinateur national                   | coordonnateur
"""


def pairs(table):
    return [tuple(re.split(r" +\| ", line)) for line in table.strip().splitlines()]


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def translated():
    """Each French text of the tables: its place, its English and its French."""
    for path in TABLES:
        for number, row in enumerate(rows(path), start=2):
            for name in row:
                if name.endswith("_fr") and row[name]:
                    yield f"{path.name} {number} {name}", row.get(name.removesuffix("_fr")) or "", row[name]


def phrases():
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file):
                forms = message.string if isinstance(message.string, tuple | list) else [message.string]
                yield from ((f"{path.parent.name} {message.id}", form) for form in forms if message.id)


def labels():
    for path in FORMS:
        columns = []
        for number, row in enumerate(csv.reader(path.read_text(encoding="utf-8").splitlines()), start=1):
            columns = [place for place, cell in enumerate(row) if "French" in cell] or columns
            yield from ((f"{path.name} {number}", row[place]) for place in columns if place < len(row))


def french():
    yield from ((place, text) for place, _, text in translated())
    yield from phrases()
    yield from labels()


def loose_numbers(text):
    """The numbers of a French text whose thousands have no narrow space; a number of four digits may be a year."""
    apart = THOUSANDS_APART.findall(text)
    return apart + [digits for digits in DIGITS.findall(text) if not 1900 <= int(digits) <= 2099]


def test_thousands_have_a_narrow_space():
    assert [(place, found) for place, text in french() if (found := loose_numbers(text))] == []


def test_a_number_with_thousands_is_the_same_in_both_languages():
    for place, english, text in translated():
        for number in ENGLISH_THOUSANDS.findall(english):
            assert number.replace(",", SPACE) in text, (place, number)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1 200 euros en 2005", ["1 200"]),
        ("22036 femmes", ["22036"]),
        (f"1{SPACE}901 étrangers en 2005, décret n° 2007-1352, loi 305/2005", []),
    ],
)
def test_a_loose_number_is_found(text, found):
    assert loose_numbers(text) == found


@pytest.mark.parametrize(("calque", "better"), pairs(CALQUES))
def test_no_calque(calque, better):
    assert [(place, f"write: {better}") for place, text in french() if re.search(calque, text)] == []


@pytest.mark.parametrize(("name", "others"), pairs(NAMES))
def test_a_name_has_one_form(name, others):
    assert any(name in text for _, text in french())
    assert [place for place, text in french() for other in others.split(", ") if other in text] == []


def test_the_apostrophe_is_one_sign():
    assert [place for place, text in french() if "\N{RIGHT SINGLE QUOTATION MARK}" in text] == []


def test_signs_stand_apart_and_no_capital_has_lost_its_accent():
    wrong = re.compile(r"[^\s\d/][;!?»](?!\w*=)|«\S|\b(Etat|Ecole|Eglise|Emilie|Etudiant)")
    assert [(place, text) for place, text in french() if wrong.search(text.replace("&nbsp;", " "))] == []
