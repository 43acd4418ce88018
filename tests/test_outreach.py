"""The outreach register: no number in it, nothing to be turned back without the key, and a funnel that hides small counts."""

import hashlib
import hmac
import os
import stat
import traceback
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from research_lib.errors import ResearchError
from research_lib.interviews.outreach import COLUMNS, STAGES, Register, funnel, make_key

NUMBERS = [f"+39 011 555 {number:04}" for number in range(60)]


@pytest.fixture
def register(tmp_path):
    return Register(tmp_path / "register", make_key(tmp_path / "partner.key", register=tmp_path / "register"))


def everything(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_no_number_is_in_any_file_in_any_spelling(register):
    for number in NUMBERS:
        register.note(number, "called", month="2026-11")
    held = everything(register.folder)
    for number in NUMBERS:
        digits = number.replace(" ", "").lstrip("+")
        for spelling in (number, digits, digits[2:], digits[::-1]):
            assert spelling.encode() not in held


def test_a_number_spelt_otherwise_is_the_same_number(register):
    assert register.note("011 555 0001", "collected", month="2026-11")
    assert not register.note("+39 0115550001", "called", month="2026-12")
    assert register.knows("+39 (0)11 555 0001")
    assert register.note("+33 (0)1 40 20 50 50", "called", month="2026-11", region="FR")
    assert register.knows("01 40 20 50 50", region="FR") and register.knows("+33 1 40205050")
    assert register.knows("0039 011 555-0001") and not register.knows("011 555 0002")
    assert register.events()["hash"].nunique() == 2


def test_without_the_key_a_list_of_all_numbers_finds_none(register):
    for number in NUMBERS[:5]:
        register.note(number, "called", month="2026-11")
    kept = set(register.events()["hash"])
    guesses = [f"+3901155{number:05}" for number in range(50_000, 51_000)]
    other = bytes(32)
    for name in ("sha256", "md5", "sha1"):
        assert not kept & {hashlib.new(name, guess.encode()).hexdigest() for guess in guesses}
    assert not kept & {hmac.new(other, guess.encode(), "sha256").hexdigest() for guess in guesses}


def test_the_key_stays_outside_is_the_owner_s_and_is_never_made_twice(tmp_path, register):
    key = tmp_path / "partner.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.read_bytes() not in everything(register.folder)
    with pytest.raises(ResearchError, match="exists"):
        make_key(key, register=register.folder)
    with pytest.raises(ResearchError, match="inside the register"):
        make_key(register.folder / "k", register=register.folder)
    (register.folder / "k").write_text(key.read_text())
    with pytest.raises(ResearchError, match="inside the register"):
        Register(register.folder, register.folder / "k")


def test_another_key_is_refused_and_the_right_one_opens_it_again(tmp_path, register):
    register.note(NUMBERS[0], "answered", month="2026-11")
    other = make_key(tmp_path / "other.key", register=register.folder)
    with pytest.raises(ResearchError, match="is not the key"):
        Register(register.folder, other)
    assert Register(register.folder, tmp_path / "partner.key").knows(NUMBERS[0])
    with pytest.raises(ResearchError, match="there is no key"):
        Register(register.folder, tmp_path / "lost.key")
    (tmp_path / "broken.key").write_text("abc")
    with pytest.raises(ResearchError, match="64 hexadecimal digits"):
        Register(register.folder, tmp_path / "broken.key")


NUMBER = "011 555 0001"
GOOD = {"number": NUMBER, "stage": "called", "month": "2026-11", "origin": "advert", "region": "IT"}
REFUSED = """
number | call Anna         | not a telephone number
number | 12                | not a telephone number
number | 333 12O4567       | not a telephone number
number | 333-1234567/68    | not a telephone number
number | 1234567           | not a telephone number of that region
stage  | loved             | not a known stage
stage  | 011 555 0001      | not a known stage
origin | 011 555 0001      | not a known origin
month  | 011 555 0001      | not a month
month  | 2026-11-24        | without a day
month  | 20٢٦-11           | not a month
region | 011 555 0001      | not a region
"""


@pytest.mark.parametrize("line", REFUSED.strip().split("\n"))
def test_what_is_not_understood_is_refused_and_never_repeated(register, line):
    name, value, said = (cell.strip() for cell in line.split("|"))
    asked = {**GOOD, name: value}
    with pytest.raises(ResearchError, match=said) as refusal:
        register.note(asked.pop("number"), asked.pop("stage"), **asked)
    told = "".join(traceback.format_exception_only(refusal.value)) + str(refusal.value.__cause__)
    assert value not in told and NUMBER not in told
    assert register.events().empty


def test_what_is_no_text_is_refused_too(register):
    for name in GOOD:
        asked = {**GOOD, name: 115550001}
        with pytest.raises(ResearchError):
            register.note(asked.pop("number"), asked.pop("stage"), **asked)


def test_the_order_of_noting_is_not_kept(register):
    for number in reversed(NUMBERS):
        register.note(number, "called", month="2026-11")
    hashes = register.events()["hash"].tolist()
    assert hashes == sorted(hashes) and len(hashes) == len(NUMBERS)


def test_many_at_once_note_each_number_once_and_lose_nothing(register, tmp_path):
    key = tmp_path / "partner.key"

    def note(number):
        return Register(register.folder, key).note(number, "called", month="2026-11")

    with ThreadPoolExecutor(8) as pool:
        new = list(pool.map(note, NUMBERS[:8] * 4))
    assert sum(new) == 8
    assert len(register.events()) == 32


def test_a_register_of_which_a_part_is_lost_is_not_begun_anew(register, tmp_path):
    other = make_key(tmp_path / "other.key", register=register.folder)
    kept = (register.folder / "key.check").read_text()
    (register.folder / "register.csv").unlink()
    for key in (other, tmp_path / "partner.key"):
        with pytest.raises(ResearchError, match="restore both"):
            Register(register.folder, key)
    assert (register.folder / "key.check").read_text() == kept


def test_a_changed_file_is_refused(register):
    (register.folder / "register.csv").write_text("hash,origin,stage,month\nabc,advert,loved,2026-11\n")
    with pytest.raises(ResearchError, match="changed by another program"):
        register.events()


OTHER_THINGS = {
    "pipe": (os.mkfifo, "it is a pipe, not a file"),
    "folder": (Path.mkdir, "it is a folder, not a file"),
    "latin": (lambda path: path.write_bytes(b"hash\xe9"), "is not UTF-8"),
    "zeros": (lambda path: path.touch() or os.truncate(path, 3 << 30), "3,221,225,472 bytes"),
}


@pytest.mark.parametrize("name", ["register/register.csv", "register/key.check", "partner.key"])
@pytest.mark.parametrize("kind", OTHER_THINGS)
def test_what_is_no_register_and_no_key_is_named_at_once(register, tmp_path, name, kind):
    path, (put, sentence) = tmp_path / name, OTHER_THINGS[kind]
    path.unlink()
    put(path)
    with pytest.raises(ResearchError, match=rf"{path.name}.*{sentence}"):
        Register(register.folder, tmp_path / "partner.key").events()


def test_a_key_behind_a_broken_link_is_named(register, tmp_path):
    (tmp_path / "other.key").symlink_to("nowhere")
    with pytest.raises(ResearchError, match=r"other\.key: there is no such file"):
        Register(register.folder, tmp_path / "other.key")


@pytest.mark.parametrize("text", ["", "\0", "a,b\n1,2,3\n4,5,6,7,8\n", '"'])
def test_a_register_that_is_no_table_is_refused(register, text):
    (register.folder / "register.csv").write_text(text)
    with pytest.raises(ResearchError, match=r"register\.csv was changed by another program"):
        register.events()


def test_a_check_in_other_letters_is_not_that_of_the_key(register, tmp_path):
    (register.folder / "key.check").write_text("é" * 64, encoding="utf-8")
    with pytest.raises(ResearchError, match="is not the key of"):
        Register(register.folder, tmp_path / "partner.key")


CHANGED_ROWS = """
hash   | ABC
hash   | +39 011 555 0001
origin | newspaper
stage  | loved
month  | 2026-11-24
month  |
"""


@pytest.mark.parametrize("line", CHANGED_ROWS.strip().split("\n"))
def test_a_changed_row_is_named_and_never_repeated(register, line):
    column, value = (cell.strip() for cell in line.split("|"))
    register.note(NUMBERS[0], "called", month="2026-11")
    events = register.events()
    events.loc[1] = {**events.loc[0], column: value}
    events.to_csv(register.folder / "register.csv", index=False)
    for count in (register.funnel, lambda: funnel(events)):
        with pytest.raises(ResearchError, match=f"line 3 has an unknown {column}") as refusal:
            count()
        assert not value or value not in str(refusal.value)


def of_counts(counts):
    """Events of numbers of which so many reach each stage at least."""
    furthest = [max(place for place, count in enumerate(counts) if number < count) for number in range(counts[0])]
    rows = [(f"{number:064x}", "advert", [*STAGES][place], "2026-11") for number, place in enumerate(furthest)]
    return pd.DataFrame(rows, columns=COLUMNS)


# each stage's true count; what the funnel shows of it
SHOWN = """
 9  9  9  9  6  5 | 9 9 9 9 5-8 5-8
20 18 16 14  9  4 | 20 16-19 16-19 14 9 1-4
12 12 12  6  6  6 | 12 12 12 6 6 6
10  5  0  0  0  0 | 10 5 0 0 0 0
 8  4  3  1  1  0 | 8 1-7 1-7 1-7 1-7 0
 8  7  3  1  1  0 | 8 1-7 1-7 1-7 1-7 0
 6  6  6  6  6  5 | 6 6 6 6 6 1-5
 5  5  5  5  5  4 | 5 5 5 5 5 1-4
 3  3  2  1  1  0 | 1-4 1-4 1-4 1-4 1-4 0
"""


@pytest.mark.parametrize("line", SHOWN.strip().split("\n"))
def test_no_difference_of_two_stages_shows_few(line):
    counts, shown = line.split("|")
    steps = funnel(of_counts([*map(int, counts.split())]))
    assert [f"{step.low}-{step.high}" if step.is_suppressed else str(step.low) for step in steps] == shown.split()


def test_no_count_can_be_told_from_fewer_than_four_others():
    """Whatever two stages show, at least four pairs of true counts show the same, or nobody dropped out there."""
    alike = defaultdict(set)
    for first in range(5, 24):
        for second in range(first + 1):
            shown = tuple((step.low, step.high) for step in funnel(of_counts([first] * 5 + [second])))
            alike[shown].add((first, second))
    for shown, pairs in alike.items():
        few = {first - second for first, second in pairs} | {second for _, second in pairs}
        assert len(pairs) >= 4 or not few & {1, 2, 3, 4}, shown


@pytest.mark.parametrize("fewest", ["x", 4, 0, -1, True, 5.5, None])
def test_a_threshold_below_five_is_refused(register, fewest):
    with pytest.raises(ResearchError, match="at least 5"):
        register.funnel(fewest=fewest)


def test_the_funnel_counts_numbers_not_calls_and_hides_few(register):
    for place, number in enumerate(NUMBERS):
        register.note(number, "called", month="2026-11", origin="advert" if place < 50 else "mediator")
    for number in NUMBERS[:21]:
        register.note(number, "declared", month="2026-11")
        register.note(number, "declared", month="2026-12")
    for number in NUMBERS[:3]:
        register.note(number, "willing", month="2026-12")
    told = {(step.origin, step.stage): (step.low, step.high) for step in register.funnel()}
    assert told["advert", "collected"] == told["advert", "called"] == (50, 50)
    assert told["advert", "answered"] == told["advert", "declared"] == (21, 21)
    assert told["advert", "willing"] == (1, 4)
    assert told["advert", "met"] == (0, 0)
    assert told["mediator", "called"] == (10, 10)
    assert funnel(register.events().sample(frac=1, random_state=1)) == register.funnel()


def test_an_empty_register_has_an_empty_funnel():
    assert funnel(pd.DataFrame(columns=COLUMNS)) == []
