"""The kernels of visitors: what each may use, send and write, and what it sees of the server."""

import asyncio
import ctypes
import os
import re
import shutil
import site
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from traitlets import default

from research_lib.errors import ResearchError
from research_lib.show.site.kernels.kernel_channel import LookingClient
from research_lib.show.site.live_pages import own_folder

_USERS = count()
_FIRST_USER, _MOST_USERS = 61184, 4096  # numbers that systemd keeps for users without an account
_MOST_WORDS = 2**16  # bytes of one kernel
_LEFT_OUT = b"\nA kernel has written 64 kB into this log; what else it writes is left out.\n"
_PIECE = 2**16
MOST_MESSAGE_BYTES = 4 * 2**20  # a page may take a file, and says itself when it is too large
_SECONDS = 10
# A kernel may reserve 3 GiB of memory (a map and an Altair chart reserve 2 and use 0.4), write files of 64 MiB and no
# picture of its memory; where memory ends all the same, Linux ends a kernel before the server. The shell sets it,
# because not every server may set the limits of another user's process.
_FIRST_TO_END = "{ echo 500 > /proc/self/oom_score_adj; } 2> /dev/null"
_LIMITS = f'ulimit -d 3145728; ulimit -f 131072; ulimit -c 0; {_FIRST_TO_END}; exec "$@"'
_LIMITED = ("sh", "-c", _LIMITS, "kernel")
# What a kernel sees of the server's environment; a server may hold passwords in other variables.
_SEEN = re.compile(
    r"PATH|HOME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|PYTHON\w*|VIRTUAL_ENV|CONDA_PREFIX|LD_LIBRARY_PATH"
    r"|R_\w+|PROJ_\w+|GDAL_\w+|RESEARCH_LIB_STUDY"
)
_OF_REQUEST = re.compile(r"SCRIPT_NAME|PATH_INFO|QUERY_STRING|SERVER_\w+|VOILA_\w+")
_LAST = 15  # how far a kernel steps back whose visitor asks for too much, as `nice` counts
_MMAP_THRESHOLD, _LONG_MESSAGE = -3, 2**18  # the number of glibc's setting; bytes
_LONGEST_SOCKET = 100  # characters; the name of a socket is a path, and systems allow 104 or more


class RightsError(ResearchError):
    """A kernel would have the rights of root."""


def own_user(home: Path, connection: Path, options: Mapping[str, Any]) -> dict[str, Any]:
    """Give a kernel a user number, a home and a connection file that belong to it, as options of its process.

    Raises RightsError where another user could not run it: it does not run with the rights of root instead.
    """
    needed = (sys.executable, __file__, options["cwd"], options["env"].get("RESEARCH_LIB_STUDY", "/"))
    home.parent.chmod(0o711)
    hidden = [path for path in map(Path, needed) if not _others_can_read(path)]
    hidden += [folder for folder in home.absolute().parents if not folder.stat().st_mode & 0o001]
    if hidden:
        raise RightsError(
            f"{hidden[0]}: the server runs as root, and a page's kernel must not; but other users cannot read this. "
            "Run the server as a user without rights, or make this and the folders above readable: chmod o+rx"
        )
    user = _FIRST_USER + next(_USERS) % _MOST_USERS
    for path in (home, connection):
        os.chown(path, user, user)
    env = options["env"] | {"PYTHONUSERBASE": site.getuserbase(), "HOME": str(home), "TMPDIR": str(home)}
    return {"env": env, "user": user, "group": user, "extra_groups": []}


def _others_can_read(path: Path) -> bool:
    """Whether users without rights reach a file or folder, and what it points to, and may read it."""
    folders = (folder for end in (path.absolute(), path.resolve()) for folder in end.parents)
    return bool(path.stat().st_mode & 0o004) and all(folder.stat().st_mode & 0o001 for folder in folders)


class KernelWords:
    """The words of one kernel, up to a limit; what is beyond it is read and left out, so that the kernel goes on."""

    def __init__(self) -> None:
        self.left = _MOST_WORDS
        self._ends: list[int] = []

    def open(self) -> int:
        """Give the end of a pipe that a kernel writes into; it is open until `listen` is called."""
        self._ends = list(os.pipe())
        os.set_blocking(self._ends[0], False)
        return self._ends[1]

    def listen(self) -> None:
        """Pass on what arrives, until the kernel has ended; the kernel has its own copy of the other end."""
        while len(self._ends) > 1:
            os.close(self._ends.pop())
        if self._ends:
            asyncio.get_running_loop().add_reader(self._ends[0], self._read)

    def say(self, words: bytes) -> None:
        """Write words into the log as far as the limit allows."""
        if self.left > 0:
            sys.stderr.buffer.write(words[: self.left] + (_LEFT_OUT if len(words) >= self.left else b""))
            sys.stderr.flush()
            self.left -= len(words)

    def close(self) -> None:
        """Listen no more."""
        while self._ends:
            end = self._ends.pop()
            asyncio.get_running_loop().remove_reader(end)
            os.close(end)

    def _read(self) -> None:
        try:
            words = os.read(self._ends[0], _PIECE)
        except BlockingIOError:
            return
        if words:
            self.say(words)
        else:
            self.close()


