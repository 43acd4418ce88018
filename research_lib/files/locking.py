"""One writer at a time in a folder: a lock that the system takes back when the program that holds it ends."""

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from getpass import getuser
from pathlib import Path

from filelock import FileLock, Timeout

from research_lib.errors import ResearchError

LOCK_FILE = ".lock"
PATIENCE = 30.0
_SOON, _LONGEST = 0.5, 400


class LockedError(ResearchError):
    """Another program writes into the folder; the message says which one."""


@contextmanager
def locked(folder: Path | str, *, progress: Callable[[str], object] = str) -> Iterator[None]:
    """Hold the lock of a folder, which is made where it is missing; a second writer waits.

    A lock left by a program that has ended holds nobody up: the system has released it. The same thread may take the
    lock again while it holds it. `progress` hears for whom it waits.
    Raises LockedError, naming the holder, where the lock is not free in time, and where the folder cannot be written.
    """
    path = Path(folder) / LOCK_FILE
    lock = FileLock(path, is_singleton=True, fallback_to_soft=False, on_acquired=_sign)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _acquire(lock, path, progress)
    except OSError as error:
        reason = error.strerror or str(error)
        raise LockedError(
            f"{path}: the folder cannot be written to ({reason}); free space, check its rights and that it lies on a "
            "local disk, then try again"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _acquire(lock: FileLock, path: Path, progress: Callable[[str], object]) -> None:
    try:
        lock.acquire(timeout=_SOON)
    except Timeout:
        progress(f"waiting for {_holder(path)}")
        try:
            lock.acquire(timeout=max(PATIENCE - _SOON, 0))
        except Timeout as error:
            raise LockedError(
                f"{path.parent}: {_holder(path)} is writing here; wait until it ends, then try again"
            ) from error


def _sign(descriptor: int) -> None:
    """Write into the lock file who holds it; a full disk must not keep anybody from the lock."""
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])
    holder = f"{command} (process {os.getpid()} on {socket.gethostname()}, since {datetime.now():%Y-%m-%d %H:%M:%S})"
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, holder.encode(), 0)


def _holder(path: Path) -> str:
    with suppress(OSError):
        text = path.read_bytes()[:_LONGEST].decode(errors="replace")
        if text.isprintable() and text:
            return text
    return "another program"


def account() -> str:
    """The name of the account that runs this; empty where the system has none, as in some containers."""
    try:
        return getuser()
    except (OSError, KeyError, ImportError):  # Python before 3.13 raises the last two
        return ""
