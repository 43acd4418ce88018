"""The atlas: every page in every state that one action reaches, looked at by rules and laid out on sheets to look at.

Run as a script it opens the pages of both studies, writes contact sheets into build/atlas/ and prints what is wrong.
"""

import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from itertools import batched
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Error, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))

from conftest import BROWSERS, FLAGS, ROOT, axe_finds, resize
from second_study import make_second_study

from research_lib.show.site.build import Bundle, build

SHEETS = ROOT / "build/atlas"
SECOND_STUDY = ROOT / "build/orinoco"
SCRIPT = (Path(__file__).parent / "atlas.js").read_text(encoding="utf-8")
ADDRESS = "http://localhost/voila/render/"
FULL, PART, FEW = {"values": 60, "others": 2}, {"values": 3, "others": 2}, {"values": 1, "others": 1, "every": 12}
COLOURS = ("color-contrast", "link-in-text-block")  # rules of axe that are slow, and ask nothing of a language
WINDOWS = (
    ("en", 1280, "light", FULL),
    ("fr", 390, "light", PART),
    ("fr", 1280, "dark", FEW),
    ("en", 390, "dark", FEW),
    ("it", 390, "light", FEW),
    ("sk", 1280, "light", FEW),
    ("sk", 390, "light", FEW),
    ("zh-Hans", 1280, "light", FEW),
    ("zh-Hans", 390, "dark", FEW),
)
SECOND = (("fr", 1280, "light", FEW), ("en", 390, "dark", FEW))
LARGE = 0.05  # of a picture; a smaller area may have any colour
NEAR = 14  # of 255; so much may a colour differ from one of the theme or from a mixture of two


@dataclass(frozen=True)
class Window:
    """One page of a study as it is opened: in a language, a width and a colour scheme."""

    folder: Path
    study: str
    page: str
    language: str
    width: int
    scheme: str
    most: dict[str, int]

    @property
    def is_brief(self) -> bool:
        """Whether few states are looked at: the first screen of a page, and one address of each sort."""
        return "addresses" in self.most

    def __str__(self) -> str:
        return f"{self.study} {self.language} {self.width} {self.scheme}"


@dataclass
class State:
    """What was looked at: its name, the kind of action, the faults as kind, selector and words, and a small picture."""

    window: Window
    name: str
    faults: list[tuple[str, str, str]] = field(default_factory=list)
    picture: bytes = b""


def windows(folders: dict[str, Path]) -> list[Window]:
    """The windows in which every page of each built study is opened."""
    return [
        Window(folder, study, page, *window)
        for study, folder in folders.items()
        for page, languages in Bundle(folder).languages_by_page.items()
        for window in (WINDOWS if study == "own" else SECOND)
        if window[0] in languages
    ]


