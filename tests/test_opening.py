"""What is opened: plain files, none larger than expected; and how a text is shown that a screen would obey."""

import os
from pathlib import Path

import pytest

from research_lib.errors import Problem, quoted, seen
from research_lib.files.opening import UnreadableFileError, objection, open_file, read_bytes, read_text
from research_lib.files.tables.table_shape import TableRefusedError


def test_a_plain_file_is_opened_also_by_a_link(tmp_path):
    (tmp_path / "a.txt").write_bytes("\ufeffdéjà\r\nvu".encode())
    (tmp_path / "link.txt").symlink_to("a.txt")
    for name in ("a.txt", "link.txt"):
        assert objection(tmp_path / name, limit=14) is None
        assert read_text(tmp_path / name, limit=14) == "déjà\r\nvu"
        with open_file(tmp_path / name) as stream:
            assert stream.read(3) == b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("make", "reason", "fix"),
    [
        (Path.exists, "there is no such file", "check the path"),
        (os.mkfifo, "it is a pipe, not a file", "give the file itself"),
        (Path.mkdir, "it is a folder, not a file", "give the file itself"),
        (lambda path: path.symlink_to("/dev/zero"), "it is a device, not a file", "give the file itself"),
        (lambda path: path.symlink_to(path.name), "it cannot be opened", "check the path and its rights"),
        (lambda path: path.write_bytes(b"x" * 1_235), "it has 1,235 bytes, and at most 1,234 are read", "check that"),
    ],
)
def test_anything_else_is_refused_before_its_first_byte(tmp_path, make, reason, fix):
    make(tmp_path / "a.txt")
    for read in (read_bytes, read_text, open_file):
        with pytest.raises(UnreadableFileError, match=rf"a\.txt: {reason}.*; {fix}"):
            read(tmp_path / "a.txt", limit=1_234)


@pytest.mark.parametrize("refused", [UnreadableFileError, TableRefusedError])
def test_a_path_is_shown_with_its_unseen_characters(refused):
    assert str(refused("a\x1b[2J\u202e.csv", "it is empty", "ask again")).startswith(r"a\x1b[2J\u202e.csv: it is empty")


def test_a_name_that_no_file_can_have_is_refused(tmp_path):
    for name in ("a\0b", "x" * 300):
        with pytest.raises(UnreadableFileError, match=r"cannot be opened.*; check the path"):
            read_bytes(tmp_path / name, limit=1)


def test_bytes_that_are_not_utf_8_are_named_with_their_line(tmp_path):
    (tmp_path / "a.txt").write_bytes("eins\nzwei\nS\xfcd".encode("latin-1"))
    with pytest.raises(UnreadableFileError, match=r"a\.txt, line 3: byte 11 \(0xfc\) is not UTF-8; save it as UTF-8"):
        read_text(tmp_path / "a.txt", limit=99)


def test_what_a_screen_would_obey_is_written_out():
    assert seen("温州\u3000é \x1b[2J\u202e\ufeff\ud800") == "温州\u3000é \\x1b[2J\\u202e\\ufeff\\ud800"
    assert seen("a\nb", but="\n") == "a\nb"
    assert str(Problem("a\nb.csv", 2, "c\x07", "is\nnot\r")) == "a\\nb.csv:2 c\\x07: is\nnot\\r"


def test_a_long_text_is_quoted_short():
    assert quoted("x" * 100, 3) == "'xxx…'"
    assert (quoted("ab"), quoted(7)) == ("'ab'", "7")


def test_a_high_limit_takes_no_memory_of_its_own(tmp_path):
    """A buffer of the limit would not fit where a process may use less memory than that."""
    import tracemalloc

    (tmp_path / "small").write_bytes(b"small")
    tracemalloc.start()
    assert read_bytes(tmp_path / "small", limit=1 << 30) == b"small"
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()
