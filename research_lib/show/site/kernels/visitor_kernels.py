"""The kernels of visitors: how many may run, what each may use, and what it sees of the server."""

import os
import re
import shutil
import site
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from tornado.web import HTTPError
from traitlets import default

from research_lib.show.site.kernels.kernel_channel import LookingClient
from research_lib.show.site.live_pages import own_folder

# A kernel may use 1 GiB of memory (pandas, geopandas and Altair take a quarter of it), write files of 64 MiB and no
# picture of its memory. The shell sets it, because not every server may set the limits of another user's process.
_LIMITED = ("sh", "-c", 'ulimit -d 1048576; ulimit -f 131072; ulimit -c 0; exec "$@"', "kernel")
# What a kernel sees of the server's environment; a server may hold passwords in other variables.
_SEEN = re.compile(
    r"PATH|HOME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|PYTHON\w*|VIRTUAL_ENV|CONDA_PREFIX|LD_LIBRARY_PATH"
    r"|R_\w+|PROJ_\w+|GDAL_\w+|RESEARCH_LIB_STUDY"
)
_OF_REQUEST = re.compile(r"SCRIPT_NAME|PATH_INFO|QUERY_STRING|SERVER_\w+|VOILA_\w+")
_USERS = count()
_FIRST_USER, _MOST_USERS = 61184, 4096  # numbers that systemd keeps for users without an account
_LONGEST_SOCKET = 100  # characters; the name of a socket is a path, and systems allow 104 or more


class KernelLimit:
    """The number of kernels that may run at once; a notebook whose kernel is on its way counts."""

    def __init__(self, most: int):
        self.most, self.coming = most, 0

    @contextmanager
    def place(self, kernels: Any) -> Iterator[None]:
        """Keep a place for a kernel while a notebook is rendered; raises HTTPError 503 where there is none."""
        if len(kernels.list_kernel_ids()) + self.coming >= self.most:
            raise HTTPError(503)
        self.coming += 1
        try:
            yield
        finally:
            self.coming -= 1


def of_request(environment: Mapping[str, str]) -> dict[str, str]:
    """What Voilà puts into a kernel's environment about the request for its page."""
    return {name: value for name, value in environment.items() if _OF_REQUEST.fullmatch(name)}


def allow_open_files() -> None:
    """Let the server open as many files as its system allows; a visitor of a live page takes fifteen."""
    if sys.platform == "linux":
        import resource

        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class VisitorKernel(ServerKernelManager):
    """A kernel with limits on what it uses; where the server runs as root, the kernel is a user of its own."""

    # jupyter_server asks the single kernel for the words that stand in a visitor's error, and has them elsewhere.
    traceback_replacement_message = "The log of the server says why."

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
        if _is_root():
            options |= self._own_user(options)
        return [*(_LIMITED if os.name == "posix" else ()), *command], options

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

    def _own_user(self, options: dict[str, Any]) -> dict[str, Any]:
        """Give the kernel a user number, and a home and a connection file that belong to it."""
        needed = (sys.executable, __file__, options["cwd"], options["env"].get("RESEARCH_LIB_STUDY", "/"))
        hidden = [path for path in needed if not _others_can_read(Path(path))]
        if hidden:
            self.log.warning("The kernel runs as root: other users cannot read %s", hidden[0])
            return {}
        user = _FIRST_USER + next(_USERS) % _MOST_USERS
        for path in (self._home, Path(self.connection_file)):
            os.chown(path, user, user)
        self._home.parent.chmod(0o711)
        options["env"] |= {"PYTHONUSERBASE": site.getuserbase(), "HOME": str(self._home), "TMPDIR": str(self._home)}
        return {"user": user, "group": user, "extra_groups": []}


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _others_can_read(path: Path) -> bool:
    """Whether users without rights reach a file or folder, and what it points to, and may read it."""
    folders = (folder for end in (path.absolute(), path.resolve()) for folder in end.parents)
    return bool(path.stat().st_mode & 0o004) and all(folder.stat().st_mode & 0o001 for folder in folders)
