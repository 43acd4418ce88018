"""Archives and XML from strangers: honest ones are read, hostile ones are refused by name, quickly and in little memory."""

import io
import os
import random
import re
import stat
import struct
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_lib.errors import ResearchError
from research_lib.files import archives as module
from research_lib.files.archives import UnsafeFileError, fold, open_archive, refuse_document_type

MB = 1 << 20
ROOT = Path(__file__).resolve().parents[1]
CHILD = """
import sys, time
from pathlib import Path
from research_lib.files.archives import UnsafeFileError, open_archive, refuse_document_type
try:
    if sys.argv[1].endswith(".xml"):
        with open(sys.argv[1], "rb") as stream:
            refuse_document_type(stream, sys.argv[1])
    else:
        with open_archive(sys.argv[1]) as archive:
            for name in archive.names:
                with archive.open(name) as stream:
                    while stream.read(1 << 16):
                        pass
except UnsafeFileError as error:
    status = Path("/proc/self/status").read_text()
    print(status.split("VmHWM:")[1].split()[0], time.process_time(), error)
"""


@dataclass(frozen=True)
class Raw:
    """A member written byte by byte; what is None is true, what is given may be a lie."""

    name: bytes
    data: bytes = b"text"
    body: bytes | None = None
    method: int = 0
    flags: int = 0x800
    attributes: int = 0
    size: int | None = None
    crc: int | None = None
    local_name: bytes | None = None

    @property
    def packed(self) -> bytes:
        return self.data if self.body is None else self.body

    def numbers(self):
        crc = zlib.crc32(self.data) if self.crc is None else self.crc
        return crc, len(self.packed), len(self.data) if self.size is None else self.size

    def local(self):
        name = self.name if self.local_name is None else self.local_name
        head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, self.flags, self.method, 0, 33, *self.numbers(), len(name), 0)
        return head + name

    def central(self, offset):
        head = struct.pack("<4s6H3L", b"PK\1\2", 0x314, 20, self.flags, self.method, 0, 33, *self.numbers())
        return head + struct.pack("<5H2L", len(self.name), 0, 0, 0, 0, self.attributes, offset) + self.name


def closed(body, central, count, declared=None, *, wide=False):
    """An archive of these bytes: bodies, list of members, end."""
    number = count if declared is None else declared
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, min(number, 0xFFFF), min(number, 0xFFFF), len(central), len(body), 0)
    if number < 0xFFFF and not wide:
        return body + central + end
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, number, number, len(central), len(body))
    return body + central + end64 + struct.pack("<4sLQL", b"PK\6\7", 0, len(body) + len(central), 1) + end


def zipped(*members, declared=None):
    bodies, central, offset = [], [], 0
    for member in members:
        bodies.append(member.local() + member.packed)
        central.append(member.central(offset))
        offset += len(bodies[-1])
    return closed(b"".join(bodies), b"".join(central), len(members), declared)


