"""How many kernels may run at once: as many as the memory of the machine has room for, and not more than is set."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # its stubs are a package of their own
from tornado.web import HTTPError

_KERNEL = 400 * 2**20  # bytes that a kernel takes with a page that compares groups
_SPARE = 2**29  # bytes that are left to the server and to other programs
_CONTROL = Path("/sys/fs/cgroup")


class KernelLimit:
    """The number of kernels that may run at once; a notebook whose kernel is on its way counts."""

    def __init__(self, most: int):
        self.most, self.coming = most, 0

    @contextmanager
    def place(self, kernels: Any) -> Iterator[None]:
        """Keep a place for a kernel while a notebook is rendered; raises HTTPError 503 where there is none."""
        running = len(kernels.list_kernel_ids())
        if running + self.coming >= self.most or self.coming >= room() + len(kernels.waiting):
            raise HTTPError(503, f"no further kernel: {running} run, and {free_memory() // 2**20} MiB are free")
        self.coming += 1
        try:
            yield
        finally:
            self.coming -= 1


def room() -> int:
    """Count the kernels that the free memory has room for."""
    return max(0, free_memory() - _SPARE) // _KERNEL


def free_memory() -> int:
    """Give the bytes of memory that programs may still take, on the machine and in the container that runs this one."""
    return min([psutil.virtual_memory().available, *_free_in_groups(_own_group())])


def _own_group() -> Path:
    """The folder in which Linux keeps the limits of this process's control group (version 2)."""
    with suppress(OSError, StopIteration):
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
        return _CONTROL / next(line for line in lines if line.startswith("0::"))[3:].strip("/")
    return _CONTROL


def _free_in_groups(group: Path) -> Iterator[int]:
    """What each of the control groups that hold this process has left: files that are only cached count as free."""
    for folder in (group, *group.parents):
        with suppress(OSError, ValueError):  # a group without a limit says "max"
            most = int((folder / "memory.max").read_text(encoding="ascii"))
            used = int((folder / "memory.current").read_text(encoding="ascii"))
            counted = dict(line.split() for line in (folder / "memory.stat").read_text(encoding="ascii").splitlines())
            yield most - used + int(counted.get("inactive_file", 0))
