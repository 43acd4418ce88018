"""How much there is in the XML of a project: what would have to be held at once is counted before anything is."""

from collections.abc import Callable
from typing import BinaryIO
from xml.parsers import expat

from research_lib.errors import CodingError

MOST_HELD, PIECE = 2_000_000, 1 << 20
FORGOTTEN = frozenset(
    [
        *("PlainTextSelection", "TextSource", "PictureSource", "PDFSource", "AudioSource", "VideoSource"),
        *("Link", "Graph", "Note", "Case", "Set"),
    ]
)


def refuse_too_much(open_xml: Callable[[], BinaryIO], place: str) -> None:
    """Raise CodingError where more than two million elements would be held in memory at once.

    An element of a kind that is read and forgotten counts until it ends; every other one until the end of the file.
    """
    with open_xml() as stream:
        elements = sum(piece.count(b"<") for piece in iter(lambda: stream.read(PIECE), b""))
    if elements <= MOST_HELD:
        return
    with open_xml() as stream:
        held = _most_held(stream)
    if held > MOST_HELD:
        reason = f"it has more than {MOST_HELD:,} elements that belong together or that the standard does not know"
        raise CodingError(f"{place}: {reason}; export the project again, or in parts")


def _most_held(stream: BinaryIO) -> int:
    """The largest number of elements that are held at once; what is malformed is left to the reader of it."""
    before: list[int] = []
    held = most = 0

    def start(*_: object) -> None:
        nonlocal held
        before.append(held)
        held += 1

    def end(name: str) -> None:
        nonlocal held, most
        most = max(most, held)
        earlier = before.pop()
        if name.rpartition(":")[2] in FORGOTTEN:
            held = earlier

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        while most <= MOST_HELD and held <= MOST_HELD and (piece := stream.read(PIECE)):
            parser.Parse(piece)
    except (expat.ExpatError, ValueError, LookupError):
        return max(most, held)
    return max(most, held)
