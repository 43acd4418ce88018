"""Zip archives and XML that strangers sent: all is checked before anything is read, and nothing is written to disk."""

import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Buffer, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO, Self
from xml.parsers import expat

from research_lib.errors import ResearchError, seen
from research_lib.files.opening import MB, objection

MOST_MEMBERS, LONGEST_LISTING, HIGHEST_RATIO = 20_000, 3 * MB, 200
LARGEST_FILE, LARGEST_TOTAL = 2048 * MB, 4096 * MB
OPAQUE = re.compile(r"\.(docx|xlsx|odt|docm|emz|odp|ods|pptx|wmz|xlsm)\Z", re.IGNORECASE)
ARCHIVE = re.compile(r"\.(7z|bz2|cab|gz|jar|lzma|qdpx|rar|tar|tbz2?|tgz|txz|xz|zip|zst)\Z", re.IGNORECASE)
ARCHIVE_START = re.compile(rb"(?s)PK(\x03\x04|\x05\x06)|\x1f\x8b|7z\xbc\xaf|Rar!\x1a|\xfd7zXZ|BZh[1-9]1AY|.{257}ustar")
BAD_NAMES = (
    (re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"), "its name has control characters"),
    (re.compile(r"\\"), "its name has a backslash"),
    (re.compile(r"^(/|[A-Za-z]:)"), "its name starts at a root or a drive"),
    (re.compile(r"(^|/)\.\.(/|$)"), "its name leads out of the archive with .."),
    (re.compile(r"(^|/)\.?(/|$)"), "its name has an empty part"),
)
END, END64, LOCATOR = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q4sLQL"), slice(-20, -16)
PACKINGS, UNREADABLE, NOT_A_FILE, LOCAL_HEADER = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED), 0x2061, 0x48, 30
PROLOG, STEP, PEEK, PIECE = MB, 256, 512, 1 << 16
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, UnicodeDecodeError)
ZIP_AGAIN = "unpack it and zip the files again, with a current program and without a password"
ASK, IN_PARTS, UNPACK = (
    "do not use it, and request it again",
    "send it in several parts",
    "unpack it first",
)


class UnsafeFileError(ResearchError):
    """A file from outside is refused, because reading it could do harm or because it is not what it says."""


@dataclass(frozen=True)
class Archive:
    """A checked archive, open for reading, to be used in a `with` statement; several members may be open at once.

    `members` has what it declares of each file by the key of its name (see `fold`), without folders, in their order.
    """

    members: dict[str, zipfile.ZipInfo] = field(repr=False)
    _path: Path
    _file: BinaryIO
    _contents: zipfile.ZipFile

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files."""
        return tuple(member.orig_filename for member in self.members.values())

    def open(self, name: str) -> BinaryIO:
        """Open one file for reading in pieces: never more bytes than the archive declares.

        Raises UnsafeFileError when there is none of exactly that name, and in reading when bytes are fewer or others.
        """
        member = self.members.get(fold(name))
        if member is None or member.orig_filename != name:
            raise _refusal(self._path, "the archive has no such file", "check the name", member=name)
        return io.BufferedReader(_Stream(self._path, self._contents, member), PIECE)

    def read(self, name: str, *, limit: int = 64 * MB) -> bytes:
        """Read one file whole; raises UnsafeFileError as `open` does, and when the file has more than `limit` bytes."""
        with self.open(name) as stream:
            if self.members[fold(name)].file_size > limit:
                raise _refusal(self._path, f"it has more than {limit:,} bytes", "make it smaller", member=name)
            return stream.read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def open_archive(path: Path | str) -> Archive:
    """Open a zip archive after checking all of its names, sizes and places.

    Office files in it are archives themselves: they are handed out as bytes and never opened here. Raises
    UnsafeFileError for whatever is not a plain archive of plain files.
    """
    if found := objection(path := Path(path)):
        raise UnsafeFileError(f"{path}: {found[0]}; {found[1]}.")
    with ExitStack() as close_when_refused:
        file = close_when_refused.enter_context(path.open("rb"))
        contents = _contents(path, file)
        for name, reason, fix in _objections(path, contents):
            raise _refusal(path, reason, fix, member=name)
        close_when_refused.pop_all()
    files = (info for info in contents.infolist() if info.orig_filename[-1] != "/")
    return Archive({fold(info.orig_filename): info for info in files}, path, file, contents)


def fold(name: str) -> str:
    """The key of a name: the same for names that some file systems take for one and the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def refuse_document_type(stream: BinaryIO, name: str) -> None:
    """Read XML up to its first start tag and refuse a document type or an entity.

    `name` is the file as people know it. Raises UnsafeFileError, also when the text before the first tag is malformed,
    is in an encoding that expat does not read, or is longer than 1 MB. The stream is left somewhere behind that tag.
    """
    parser, started = expat.ParserCreate(), list[bool]()

    def refuse(*_: object) -> None:
        raise UnsafeFileError(
            f"{name}, line {parser.CurrentLineNumber}: it declares a document type or entity; remove it."
        )

    parser.StartElementHandler = lambda *_: started.append(True)
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    for _ in range(0, PROLOG, STEP):
        chunk = stream.read(STEP)
        try:
            parser.Parse(chunk, not chunk)
        except (expat.ExpatError, ValueError, LookupError) as error:
            if not started:
                raise UnsafeFileError(
                    f"{name}: it is not well-formed XML ({error}); export it again as UTF-8."
                ) from error
        if started:
            return
    raise UnsafeFileError(
        f"{name}: no element within its first {PROLOG:,} bytes; export it again without the long opening."
    )