class ExcessError(ValueError):
    """A visitor sends, or asks for, more than pages do."""


@dataclass
class Allowance:
    """What the visitor of one kernel may send and be sent in ten seconds: a slider that is dragged stays far below it.

    It is the kernel's and not the connection's, so that a visitor who comes back has no new one.
    """

    most_messages: int = 1000
    most_bytes: int = 2 * MOST_MESSAGE_BYTES
    most_answered: int = 4 * MOST_MESSAGE_BYTES
    started: float = field(default_factory=time.monotonic)
    messages: int = 0
    bytes: int = 0
    answered: int = 0

    def spend(self, size: int) -> None:
        """Count one message of the visitor; raises ExcessError where there are too many, or they are too long."""
        self._renew()
        self.messages += 1
        self.bytes += size
        if self.messages > self.most_messages or self.bytes > self.most_bytes:
            raise ExcessError("a visitor sends more than widgets do")

    def answer(self, size: int) -> None:
        """Count one message to the visitor; raises ExcessError where they are too long together."""
        self._renew()
        self.answered += size
        if self.answered > self.most_answered:
            raise ExcessError("a visitor is sent more than widgets hold")

    def _renew(self) -> None:
        if time.monotonic() - self.started > _SECONDS:
            self.started, self.messages, self.bytes, self.answered = time.monotonic(), 0, 0, 0


def of_request(environment: Mapping[str, str]) -> dict[str, str]:
    """What Voilà puts into a kernel's environment about the request for its page."""
    return {name: value for name, value in environment.items() if _OF_REQUEST.fullmatch(name)}


def prepare_system() -> None:
    """Let the server open as many files as its system allows, and give back the memory of long messages at once.

    A visitor of a live page takes fifteen files. Without the second, glibc keeps free memory for the next messages.
    """
    if sys.platform == "linux":
        import resource

        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        with suppress(AttributeError):  # another C library may have no such setting
            ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LONG_MESSAGE)


class VisitorKernel(ServerKernelManager):
    """A kernel with limits on what it uses; where the server runs as root, the kernel is a user of its own."""

    # jupyter_server asks the single kernel for the words that stand in a visitor's error, and has them elsewhere.
    traceback_replacement_message = "The log of the server says why."

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.allowance, self.words = Allowance(), KernelWords()

    def step_back(self) -> None:
        """Let the server and the other kernels come first, from now on: the visitor asks for more than pages do.

        Linux counts the processes of a session as one group, and kernels have sessions of their own.
        """
        if sys.platform == "linux" and (process := getattr(self.provisioner, "pid", None)):
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, process, _LAST)
                Path(f"/proc/{process}/autogroup").write_text(str(_LAST), encoding="ascii")

    @default("client_factory")
    def _looking_client(self) -> type[LookingClient]:
        return LookingClient

    # A port is free when it is chosen and may be taken when the kernel binds it; a socket in the kernel's home is not.
    @default("transport")
    def _own_sockets(self) -> str:
        return "ipc" if os.name == "posix" and len(f"{self._sockets}-1") <= _LONGEST_SOCKET else "tcp"

    def _ip_default(self) -> str:
        return self._sockets if self.transport == "ipc" else super()._ip_default()

    async def _async_pre_start_kernel(self, **kw: Any) -> tuple[list[str], dict[str, Any]]:
        self._home.mkdir(mode=0o700, exist_ok=True)
        command, options = await super()._async_pre_start_kernel(**kw)
        server = {name: value for name, value in options["env"].items() if _SEEN.fullmatch(name)}
        options["env"] = server | of_request(options["env"])
        options["cwd"] = str(own_folder(Path(options["cwd"]), options["env"].get("SCRIPT_NAME", "")))
        if os.name != "posix":
            return command, options
        if os.geteuid() == 0:
            options |= own_user(self._home, Path(self.connection_file), options)
        options["stdout"] = options["stderr"] = self.words.open()
        return [*_LIMITED, *command], options

    async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
        try:
            await super()._async_launch_kernel(kernel_cmd, **kw)
        finally:
            self.words.listen()

    async def _async_post_start_kernel(self, **kw: Any) -> None:
        await super()._async_post_start_kernel(**kw)
        self.add_restart_callback(self._remove_files, "dead")

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        await super()._async_cleanup_resources(restart=restart)
        if not restart:
            self._remove_files()

    def _remove_files(self) -> None:
        self.cleanup_connection_file()
        shutil.rmtree(self._home, ignore_errors=True)

    @property
    def _home(self) -> Path:
        return Path(self.connection_file).with_suffix(".home")

    @property
    def _sockets(self) -> str:
        return str(self._home / "s")
