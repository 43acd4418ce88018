"""The kernels of visitors: what each may use, and what it sees of the server."""

import ctypes
import os
import re
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from traitlets import default

from research_lib.show.site.kernels.allowance import Allowance
from research_lib.show.site.kernels.kernel_channel import LookingClient
from research_lib.show.site.kernels.kernel_users import is_root, own_user
from research_lib.show.site.kernels.kernel_words import KernelWords
from research_lib.show.site.live_pages import own_folder

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
        if is_root():
            options |= own_user(self._home, Path(self.connection_file), options)
        if os.name != "posix":
            return command, options
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
