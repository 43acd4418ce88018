"""How fast a coding store of 100,000 codings in 500 documents answers: search, retrieval, consensus, a key on screen.

Makes the store once, in a folder that is given or in one that is thrown away; texts and places are drawn by seed. Each
question is asked several times. Prints a Markdown table of medians and of the first answer, which reads the texts.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from research_lib.coding import consensus
from research_lib.coding.assisted.coded_units import coded_units_of
from research_lib.coding.assisted.suggestion_list import suggestions
from research_lib.coding.codebook import Code, Codebook
from research_lib.coding.codings import as_codings
from research_lib.coding.corpus import Corpus, Document
from research_lib.coding.project import Coder, Project
from research_lib.coding.retrieval.code_matrices import code_by_document
from research_lib.coding.retrieval.passages import coded, retrieve
from research_lib.coding.retrieval.text_search import search
from research_lib.coding.retrieval.word_counts import word_counts
from research_lib.coding.storage.store import Store
from research_lib.coding.storage.transfer import add_project
from research_lib.show.widgets.workbench.workbench import Workbench

RUNS, DOCUMENTS, CODINGS, CHARACTERS, CODES = 7, 500, 100_000, 12_000, 60
STROKES = 60
WORDS = {
    "en": "nobody asked where the money went when they came to town and she never said who had paid for the journey",
    "fr": "personne n’a demandé où l’argent était allé quand elles sont arrivées à la ville et d’où venait sa sœur",
    "sk": "nikto sa nepýtal kam išli peniaze keď prišli do mesta a kto zaplatil cestu ďalej na západ",
    "zh-Hans": "没有 人 问 钱 到 哪里 去了 她们 来 到 城里 以后 谁 也 没 说 路费 是 谁 付 的",
}


def text(language: str, draw: np.random.Generator) -> str:
    """Sentences of 6 to 20 words, five to a paragraph; every second one begins with a rare word, a number."""
    words = WORDS[language].split()
    gap, stop = ("", "。") if language == "zh-Hans" else (" ", ". ")
    parts, length = [], 0
    while length < CHARACTERS:
        chosen = [words[at] for at in draw.integers(0, len(words), draw.integers(6, 21))]
        chosen[0] = f"n{draw.integers(0, 20_000)}" if draw.random() < 0.5 else chosen[0].capitalize()
        parts.append(gap.join(chosen) + (stop.strip() + "\n" if len(parts) % 5 == 4 else stop))
        length += len(parts[-1])
    return "".join(parts)


def project(seed: int = 30) -> Project:
    """The whole study: 500 documents of four languages, 60 codes in two levels, 100,000 segments of three coders."""
    draw, languages = np.random.default_rng(seed), list(WORDS)
    documents = tuple(
        Document(f"d{n}", f"Interview {n}", text(languages[n % 4], draw), languages[n % 4], None, {"site": f"s{n % 7}"})
        for n in range(DOCUMENTS)
    )
    codes = tuple(Code(f"c{n}", f"Code {n}", f"c{n % 10}" if n >= 10 else None) for n in range(CODES))
    start = draw.integers(0, CHARACTERS - 500, CODINGS)
    rows = pd.DataFrame(
        {
            "document": [f"d{n}" for n in draw.integers(0, DOCUMENTS, CODINGS)],
            "start": start,
            "end": start + draw.integers(20, 400, CODINGS),
            "code": [f"c{n}" for n in draw.integers(0, CODES, CODINGS)],
            "coder": draw.choice(["ana", "ben", "eva"], CODINGS),
        }
    )
    coders = tuple(map(Coder, ("ana", "ben", "eva")))
    return Project("At size", Codebook(codes), Corpus(documents), as_codings(rows), coders)


def opened(folder: Path) -> Store:
    """The store of a folder, made where it is not there."""
    path = folder / "coding.sqlite"
    is_new = not path.exists()
    store = Store(path)
    if is_new:
        add_project(project(), store, coder="ana")
        for document in store.documents()["document"]:
            for coder in ("ana", "ben", "eva"):
                store.finish(document, coder=coder)
    return store


def questions(store: Store) -> dict[str, Callable[[], int]]:
    """What is timed, each with the number of rows or cells that it gives; the first three with all texts in memory."""
    held = coded(store)
    found: dict[str, Callable[[], int]] = {
        "search, one rare word": lambda: len(search(held.corpus, "n777*")),
        "search, two words in a sentence": lambda: len(search(held.corpus, "n77* sœur")),
        "search, a Chinese word": lambda: len(search(held.corpus, "路费 n7*")),
        "search, a common phrase": lambda: len(search(held.corpus, "the money", "phrase")),
        "search, regular expression": lambda: len(search(held.corpus, r"\bn77\d\b", "regex")),
        "retrieve a code": lambda: len(retrieve(held, codes="c11")),
        "retrieve a code, its texts read anew": lambda: len(retrieve(store, codes="c11")),
        "retrieve a code and its sub-codes": lambda: len(retrieve(held, codes="c1")),
        "retrieve, inside another code, one site": lambda: len(
            retrieve(held, codes="c1", inside="c2", where={"site": "s1"})
        ),
        "retrieve, near another code": lambda: len(retrieve(held, codes="c11", near="c2", distance=50)),
        "code × document": lambda: code_by_document(held).size,
        "consensus: the list of differences": lambda: len(consensus.differences_of(store)),
        "word counts": lambda: len(word_counts(held.corpus)),
        "sentences and who gave each of 60 codes to them": lambda: coded_units_of(store).labels.size,
        "suggestions, from all that is coded": lambda: len(
            suggestions(store, coder="zoe", is_blind=False, has_meanings=False)
        ),
    }
    return found


def strokes(folder: Path) -> list[float]:
    """How long, in ms, the workbench takes from a command of the screen to what the screen shows then."""
    workbench = Workbench(folder, coder="ana")
    workbench.send = lambda *_: None  # nobody listens
    draw, times = np.random.default_rng(1), []
    for stroke in range(STROKES):
        start = int(draw.integers(0, CHARACTERS - 500))
        place = {"document": "d1", "start": start, "end": start + 40, "code": f"c{stroke % 10 + 10}"}
        for command in ({"do": "add", **place}, {"do": "undo"}, {"do": "redo"}):
            begun = time.perf_counter()
            workbench._answer(workbench, command, [])
            times.append(1000 * (time.perf_counter() - begun))
    workbench.store.close()
    return times


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else scratch)
        with opened(folder) as store:
            tabulate(store)
        times = strokes(folder)
        middle, late = np.percentile(times, [50, 95])
        print(f"\na key on screen, coding, undo and redo: median {middle:.0f} ms, 95 % within {late:.0f} ms")


def tabulate(store: Store) -> None:
    """Ask each question several times, and print a row each."""
    print("| question | rows | first, ms | median, ms |\n|---|---|---|---|")
    for name, ask in questions(store).items():
        times, rows = [], 0
        for _ in range(RUNS):
            begun = time.perf_counter()
            rows = ask()
            times.append(1000 * (time.perf_counter() - begun))
        print(f"| {name} | {rows:,} | {times[0]:.0f} | {statistics.median(times[1:]):.0f} |", flush=True)


if __name__ == "__main__":
    main()
