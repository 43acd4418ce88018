"""Kernels that wait for visitors, with the library loaded before a live page is asked for; and how many may run."""

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil  # type: ignore[import-untyped]  # its stubs are a package of their own
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError
from traitlets import Integer

from research_lib.show.site.kernels.visitor_kernels import of_request
from research_lib.show.site.live_pages import own_folder

_HAS_KERNEL: ContextVar[list[bool] | None] = ContextVar("_HAS_KERNEL", default=None)  # of this request; empty: not yet
_KERNEL = 400 * 2**20  # bytes that a kernel takes with a page that compares groups
_SPARE = 2**29  # bytes that are left to the server and to other programs
_CONTROL = Path("/sys/fs/cgroup")
_READY = "from research_lib.show.live.compare_page import get_ready; get_ready()"
_ROOT: Any = ""  # as Jupyter writes the path of the served folder
_MOST_UNREAD = 64  # messages of a kernel that wait in the server; others wait in the kernel, whose memory is limited
_MOST_SECONDS, _MOST_PATIENCE = 120, 15  # for loading the library, and for a visitor
_PAUSE = 2  # seconds in which the page of the visitor who came is worked out first


class KernelLimit:
    """The number of kernels that may run at once; a notebook whose kernel is on its way counts.

    `coming`: the notebooks that are rendered, whose kernels take more memory yet; `begun`: those with a kernel.
    """

    def __init__(self, most: int):
        self.most, self.coming, self.begun = most, 0, 0

    @contextmanager
    def place(self, kernels: Any) -> Iterator[None]:
        """Keep a place for a kernel while a notebook is rendered; raises HTTPError 503 where there is none."""
        running = len(kernels.list_kernel_ids())
        if running + self.coming - self.begun >= self.most or self.coming >= room() + len(kernels.waiting):
            raise HTTPError(503, f"no further kernel: {running} run, and {free_memory() // 2**20} MiB are free")
        self.coming += 1
        has_kernel = list[bool]()
        _HAS_KERNEL.set(has_kernel)
        kernels.limit = self
        try:
            yield
        finally:
            self.coming -= 1
            self.begun -= len(has_kernel)

    def begin(self) -> None:
        """Note that the notebook of this request has its kernel."""
        if (has_kernel := _HAS_KERNEL.get()) == []:
            has_kernel.append(True)
            self.begun += 1


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


class WaitingKernels(AsyncMappingKernelManager):
    """The kernels of visitors, of which some wait; a visitor for whom none waits gets one that starts then."""

    most_waiting = Integer(1, config=True, help="the number of kernels that wait for visitors")

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self.context.rcvhwm = _MOST_UNREAD
        self.waiting: list[str] = []
        self.limit: KernelLimit | None = None
        self._coming: set[asyncio.Task[None]] = set()

    def list_kernel_ids(self) -> list[str]:
        """The kernels that visitors have."""
        return [each for each in super().list_kernel_ids() if each not in self.waiting]

    async def start_kernel(self, **asked: Any) -> str:  # type: ignore[override]
        """Give a kernel that waits, with what the visitor's request adds to its environment, or else start one."""
        try:
            kernel = self._take(asked.get("kernel_name"))
            if kernel and await self._runs(kernel, _request(asked, self.root_dir), _MOST_PATIENCE):
                return kernel
            if kernel and kernel in self:
                await self.shutdown_kernel(kernel, now=True)  # type: ignore[no-untyped-call]
            return await super().start_kernel(**asked)
        finally:
            if self.limit:
                self.limit.begin()
            asyncio.get_running_loop().call_later(_PAUSE, self.refill)

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End a kernel that nobody uses, unless it waits."""
        if kernel_id not in self.waiting:
            await super().cull_kernel_if_idle(kernel_id)  # type: ignore[no-untyped-call]

    def refill(self) -> None:
        """Start kernels until as many wait, or are on their way, as may and as there is memory for."""
        for _ in range(min(room(), self.most_waiting - len(self.waiting)) - len(self._coming)):
            task = asyncio.ensure_future(self._prepare())
            self._coming.add(task)
            task.add_done_callback(self._prepared)

    def _prepared(self, task: asyncio.Task[None]) -> None:
        self._coming.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.log.warning("No kernel waits for visitors: %r", error)
        elif not task.cancelled():
            self.refill()

    def _take(self, name: str | None) -> str | None:
        while self.waiting and name in (None, self.default_kernel_name):
            kernel = self.waiting.pop()
            if kernel in self:
                return kernel
        return None

    async def _prepare(self) -> None:
        kernel = await super().start_kernel(kernel_name=self.default_kernel_name, path=_ROOT, env=dict(os.environ))
        self.waiting.append(kernel)
        await self._runs(kernel, _READY, _MOST_SECONDS)

    async def _runs(self, kernel: str, code: str, seconds: float) -> bool:
        """Let a kernel run code of the server, and say whether it did."""
        session = self.get_kernel(kernel).session.clone()
        session.session = uuid4().hex  # answers go to the session that asked: another may ask this kernel meanwhile
        client = self.get_kernel(kernel).client(session=session)
        client.start_channels(iopub=False, stdin=False, hb=False, control=False)
        try:
            reply = await client.execute(code, silent=True, store_history=False, reply=True, timeout=seconds)
        except (TimeoutError, RuntimeError) as error:
            self.log.warning("A kernel that waits does not answer: %r", error)
            return False
        finally:
            client.stop_channels()
        if reply["content"]["status"] != "ok":
            self.log.warning("A kernel that waits could not run %s: %s", code, reply["content"])
        return bool(reply["content"]["status"] == "ok")


def _request(asked: dict[str, Any], served: str) -> str:
    """The code that gives a kernel its environment and its folder."""
    env = of_request(asked.get("env") or {})
    folder = own_folder(Path(served), env.get("SCRIPT_NAME", ""))
    plain = json.loads(json.dumps(env))  # Voilà's names of variables are not plain texts
    return f"import os; os.environ.update({plain!r}); os.chdir({str(folder)!r}); del os"
