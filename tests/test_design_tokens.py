"""The colours and sizes of the pages: readable on both grounds, told apart by everybody, and used everywhere."""

import re
from itertools import combinations

import pytest
from coloraide import Color
from conftest import ROOT

from research_lib.show.widgets.workbench.workbench import Workbench

PAGES = ROOT / "research_lib/show/pages"
THEME = (PAGES / "shared/theme.css").read_text(encoding="utf-8")
HUES = ("kin", "agency", "smuggler", "herself", "measure")
SEEN_BY = (None, "protan", "deutan", "tritan")
WIDGETS = ROOT / "research_lib/show/widgets"
SHEETS = sorted(path for path in [*PAGES.glob("*/*.css"), *WIDGETS.glob("*.css")] if path.name != "theme.css")


def tokens(scheme):
    """The variables of a scheme; what the dark one does not name it has from the light one."""
    light, dark = re.findall(r":root \{(.*?)\}", THEME, re.DOTALL)[:2]
    found = {**dict(re.findall(r"--([\w-]+): ([^;]+);", light))}
    return found | (dict(re.findall(r"--([\w-]+): ([^;]+);", dark)) if scheme == "dark" else {})


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "panel"])
@pytest.mark.parametrize("name", [*HUES, "ink", "muted", "link", "grey"])
def test_a_colour_of_text_and_lines_is_readable(scheme, ground, name):
    found = tokens(scheme)
    assert Color(found[name]).contrast(found[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("sight", SEEN_BY)
def test_two_hues_are_told_apart_by_every_sight(scheme, sight):
    hues = [Color(tokens(scheme)[name]) for name in HUES]
    seen = [hue.filter(sight) if sight else hue for hue in hues]
    assert min(one.delta_e(other, method="2000") for one, other in combinations(seen, 2)) >= 15


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.stem)
def test_a_page_takes_its_colours_and_its_sizes_of_text_from_the_tokens(sheet):
    text = sheet.read_text(encoding="utf-8")
    assert re.findall(r"(?<!&)#[0-9a-fA-F]{3,8}\b(?! [.>{]|[\w-]*[ ,:{.])", text) == []
    used = set(re.findall(r"var\(--([a-z0-9-]+)\)", text))
    written = [*PAGES.glob("*/*.j2"), *PAGES.glob("*/*.css"), *WIDGETS.glob("*.mjs")]
    parts = "".join(path.read_text(encoding="utf-8") for path in written)
    own = set(re.findall(r"--([a-z0-9-]+)(?:: ?|\")", text + parts))
    assert used - set(tokens("light")) - own == set()
    assert re.findall(r"font-size: (?:\.\d+|1\.\d+|\d+)rem", text) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.stem)
def test_no_text_is_set_smaller_than_twelve_pixels_on_screen(sheet):
    text = sheet.read_text(encoding="utf-8").split("@media print")[0]
    assert [size for size in re.findall(r"font-size: ([\d.]+)px", text) if float(size) < 12] == []


PACKAGE = ROOT / "research_lib"
WRITTEN = sorted(path for kind in ("py", "css", "mjs", "j2") for path in PACKAGE.rglob(f"*.{kind}"))
COLOUR = re.compile(r"(?<![&\w])#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b|rgb\([^)]*\)")


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_hue_stands_outside_the_tokens(path):
    known = {value for scheme in ("light", "dark") for value in tokens(scheme).values()}
    found = {colour for colour in COLOUR.findall(path.read_text(encoding="utf-8")) if colour not in known}
    assert [colour for colour in found if Color(colour).convert("oklch")["chroma"] > 0.03] == []


def test_the_coding_desk_has_the_tokens_of_both_schemes_and_a_look_for_each_family():
    sheet, module = Workbench._css, (WIDGETS / "workbench/workbench.mjs").read_text(encoding="utf-8")
    light, dark = sheet.split('[data-jp-theme-light="false"] .desk {', 1)
    for scheme, rules in (("light", light), ("dark", dark)):
        assert [name for name in HUES if f"--{name}: {tokens(scheme)[name]};" not in rules] == []
    looks = re.findall(r"desk-(\d-\d)\) \{ text-decoration: underline (\w+) 2px var\(--(\w+)\)", sheet)
    hues, styles = (int(re.search(rf"{name} = (\d)", module)[1]) for name in ("HUES", "STYLES"))
    assert {at for at, _, _ in looks} == {f"{hue}-{style}" for hue in range(hues) for style in range(styles)}
    assert len({(style, hue) for _, style, hue in looks}) == len(looks) and {hue for *_, hue in looks} == {*HUES}
    for at, style, hue in looks:
        assert (
            f".hue-{at[0]} {{ --hue: var(--{hue}); }}" in sheet and f".style-{at[2]} {{ --style: {style}; }}" in sheet
        )