def _refusal(path: Path, reason: str, fix: str = ASK, *, member: str | bytes | None = None) -> UnsafeFileError:
    place = seen(str(path)) if member is None else f"{seen(str(path))}, member {member[:200]!r}"
    return UnsafeFileError(f"{place}: {reason}; {fix}.")


def _contents(path: Path, file: BinaryIO) -> zipfile.ZipFile:
    """The list of members: `zipfile` reads all of it at once, and so only where it is declared to be short."""
    start, length, count = _listing(path, file)
    if count > MOST_MEMBERS or length > LONGEST_LISTING:
        raise _refusal(path, f"it lists {count:,} members in {length:,} bytes, too many", IN_PARTS)
    try:
        contents = zipfile.ZipFile(file, metadata_encoding="utf-8")
    except DAMAGE as error:
        name = error.object if isinstance(error, UnicodeDecodeError) else None
        reason = f"the list of members is damaged or not UTF-8 ({error!s:.99})"
        raise _refusal(path, reason, ZIP_AGAIN, member=name) from error
    if (contents.start_dir, len(contents.infolist())) != (start, count):
        raise _refusal(path, "its list of members is damaged or miscounted", ZIP_AGAIN)
    return contents


def _listing(path: Path, file: BinaryIO) -> tuple[int, int, int]:
    """Where the list of members starts, and how many bytes and members it declares."""
    before = file.seek(max(0, file.seek(0, io.SEEK_END) - END64.size - END.size - 0xFFFF))
    place = (tail := file.read()).rfind(b"PK\5\6")
    if place < 0 or len(tail) - place < END.size:
        raise _refusal(path, "it is not a zip archive, or is cut short", "copy or export it again")
    _, *disks, _, count, length, start, comment = END.unpack_from(tail, place)
    end, wide = before + place, tail[max(0, place - END64.size) : place].rjust(END64.size)
    if wide[LOCATOR] == b"PK\6\7":
        end -= END64.size
        mark, *_, count, length, start, _, _, at, _ = END64.unpack(wide)
        disks += [mark != b"PK\6\6", at != end]
    if any(disks) or start + length != end or place + END.size + comment != len(tail):
        raise _refusal(path, "its list of members is not where it says", ZIP_AGAIN)
    return start, length, count


def _objections(path: Path, contents: zipfile.ZipFile) -> Iterator[tuple[str | None, str, str]]:
    """The objections to an archive: member, reason and fix."""
    infos, keys = sorted(contents.infolist(), key=lambda info: info.header_offset), set[str]()
    total, size = sum(info.file_size for info in infos), path.stat().st_size
    for info, end in zip(infos, [*(info.header_offset for info in infos[1:]), contents.start_dir], strict=False):
        yield from ((info.orig_filename, *objection) for objection in _objections_to(info))
        if (key := fold(info.orig_filename.removesuffix("/"))) in keys:
            yield info.orig_filename, "its name occurs twice", ZIP_AGAIN
        if info.header_offset + LOCAL_HEADER + len(info.orig_filename.encode()) + info.compress_size > end:
            yield info.orig_filename, "it overlaps with another member or with their list", ASK
        keys.add(key)
    if total > LARGEST_TOTAL or total > max(MB, HIGHEST_RATIO * size):
        yield None, f"it would unpack to {total:,} bytes from {size:,}", IN_PARTS
    for info in infos:
        if ARCHIVE_START.match(_Stream(path, contents, info).read(PEEK)) and not OPAQUE.search(info.orig_filename):
            yield info.orig_filename, "it is an archive within the archive", UNPACK


def _objections_to(info: zipfile.ZipInfo) -> Iterator[tuple[str, str]]:
    name, size, packed, attributes = info.orig_filename, info.file_size, info.compress_size, info.external_attr
    yield from ((reason, ZIP_AGAIN) for pattern, reason in BAD_NAMES if pattern.search(name.removesuffix("/")))
    if info.flag_bits & UNREADABLE or info.compress_type not in PACKINGS:
        yield "it is encrypted or packed in an unusual way", ZIP_AGAIN
    if stat.S_IFMT(attributes >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR) or attributes & NOT_A_FILE:
        yield "it is a link or a device, not a file", "put the file itself into the archive"
    if size > LARGEST_FILE or size > max(MB, HIGHEST_RATIO * packed):
        yield f"it would unpack to {size:,} bytes from {packed:,}", ASK
    if (info.compress_type == zipfile.ZIP_STORED and size != packed) or (size and name.endswith("/")):
        yield "its declared sizes contradict each other", ASK
    if ARCHIVE.search(name):
        yield "it is an archive within the archive", UNPACK


class _Stream(io.RawIOBase):
    """The bytes of one member, in pieces, opened at the first; whatever is wrong with them is refused."""

    def __init__(self, path: Path, contents: zipfile.ZipFile, info: zipfile.ZipInfo):
        self._path, self._contents, self._info, self._left = path, contents, info, info.file_size
        self._member: IO[bytes] | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Fill a buffer with the next bytes; raises UnsafeFileError where they are not what the archive declares."""
        view, info = memoryview(buffer).cast("B"), self._info
        try:
            self._member = self._member or self._contents.open(info)
            data = self._member.read(min(len(view), PIECE))
            if self._left and not data:
                raise EOFError("it ends early")
        except DAMAGE as error:
            reason = f"it does not unpack to the {info.file_size:,} bytes that the archive declares ({error!s:.99})"
            raise _refusal(self._path, reason, member=info.orig_filename) from error
        self._left -= len(data)
        view[: len(data)] = data
        return len(data)
