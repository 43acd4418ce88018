"""The steps of a program on the disk: at any of them it can be killed, or the disk be full from there on.

A command runs in a process forked from this one, so that what is imported already is shared.
"""

import errno
import io
import os
import signal
import sys
from collections.abc import Callable
from functools import partial

from killing import in_child, wait

from research_lib import cli

KILLED, FULL = "killed", "full"
REFUSED = 2  # the exit code of a command that is refused
REASONS = tuple(os.strerror(number) for number in (errno.ENOSPC, errno.EFBIG))
_CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.chmod", "os.link", "os.symlink"}
_FREES_SPACE = {"os.remove", "os.rmdir"}
_FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Steps:
    """The steps of this process on the disk; at one of them it is killed, or the disk is full from there on."""

    def __init__(self, stop_at: int, fault: str):
        self.stop_at, self.fault, self.taken, self.is_full = stop_at, fault, 0, False

    def watch(self) -> None:
        """Watch this process from here on."""
        sys.addaudithook(self._heard)
        for name in ("fsync", "write", "pwrite"):
            setattr(os, name, self._before(name, getattr(os, name)))
        os.fdopen = lambda descriptor, mode: io.BufferedWriter(self._file(descriptor, mode))

    def _heard(self, event: str, arguments: tuple) -> None:
        if event in _CHANGES or (event == "open" and arguments[2] & _FOR_WRITING):
            self._take(event, arguments[0])

    def _before(self, name: str, step: Callable) -> Callable:
        def counted(*arguments):
            self._take(name)
            return step(*arguments)

        return counted

    def _file(self, descriptor: int, mode: str) -> io.FileIO:
        class Counted(io.FileIO):
            write = self._before("write", io.FileIO.write)  # a function of the class, so that it gets the file

        return Counted(descriptor, mode)

    def _take(self, step: str, place: object = None) -> None:
        is_here = self.taken == self.stop_at
        self.taken += 1
        if is_here and self.fault == KILLED:
            os.kill(os.getpid(), signal.SIGKILL)
        if is_here or (self.is_full and step not in _FREES_SPACE):
            self.is_full = True
            named = [os.fsdecode(place)] if isinstance(place, (str, os.PathLike)) else []
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), *named)


def start(arguments: list[str], before: Callable[[], object] = str) -> tuple[int, int]:
    """Start a command in a forked process; gives the process, and where to read what it says."""
    read, write = os.pipe()
    child = in_child(partial(_run, arguments, before, write))
    os.close(write)
    return child, read


def _run(arguments: list[str], before: Callable[[], object], output: int) -> None:
    sys.stdout = sys.stderr = os.fdopen(output, "w", encoding="utf-8", buffering=1)
    before()
    command(arguments)


def command(arguments: list[str]) -> None:
    """Run a command in this process."""
    sys.argv = ["research-lib", *arguments]
    cli.main()


def end(child: int, read: int) -> tuple[int, str]:
    """The exit code of a process, and what it said."""
    with open(read, encoding="utf-8") as said:
        text = said.read()
    return wait(child), text