class Opened:
    """A page in a browser that answers from the built folder, so that nothing is asked of any other host."""

    def __init__(self, browser, window: Window):
        self.window, self.heard, self.asked = window, [], 0
        size = {"width": window.width, "height": 900 if window.width > 600 else 844}
        self.context = browser.new_context(viewport=size, color_scheme=window.scheme, reduced_motion="reduce")
        self.context.set_default_timeout(60_000)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.context.add_init_script(SCRIPT)
        self.context.route("**/*", self._answer)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.heard.append(("complaint", "", str(error)[:160])))
        self.page.on("console", self._listen)
        self.nothing = _small(Image.new("RGB", tuple(size.values())))
        self.address = f"{ADDRESS}{window.page}.ipynb?lang={window.language}"

    def _listen(self, message) -> None:
        if message.type == "error":
            self.heard.append(("complaint", "", message.text[:160]))

    def _answer(self, route) -> None:
        bundle, (name, _, kind) = (
            Bundle(self.window.folder),
            route.request.url.split("?")[0].split("/")[-1].partition("."),
        )
        if route.request.url.startswith(ADDRESS) and kind == "ipynb" and name in bundle.languages_by_page:
            self.asked += 1
            language = bundle.language(name, self.window.language)
            route.fulfill(body=_document(self.window.folder, name, language), content_type="text/html")
            return
        self.heard.append(("request", "", route.request.url[:120]))
        route.abort()

    def open(self, query: str = "") -> dict:
        self.page.goto(self.address + query, wait_until="commit")
        self.page.wait_for_selector('main[data-usable="true"]')
        return self.page.evaluate(
            "async () => { await document.fonts.ready; await atlas.drawn(); return atlas.facts(); }"
        )

    def act(self, each) -> list:
        born, asked = self.page.evaluate("atlas.born"), self.asked
        faults = self.page.evaluate("each => atlas.act(each)", each)
        if each["act"] == "hover":
            self.page.mouse.move(*faults)
            faults = []
        if each["act"] == "follow":
            self.page.wait_for_timeout(100)
            if self.asked > asked:
                self.page.wait_for_function("born => window.atlas && atlas.born !== born", arg=born)
                self.page.wait_for_selector('main[data-usable="true"]')
                self.page.evaluate("atlas.drawn()")
        return faults + self.page.evaluate("atlas.inView()")

    def barriers(self) -> list[tuple[str, str, str]]:
        found = axe_finds(self.page, leave_out=COLOURS if self.window.is_brief else ())
        return [("barrier", rule, mark) for rule, _, marks in found for mark in marks]

    def look(self, name: str, *, colours, faults=(), notice: bool = False, whole: bool = False) -> Iterator[State]:
        """The state that stands in the browser now, a tall page as several pictures."""
        seen = self.page.evaluate("atlas.check()")
        found = [*map(tuple, faults), *map(tuple, seen["faults"]), *self.heard]
        if notice != bool(seen["notices"]):
            found.append(("notice", ", ".join(seen["notices"]), "without a cause" if not notice else "is missing"))
        self.heard.clear()
        shot = Image.open(BytesIO(self.page.screenshot(full_page=whole))).convert("RGB")
        tall = self.page.viewport_size["height"]
        for top in range(0, shot.height, tall):
            part = shot.crop((0, top, shot.width, min(top + tall, shot.height)))
            strange = _strange_colours(part, colours) if part.height > tall / 2 else []
            yield State(self.window, name if not top else f"{name}, from {top} px", [*found, *strange], _small(part))
            found = []


@cache
def _document(folder: Path, page: str, language: str) -> str:
    return Bundle(folder).document(page, language)


def _small(picture: Image.Image) -> bytes:
    width = 384 if picture.width > 600 else 195
    kept = BytesIO()
    picture.resize((width, max(1, round(picture.height * width / picture.width))), Image.Resampling.LANCZOS).save(
        kept, "PNG"
    )
    return kept.getvalue()


def _strange_colours(picture: Image.Image, theme) -> Iterator[tuple[str, str, str]]:
    """Large areas of pure black, or of a colour that is none of the theme's nor a mixture of two of them."""
    few = picture.resize((160, 110), Image.Resampling.NEAREST)
    for count, colour in few.getcolors(160 * 110):
        if count < LARGE * 160 * 110:
            continue
        is_black = colour == (0, 0, 0) and (0, 0, 0) not in map(tuple, theme)
        if is_black or min(_distance(colour, one, other) for one in theme for other in theme) > NEAR:
            yield ("colour", "", f"#{bytes(colour).hex()} on {count / 176:.0f} %")


def _distance(colour, one, other) -> float:
    """How far a colour is from the nearest mixture of two."""
    along = [b - a for a, b in zip(one, other, strict=True)]
    length = sum(step * step for step in along)
    share = sum((c - a) * step for c, a, step in zip(colour, one, along, strict=True)) / length if length else 0
    share = min(max(share, 0), 1)
    return max(abs(c - a - share * step) for c, a, step in zip(colour, one, along, strict=True))


