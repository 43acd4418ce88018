"""REFI-QDA, the format that programs for qualitative analysis exchange: projects (.qdpx) and codebooks (.qdc).

Nothing is dropped silently: `Project.losses` says what a file held that a project here has no place for, and
`write_project` returns what could not be written. Texts are never altered; positions are converted to code points.
"""

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from research_lib.coding.codebook import Codebook
from research_lib.coding.corpus import Document
from research_lib.coding.project import Loss, Losses, Project, Set
from research_lib.errors import CodingError
from research_lib.exchange.refi.assembly import Assembly
from research_lib.exchange.refi.identifiers import guid_of
from research_lib.exchange.refi.raw_contents import ProjectFiles, files_in
from research_lib.exchange.refi.selection_offsets import CONVENTIONS
from research_lib.exchange.refi.xml_reader import read_contents
from research_lib.exchange.refi.xml_writer import ProjectWriter, codebook_parts
from research_lib.files.archives import open_archive
from research_lib.files.content_kind import REFI_QDA, SQLITE, ZIP, content_kind
from research_lib.files.opening import objection, open_file
from research_lib.files.saving import written_beside

_FAST = 1


def read_project(path: Path | str, *, positions: str | None = None) -> Project:
    """Read a project (.qdpx) or a codebook (.qdc), whichever program wrote it.

    `positions` says how that program counts, such as `code points` or `utf-16, CRLF as one`, where the file leaves it
    open. Raises CodingError for a file that is not a project, and UnsafeFileError for one that could do harm.
    """
    if positions not in (None, *CONVENTIONS):
        raise CodingError(f"positions={positions!r} is not a way of counting; choose one of: {'; '.join(CONVENTIONS)}")
    with _files(Path(path)) as files:
        losses = Losses()
        return Assembly(read_contents(files, losses, convention=CONVENTIONS.get(positions or "")), losses).project()


def read_codebook(path: Path | str) -> Codebook:
    """Read the codebook of a .qdc or .qdpx file; `read_project` also gives its sets, and what was left out."""
    return read_project(path).codebook


def write_project(project: Project, path: Path | str) -> tuple[Loss, ...]:
    """Write a project (.qdpx), the same bytes for the same project, and return what could not be written.

    Raises CodingError for a text that has no spelling in UTF-8; then nothing is written.
    """
    losses = Losses()
    texts = [(f"sources/{guid_of('document', each.id)}.txt", _encoded(each)) for each in project.corpus]
    parts = ProjectWriter(project, losses).parts()
    with (
        written_beside(Path(path)) as new,
        zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED, compresslevel=_FAST) as archive,
    ):
        with archive.open("project.qde", "w", force_zip64=True) as stream:
            for part in parts:
                stream.write(part.encode())
        for name, text in texts:
            with archive.open(name, "w") as stream:
                stream.write(text)
    return losses.listed()


def write_codebook(codebook: Codebook, path: Path | str, *, sets: Iterable[Set] = ()) -> tuple[Loss, ...]:
    """Write a codebook (.qdc), with sets of codes where there are some, and return what could not be written.

    Raises CodingError for a codebook without a code, which the standard does not allow.
    """
    if not len(codebook):
        raise CodingError("codebook: it has no code, and a .qdc file has at least one; add a code")
    losses = Losses()
    with written_beside(Path(path)) as part:
        part.write_text("".join(codebook_parts(codebook, tuple(sets), losses)), encoding="utf-8", newline="\n")
    return losses.listed()


@contextmanager
def _files(path: Path) -> Iterator[ProjectFiles]:
    what, _ = (None if objection(path) else content_kind(path)) or (ZIP, "")
    if what not in (ZIP, REFI_QDA):
        also = ", as QualCoder and Taguette have; read it with those" if what == SQLITE else "; give a .qdpx or .qdc"
        raise CodingError(f"{path}: it is {what}, not a REFI-QDA project{also}")
    if not objection(path) and not zipfile.is_zipfile(path) and path.suffix.lower() != ".qdpx":
        yield ProjectFiles(path.name, str(path), lambda: open_file(path))
    else:
        with open_archive(path) as archive:
            yield files_in(archive, path)


def _encoded(document: Document) -> bytes:
    """A text as UTF-8; one that begins with U+FEFF gets a mark before it, so that readers keep the character."""
    text = document.text
    try:
        return (f"\ufeff{text}" if text.startswith("\ufeff") else text).encode()
    except UnicodeEncodeError as error:
        half = f"the character at {error.start} is half of a pair and cannot be written; replace it"
        raise CodingError(f"document {document.id!r}: {half}") from error
