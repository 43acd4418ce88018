"""How many kernels may run: as many as is set, and no more than the free memory has room for."""

from types import SimpleNamespace

import psutil
import pytest
from tornado.web import HTTPError

from research_lib.show.site.kernels import waiting_kernels
from research_lib.show.site.kernels.waiting_kernels import KernelLimit, free_memory, room

GB = 10**9


def kernels(running, waiting=0):
    return SimpleNamespace(list_kernel_ids=lambda: ["x"] * running, waiting=["y"] * waiting)


@pytest.mark.parametrize(
    ("free", "running", "coming", "waiting", "is_let_in"),
    [
        # room for three beside the spare half gigabyte
        (1.9, 0, 0, 0, True),
        (1.9, 9, 2, 0, True),
        (1.9, 9, 3, 0, False),
        # none, whatever runs already
        (0.9, 0, 0, 0, False),
        (0.1, 0, 0, 0, False),
        # one waits already and takes no more
        (0.1, 5, 0, 1, True),
        (0.1, 5, 1, 1, False),
        # much memory, and the number that is set
        (500, 59, 0, 0, True),
        (500, 60, 0, 0, False),
        (500, 50, 10, 9, False),
    ],
)
def test_a_kernel_starts_where_there_is_memory_for_it(monkeypatch, free, running, coming, waiting, is_let_in):
    monkeypatch.setattr(waiting_kernels, "free_memory", lambda: int(free * GB))
    limit = KernelLimit(60)
    limit.coming = coming
    if is_let_in:
        with limit.place(kernels(running, waiting)):
            assert limit.coming == coming + 1
    else:
        with pytest.raises(HTTPError) as refused, limit.place(kernels(running, waiting)):
            pass
        assert refused.value.status_code == 503
    assert limit.coming == coming


def test_a_notebook_that_has_its_kernel_is_counted_once(monkeypatch):
    monkeypatch.setattr(waiting_kernels, "free_memory", lambda: 500 * GB)
    limit, manager = KernelLimit(2), kernels(0)
    with limit.place(manager):
        manager.list_kernel_ids = lambda: ["x"]
        limit.begin()
        limit.begin()  # another kernel of the same notebook
        with limit.place(manager):
            assert limit.coming - limit.begun == 1
            with pytest.raises(HTTPError), limit.place(manager):
                pass
    assert (limit.coming, limit.begun) == (0, 0)


def test_free_memory_is_what_this_machine_has():
    assert 0 < free_memory() <= psutil.virtual_memory().total
    assert room() <= free_memory() / (335 * 10**6)


@pytest.mark.parametrize(
    ("groups", "free"),
    [
        ({}, []),
        ({"": ("max", 5, "")}, []),
        ({"": (1000, 400, "anon 300\ninactive_file 100\n")}, [700]),
        ({"a": (1000, 400, "inactive_file 0\n"), "a/b": (900, 100, "")}, [800, 600]),
        ({"a": ("nonsense", 1, ""), "a/b": ("max", 1, "")}, []),
    ],
)
def test_the_limits_of_a_container_and_of_those_around_it_count(tmp_path, groups, free):
    (tmp_path / "a/b").mkdir(parents=True)
    for name, texts in groups.items():
        for file, text in zip(("memory.max", "memory.current", "memory.stat"), texts, strict=True):
            (tmp_path / name / file).write_text(f"{text}\n" if file != "memory.stat" else text, encoding="ascii")
    assert list(waiting_kernels._free_in_groups(tmp_path / "a/b")) == free