def states(browser, window: Window) -> Iterator[State]:
    """Every state of a page that one action reaches in one window."""
    opened = Opened(browser, window)
    try:
        facts = opened.open()
        colours = facts["colours"]
        lost = [("leads nowhere", href, "a link of the page") for href in facts["lost"]]
        whole = window.study == "own" and not window.is_brief
        yield from opened.look("as it opens", colours=colours, faults=lost, whole=whole)
        queries: dict[str, str] = {}
        yield from _acted(opened, opened.page.evaluate("most => atlas.find(most)", window.most), colours, queries)
        yield from _addressed(opened, facts, queries)
        yield from _unfolded(opened, colours)
        if window.study == "own":
            yield from _printed(opened)
    finally:
        opened.context.close()


def _acted(opened: Opened, found, colours, queries) -> Iterator[State]:
    is_fresh = True
    for each in found:
        if not is_fresh:
            opened.open()
        many = f" (one of {each['of']})" if each["of"] > 1 else ""
        name = f"{each['act']} {each['said']} {each['value']}{many}"
        try:
            yield from opened.look(name, colours=colours, faults=opened.act(each))
            _keep_query(opened, queries)
            opened.page.mouse.move(0, 0)
            is_fresh = opened.page.evaluate("atlas.undo?.() ?? false")
        except Error as error:
            yield State(opened.window, name, [("stopped", "", str(error)[:160])], opened.nothing)
            is_fresh = False


def _keep_query(opened: Opened, queries: dict[str, str]) -> None:
    """Remember one address of each kind that an action has written."""
    query = re.sub(r"^\?(lang=[\w-]+)?&?", "", opened.page.evaluate("location.search"))
    if query:
        queries.setdefault(re.sub(r"=[^&]*", "", query), query)


def _addressed(opened: Opened, facts, queries) -> Iterator[State]:
    is_brief = opened.window.is_brief
    for query in [*queries.values()][: opened.window.most.get("addresses")]:
        opened.open(f"&{query}")
        shown = opened.page.evaluate("atlas.isChoiceInView()")
        faults = [] if shown else [("out of the window", query.split("=")[0], "the address names it")]
        faults += [] if is_brief else opened.barriers()
        yield from opened.look(f"address {query}", colours=facts["colours"], faults=faults)
    for wrong in ["&".join(facts["wrong"])] if is_brief else facts["wrong"]:
        opened.open(f"&{wrong}")
        yield from opened.look(f"address {wrong}", colours=facts["colours"], notice=True)
    if facts["nothing"]:
        opened.open(f"&{facts['nothing']}")
        yield from opened.look(f"address {facts['nothing']}", colours=facts["colours"])


def _unfolded(opened: Opened, colours) -> Iterator[State]:
    opened.open()
    opened.page.evaluate("() => { for (const each of document.querySelectorAll('main details')) each.open = true; }")
    yield from opened.look("everything unfolded", colours=colours, faults=opened.barriers())


def _printed(opened: Opened) -> Iterator[State]:
    opened.open()
    opened.page.emulate_media(media="print")
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    resize(opened.page, 720, 1018)  # what A4 leaves between its margins
    colours = opened.page.evaluate("async () => { await atlas.drawn(); return atlas.facts().colours; }")
    yield from opened.look("printed", colours=[*colours, (255, 255, 255)], whole=not opened.window.is_brief)


# ---- the sheets and the table