def deflated(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def zeros(megabytes):
    """Many megabytes of zeros, deflated without making them: one block repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * megabytes + deflated(b"")


def overlapping(count, kernel=b"kernel"):
    """Members that lie within one another: each quotes the header of the next as stored bytes."""
    data, body, members = kernel, deflated(kernel), []
    for number in reversed(range(count)):
        member = Raw(f"{number:06}.txt".encode(), data, body, method=8)
        members.append((member, len(body)))
        head = member.local()
        data = head + data if len(data) < MB else data
        body = b"\0" + struct.pack("<2H", len(head), len(head) ^ 0xFFFF) + head + body
    members.reverse()
    whole = members[0][0].local() + members[0][0].packed
    central = b"".join(member.central(len(whole) - length - len(member.local())) for member, length in members)
    return closed(whole, central, count)


def many(count, last=b"text"):
    return zipped(
        *(Raw(f"sources/interview-{number:06}.txt".encode()) for number in range(count - 1)), Raw(b"last", last)
    )


def tar():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as file:
        file.addfile(tarfile.TarInfo("inner.txt"))
    return buffer.getvalue()


def nested(levels):
    data = zipped(Raw(b"innermost.txt"))
    for _ in range(levels):
        data = zipped(Raw(b"inner.dat", data))
    return data


def written(path, data):
    path.write_bytes(data)
    return path


def refusal(path, data):
    """The sentence an archive of these bytes is refused with."""
    written(path, data)
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(UnsafeFileError) as caught, open_archive(path) as archive:
        for name in archive.names:
            archive.read(name)
    assert sorted(path.parent.rglob("*")) == before
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "; " in message and message.endswith(".")
    return message


LINK, FIFO = (stat.S_IFLNK | 0o777) << 16, stat.S_IFIFO << 16
TEN = deflated(b"0123456789")
HOSTILE = {
    "dot dot": (Raw(b"../evil.txt"), "leads out", "'../evil.txt'"),
    "dot dot inside": (Raw(b"a/../../evil.txt"), "leads out", "'a/../../evil.txt'"),
    "root": (Raw(b"/etc/passwd"), "root or a drive", "'/etc/passwd'"),
    "drive": (Raw(b"C:evil.txt"), "root or a drive", "'C:evil.txt'"),
    "drive and backslash": (Raw(b"C:\\evil.txt"), "backslash", "evil.txt"),
    "server": (Raw(b"\\\\server\\share"), "backslash", "server"),
    "backslash": (Raw(b"a\\b.txt"), "backslash", "a\\\\b.txt"),
    "NUL": (Raw(b"a.txt\0.exe"), "control characters", r"a.txt\x00.exe"),
    "newline": (Raw(b"a\n.txt"), "control characters", r"a\n.txt"),
    "turned direction": (Raw("a\u202etxt.exe".encode()), "control characters", r"a\u202etxt.exe"),
    "nameless": (Raw(b""), "empty part", "''"),
    "empty part": (Raw(b"a//b.txt"), "empty part", "'a//b.txt'"),
    "not UTF-8": (Raw("采访.txt".encode("gb18030"), flags=0), "not UTF-8", ".txt"),
    "symbolic link": (Raw(b"link", b"/etc/passwd", attributes=LINK), "a link or a device", "'link'"),
    "fifo": (Raw(b"fifo", attributes=FIFO), "a link or a device", "'fifo'"),
    "volume label": (Raw(b"label", attributes=8), "a link or a device", "'label'"),
    "encrypted": (Raw(b"secret.txt", flags=0x801), "encrypted", "'secret.txt'"),
    "strange packing": (Raw(b"a.txt", method=99), "packed in an unusual way", "'a.txt'"),
    "zip by name": (Raw(b"inner.ZIP"), "archive within", "'inner.ZIP'"),
    "tar.gz by name": (Raw(b"inner.tar.gz"), "archive within", "'inner.tar.gz'"),
    "qdpx by name": (Raw(b"inner.qdpx"), "archive within", "'inner.qdpx'"),
    "zip by bytes": (Raw(b"inner.txt", zipped(Raw(b"a"))), "archive within", "'inner.txt'"),
    "deflated zip by bytes": (
        Raw(b"inner.txt", zipped(Raw(b"a")), deflated(zipped(Raw(b"a"))), 8),
        "archive within",
        "'inner.txt'",
    ),
    "tar by bytes": (Raw(b"inner.txt", tar()), "archive within", "'inner.txt'"),
    "gzip by bytes": (Raw(b"inner.txt", b"\x1f\x8b\x08\0"), "archive within", "'inner.txt'"),
    "7z by bytes": (Raw(b"inner.txt", b"7z\xbc\xaf\x27\x1c"), "archive within", "'inner.txt'"),
    "rar by bytes": (Raw(b"inner.txt", b"Rar!\x1a\x07\0"), "archive within", "'inner.txt'"),
    "ratio": (Raw(b"bomb.txt", bytes(2 * MB), deflated(bytes(2 * MB)), 8), "would unpack to 2,097,152", "'bomb.txt'"),
    "declared too large": (Raw(b"a.txt", b"x", TEN, 8, size=0xFFFFFFFE), "would unpack to 4,294", "'a.txt'"),
    "stored lie": (Raw(b"a.txt", b"text", size=3), "contradict", "'a.txt'"),
    "full folder": (Raw(b"folder/"), "contradict", "'folder/'"),
    "more than declared": (Raw(b"a.txt", b"x", TEN, 8, size=3), "does not unpack to the 3 bytes", "'a.txt'"),
    "fewer than declared": (Raw(b"a.txt", b"x", TEN, 8, size=11), "does not unpack to the 11 bytes", "'a.txt'"),
    "other bytes": (Raw(b"a.txt", b"9876543210", TEN, 8), "does not unpack to the 10 bytes", "'a.txt'"),
    "ends early": (Raw(b"a.txt", b"0123456789", TEN, 8, size=11), "does not unpack to the 11 bytes", "'a.txt'"),
    "half": (Raw(b"a.txt", b"0123456789", TEN[:5], 8), "does not unpack to the 10 bytes", "'a.txt'"),
    "not deflate": (Raw(b"a.txt", b"text", b"\xff" * 9, 8), "does not unpack to the 4 bytes", "'a.txt'"),
    "other name inside": (Raw(b"a.txt", local_name=b"b.txt"), "does not unpack to the 4 bytes", "'a.txt'"),
    "damaged name inside": (Raw(b"a.txt", local_name=b"\xff.txt"), "does not unpack to the 4 bytes", "'a.txt'"),
}


@pytest.mark.parametrize(("member", "reason", "name"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_member_is_refused_by_name(tmp_path, member, reason, name):
    message = refusal(tmp_path / "hostile.qdpx", zipped(Raw(b"honest.txt"), member))
    assert reason in message
    assert f"member {name}" in message or name in message


@pytest.mark.parametrize("body", [TEN + b"more", deflated(b"0123456789more"), deflated(b"0123456789" + bytes(40 * MB))])
def test_what_lies_behind_the_declared_bytes_is_never_read(tmp_path, body):
    data = zipped(Raw(b"a.txt", b"0123456789", body, 8))
    with open_archive(written(tmp_path / "behind.zip", data)) as archive:
        assert archive.read("a.txt") == b"0123456789"
        with archive.open("a.txt") as stream:
            assert [stream.read(1 << 30), stream.read(1 << 30)] == [b"0123456789", b""]


NFC, NFD = (unicodedata.normalize(form, "é.txt").encode() for form in ("NFC", "NFD"))


@pytest.mark.parametrize(
    "names", [(b"a.txt", b"a.txt"), (b"a.txt", b"A.TXT"), (NFC, NFD), ("ß".encode(), b"SS"), (b"a", b"a/")]
)
def test_names_that_are_the_same_somewhere_are_refused(tmp_path, names):
    message = refusal(tmp_path / "twice.zip", zipped(*(Raw(name, b"") for name in names)))
    assert "occurs twice" in message


def test_many_small_bombs_are_refused_together(tmp_path):
    body = deflated(bytes(MB))
    members = [Raw(f"{number}.txt".encode(), bytes(MB), body, 8) for number in range(3)]
    assert "would unpack to 3,145,728 bytes" in refusal(tmp_path / "small.zip", zipped(*members))


ONE = Raw(b"a.txt")
WIDE = closed(ONE.local() + ONE.data, ONE.central(0), 1, wide=True)
COMMENTED = ONE.central(0)[:32] + struct.pack("<H", 20) + ONE.central(0)[34:]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a zip",
        b"PK\5\6",
        zipped(Raw(b"a.txt"))[:-30],
        zipped(Raw(b"a.txt")) + b"more",
        b"before" + zipped(Raw(b"a.txt")),
        zipped(Raw(b"a.txt"), declared=2),
        zipped(Raw(b"a.txt"), Raw(b"b.txt"), declared=1),
        zipped(Raw(b"a.txt")).replace(b"PK\1\2", b"PK\1\3"),
        closed(b"", b"PK\1\2", 1),
        WIDE.replace(b"PK\6\6", b"PK\6\0"),
        WIDE.replace(b"PK\6\7\0", b"PK\6\7\1"),
        WIDE[:-34] + bytes(8) + WIDE[-26:],
        closed(ONE.local() + ONE.data, COMMENTED + WIDE[-42:-22], 1),
    ],
    ids=[
        *("empty", "text", "start of an end", "cut", "after", "before", "fewer", "more", "damaged", "short list"),
        *("no wide end", "other disk", "wide end elsewhere", "wide end in a comment"),
    ],
)
def test_what_is_no_zip_archive_is_refused(tmp_path, data):
    assert refusal(tmp_path / "project.qdpx", data)


def test_a_list_that_points_outside_is_refused(tmp_path):
    member = Raw(b"a.txt")
    body = member.local() + member.packed
    for offset in (1, len(body), 0xFFFFFFFF):
        assert refusal(tmp_path / "outside.zip", closed(body, member.central(offset), 1))


def test_overlapping_members_are_refused(tmp_path):
    with zipfile.ZipFile(io.BytesIO(overlapping(3))) as file:
        assert file.namelist() == ["000000.txt", "000001.txt", "000002.txt"]
    assert "overlaps" in refusal(tmp_path / "overlap.zip", overlapping(3))
    member = Raw(b"a.txt")
    twin = closed(member.local() + member.packed, member.central(0) + Raw(b"b.txt").central(0), 2)
    assert refusal(tmp_path / "twin.zip", twin)


def test_too_many_members_are_refused_whatever_the_end_says(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_MEMBERS", 9)
    assert "lists 10 members" in refusal(tmp_path / "many.zip", many(10))
    assert "miscounted" in refusal(tmp_path / "many.zip", zipped(*(Raw(b"%d" % n) for n in range(10)), declared=9))
    assert len(open_archive(written(tmp_path / "nine.zip", many(9))).names) == 9


def test_what_is_missing_or_too_long_is_said(tmp_path):
    path = written(tmp_path / "a.zip", zipped(Raw(b"a.txt", b"0123456789")))
    with pytest.raises(UnsafeFileError, match=r"none\.zip: there is no such file; check the path"):
        open_archive(tmp_path / "none.zip")
    with pytest.raises(UnsafeFileError, match="it is a folder, not a file; give the file itself"):
        open_archive(tmp_path)
    with open_archive(path) as archive:
        assert archive.read("a.txt", limit=10) == b"0123456789"
        with pytest.raises(UnsafeFileError, match=r"a\.txt'.*more than 9 bytes; make it smaller"):
            archive.read("a.txt", limit=9)
        for name in ("A.txt", "b.txt", "../a.txt"):
            with pytest.raises(ResearchError, match=f"{re.escape(name)}'.*no such file"):
                archive.open(name)


def test_a_file_is_closed_when_it_is_refused(tmp_path, recwarn):
    refusal(tmp_path / "hostile.zip", zipped(Raw(b"../a")))
    with open_archive(written(tmp_path / "a.zip", zipped(Raw(b"a")))) as archive:
        pass
    with pytest.raises(ValueError, match="closed"):
        archive.read("a")
    assert not [warning for warning in recwarn if warning.category is ResourceWarning]


def test_honest_archives_are_read(tmp_path):
    path, noise = tmp_path / "project.qdpx", random.Random(7).randbytes(300_000)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.comment = b"a comment"
        file.mkdir("sources")
        file.writestr("project.qde", "<Project/>" * 1000)
        file.writestr("sources/采访 一.txt", "我在巴黎工作。", zipfile.ZIP_STORED)
        file.writestr("sources/Žena à Paris.txt", b"")
        file.writestr("sources/noise.m4a", noise)
        file.writestr("sources/interview.docx", zipped(Raw(b"word/document.xml")))
    with open_archive(path) as archive:
        assert archive.names[:2] == ("project.qde", "sources/采访 一.txt")
        assert archive.read("project.qde") == b"<Project/>" * 1000
        assert archive.read("sources/采访 一.txt").decode() == "我在巴黎工作。"
        assert archive.read("sources/Žena à Paris.txt") == b""
        assert archive.read("sources/interview.docx").startswith(b"PK")
        with archive.open("sources/noise.m4a") as first, archive.open("project.qde") as second:
            parts = []
            while part := first.read(7001):
                parts.append(part)
                assert second.read(10) in (b"<Project/>", b"")
        assert b"".join(parts) == noise


def test_streamed_and_empty_archives_and_those_with_large_numbers_are_read(tmp_path):
    class Pipe(io.RawIOBase):
        data = b""

        def writable(self):
            return True

        def write(self, part):
            self.data += bytes(part)
            return len(part)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as file, file.open("a.txt", "w", force_zip64=True) as member:
        member.write(b"streamed")
    with open_archive(written(tmp_path / "streamed.zip", pipe.data)) as archive:
        assert archive.read("a.txt") == b"streamed"
    with open_archive(written(tmp_path / "empty.zip", zipped())) as archive:
        assert archive.names == ()
    wide = struct.pack("<2H3Q", 1, 24, 4, 4, 0)
    central = struct.pack("<4s6H3L", b"PK\1\2", 45, 45, 0, 0, 0, 33, zlib.crc32(b"text"), 0xFFFFFFFF, 0xFFFFFFFF)
    central += struct.pack("<5H2L", 5, len(wide) + 6, 0, 0, 0, 0, 0xFFFFFFFF)
    central += b"a.txt" + struct.pack("<2H2s", 9, 2, b"??") + wide
    with open_archive(written(tmp_path / "wide.zip", closed(Raw(b"a.txt").local() + b"text", central, 1))) as archive:
        assert archive.read("a.txt") == b"text"
    with open_archive(written(tmp_path / "wide-end.zip", WIDE)) as archive:
        assert archive.read("a.txt") == b"text"


HONEST = zipped(Raw(b"a.txt", b"0123456789", TEN, 8), Raw(b"folder/", b""), Raw("采访.txt".encode()))


@given(changes=st.dictionaries(st.integers(0, len(HONEST) - 1), st.integers(0, 255), min_size=1, max_size=4))
def test_a_damaged_archive_is_refused_or_reads_as_it_was(tmp_path_factory, changes):
    damaged = bytes(changes.get(place, byte) for place, byte in enumerate(HONEST))
    path = written(tmp_path_factory.getbasetemp() / "damaged.zip", damaged)
    try:
        with open_archive(path) as archive:
            contents = {archive.read(name) for name in archive.names}
    except UnsafeFileError as error:
        assert str(path) in str(error)
    else:
        assert contents <= {b"0123456789", b"text", b""}


def test_folding_knows_names_that_file_systems_confuse():
    assert fold("É.TXT") == fold("e\u0301.txt")
    assert fold("采访") != fold("採訪")


LAUGHS = '<!DOCTYPE l [<!ENTITY a "lol">' + "".join(
    f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefghi", "bcdefghij", strict=True)
)
XML = {
    "billion laughs": LAUGHS + "]><l>&j;</l>",
    "quadratic": f'<!DOCTYPE q [<!ENTITY a "{"a" * 50_000}">]><q>{"&a;" * 50_000}</q>',
    "external": '<?xml version="1.0"?>\n<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]><e>&x;</e>',
    "parameter": '<!DOCTYPE p [<!ENTITY % x SYSTEM "http://127.0.0.1/x.dtd"> %x;]><p/>',
    "external subset": '<!DOCTYPE html SYSTEM "x.dtd"><html/>',
    "plain": "<!-- -->\n<!DOCTYPE p><p/>",
    "late": f"<!--{' ' * 400_000}-->{LAUGHS}]><l>&j;</l>",
}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "iso-8859-1", "windows-1250")


def declared(text, encoding):
    name = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16"}.get(encoding, encoding)
    return (f'<?xml version="1.0" encoding="{name}"?>' + text.removeprefix('<?xml version="1.0"?>')).encode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", XML.values(), ids=XML.keys())
def test_document_types_are_refused_in_each_encoding(text, encoding):
    with pytest.raises(
        UnsafeFileError, match=r"project\.qde, line \d: it declares a document type or entity; remove it"
    ):
        refuse_document_type(io.BytesIO(declared(text, encoding)), "project.qde")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_plain_xml_passes_in_each_encoding(encoding):
    text = "<?note?><!-- <!DOCTYPE p> --><Project name='é'>" + "<a/>" * 1000
    refuse_document_type(io.BytesIO(declared(text, encoding)), "project.qde")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no element found"),
        (b"text", "syntax error"),
        (b"<!-- never closed", "unclosed token"),
        (b"<?xml version='1.0' encoding='gb18030'?><a/>", "multi-byte"),
        (b"<?xml version='1.0' encoding='nonsense'?><a/>", "unknown encoding"),
        ("<a/>".encode("utf-32"), "not well-formed"),
        (b"+ADw-!DOCTYPE a+AD4-<a/>", "not well-formed"),
        (b"<!--" + b" " * MB + b"--><a/>", "no element within its first 1,048,576 bytes"),
        (b" " * MB + b"<a/>", "no element within its first 1,048,576 bytes"),
    ],
)
def test_malformed_openings_are_refused(data, reason):
    with pytest.raises(UnsafeFileError, match=r"^project\.qde: ") as caught:
        refuse_document_type(io.BytesIO(data), "project.qde")
    assert reason in str(caught.value)
    assert "export it again" in str(caught.value)


def heavy():
    bomb, listing = zeros(1024), Raw(b"bomb.txt", b"", b"", 8)
    yield "bomb.zip", zipped(Raw(b"bomb.txt", b"", bomb, 8, size=1 << 30)), "would unpack to 1,073,741,824"
    yield "liar.zip", zipped(Raw(b"bomb.txt", b"", bomb, 8, size=200 * len(bomb))), "does not unpack to"
    yield "million.zip", closed(b"", listing.central(0) * 1_000_000, 1_000_000), "lists 1,000,000 members"
    yield "hidden.zip", many(module.MOST_MEMBERS, zipped(Raw(b"a"))), "member 'last': it is an archive within"
    number = module.LONGEST_LISTING // len(small := Raw(b"a").central(0))
    yield "miscounted.zip", closed(b"", small * number, number, 9), "miscounted"
    yield "overlap.zip", overlapping(700), "overlaps with another member"
    yield "quoting bomb.zip", overlapping(3_000), "overlaps with another member"
    yield "nested.zip", nested(1000), "member 'inner.dat': it is an archive within"
    yield "long-names.zip", zipped(*(Raw(b"%06d" % n + b"n" * 60_000) for n in range(500))), "too many"
    for name, text in XML.items():
        yield f"{name}.xml", text.encode(), "declares a document type"
    yield "never.xml", b"<!--" + b"x" * (64 * MB), "no element within"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_heavy_files_are_refused_within_two_seconds_and_64_mb(tmp_path):
    for name, data, reason in heavy():
        path = written(tmp_path / name, data)
        command = [sys.executable, "-c", CHILD, str(path)]
        found = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True).stdout
        peak, seconds, message = found.split(maxsplit=2)
        print(name, peak, seconds, message)
        assert message.startswith(str(path)) and reason in message
        assert int(peak) <= 64 * 1024, name
        assert float(seconds) <= 2, name
        path.unlink()


LARGEST = 2048 * MB


@pytest.mark.parametrize(
    "sizes, sentence",
    [
        ([LARGEST], "does not unpack to the 2,147,483,648 bytes"),
        ([LARGEST + 1], "would unpack to 2,147,483,649 bytes"),
        ([LARGEST] * 2, "does not unpack to the 2,147,483,648 bytes"),
        ([LARGEST] * 2 + [1], "would unpack to 4,294,967,297 bytes"),
    ],
)
def test_the_largest_sizes_hold_to_the_byte(tmp_path, sizes, sentence):
    members = [Raw(b"%d" % n, b"", bytes(size // 200 + 1), method=8, size=size) for n, size in enumerate(sizes)]
    assert sentence in refusal(tmp_path / "large.zip", zipped(*members))