def write_sheets(page: str, found: list[State]) -> list[str]:
    """Lay the pictures of a page out on sheets, each with its name; the names of states with faults are red."""
    font = ImageFont.load_default(11)
    names = []
    for width, across, most in ((384, 4, 12), (195, 7, 14)):
        taken = [one for one in found if Image.open(BytesIO(one.picture)).width == width]
        for part in batched(taken, most):
            pictures = [Image.open(BytesIO(one.picture)) for one in part]
            rows = [max(picture.height for picture in row) + 34 for row in batched(pictures, across)]
            sheet = Image.new("RGB", (across * (width + 8), sum(rows)), "#888888")
            draw = ImageDraw.Draw(sheet)
            for at, (one, picture) in enumerate(zip(part, pictures, strict=True)):
                left, top = at % across * (width + 8), sum(rows[: at // across])
                sheet.paste(picture, (left, top + 30))
                letters = width // 6
                said = f"{one.window}: {one.name}".replace("–", "-").replace("…", "...")
                draw.rectangle((left, top, left + width, top + 29), fill="#b00000" if one.faults else "#202020")
                draw.multiline_text(
                    (left + 3, top + 1), f"{said[:letters]}\n{said[letters : 2 * letters]}", "white", font
                )
            names.append(f"{page}-{len(names) + 1}.png")
            sheet.save(SHEETS / names[-1])
    return names


def faults_of(found: list[State]) -> list[tuple[str, ...]]:
    """Each fault once, with the first state that has it."""
    first: dict[tuple[str, ...], str] = {}
    for one in found:
        for fault in one.faults:
            first.setdefault((one.window.page, *fault), f"{one.window}: {one.name}")
    return [(*fault, name) for fault, name in first.items()]


def report(found: list[State]) -> str:
    """A table of states and faults by page, and each fault once: its first state, and in how many it stands."""
    pages = sorted({one.window.page for one in found})
    kinds = sorted({kind for one in found for kind, *_ in one.faults})
    lines = ["| page | states | " + " | ".join(kinds) + " |", "|---" * (len(kinds) + 2) + "|"]
    for page in pages:
        mine = [one for one in found if one.window.page == page]
        by_kind = Counter(kind for one in mine for kind, *_ in set(one.faults))
        lines.append(f"| {page} | {len(mine)} | " + " | ".join(str(by_kind[kind]) for kind in kinds) + " |")
    stands: dict[tuple[str, ...], list[tuple[State, str]]] = {}
    for one in found:
        for kind, where, what in {fault[:2]: fault for fault in reversed(one.faults)}.values():
            stands.setdefault((one.window.page, kind, where), []).append((one, what))
    lines += ["", "| page | fault | where | what, first | first state | states |", "|---|---|---|---|---|---|"]
    for key, ((one, what), *others) in sorted(stands.items(), key=lambda each: each[0]):
        cells = [each.replace("|", "/") for each in (*key, what, f"{one.window}: {one.name}", str(1 + len(others)))]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


@contextmanager
def _chromium() -> Iterator:
    path = next(found for name in BROWSERS if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=list(FLAGS))


def _one_page(window: Window) -> list[State]:
    with _chromium() as browser:
        return list(states(browser, window))


def main(*pages: str) -> int:
    """Draw the atlas of the named pages, or of all; 1 where there are faults."""
    started = time.monotonic()
    shutil.rmtree(SHEETS, ignore_errors=True)
    SHEETS.mkdir(parents=True)
    shutil.rmtree(SECOND_STUDY, ignore_errors=True)
    with ProcessPoolExecutor(2) as pool:
        folders = {"own": build().folder, "second": build(make_second_study(SECOND_STUDY)).folder}
        chosen = [window for window in windows(folders) if not pages or window.page in pages]
        found = []
        for window, part in zip(chosen, pool.map(_one_page, chosen), strict=True):
            found += part
            sys.stderr.write(f"{time.monotonic() - started:4.0f} s {window.page} {window}: {len(part)} pictures\n")
    for page in sorted({one.window.page for one in found}):
        write_sheets(page, [one for one in found if one.window.page == page])
    text = report(found)
    (SHEETS / "report.md").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(f"{text}\n\n{len(found)} pictures in {time.monotonic() - started:.0f} s: {SHEETS}\n")
    return int(any(one.faults for one in found))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
