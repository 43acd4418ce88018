"""The command `research-lib`."""

import io
import os
import signal
import sys
import threading
from importlib import import_module
from typing import Any

import typer

from research_lib.cli.app import app
from research_lib.errors import ResearchError

__all__ = ["app", "main"]
_STOPPED, _PATIENCE = 130, 5  # the status of a stopped command; seconds that it may take to stop
_SAID = "stopped; what was not finished is not saved, and the next command clears it away"
for kind in ("study", "interview", "release", "page"):
    import_module(f"research_lib.cli.{kind}_commands")


def main() -> None:
    """Run the command; errors of the library are printed as messages, without a traceback."""
    interrupted = _note_interrupts()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except BaseException as error:
        is_stopped = isinstance(error, SystemExit) and error.code == _STOPPED
        if is_stopped or isinstance(error, KeyboardInterrupt) or interrupted.is_set():
            typer.echo(_SAID, err=True)
            raise SystemExit(_STOPPED) from error
        _explain(error)
        raise


def _note_interrupts() -> threading.Event:
    """Note Ctrl+C: a library that is interrupted in its own code raises errors of its own, as DuckDB does.

    Such a library may also wait for its threads, for hours; then the process ends without it.
    """
    interrupted = threading.Event()

    def interrupt(number: int, frame: Any) -> None:
        if not interrupted.is_set():
            interrupted.set()
            patience = threading.Timer(_PATIENCE, _end)
            patience.daemon = True
            patience.start()
        signal.default_int_handler(number, frame)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)
    return interrupted


def _explain(error: BaseException) -> None:
    """Print an error that people can mend as a message, and end with the status of a refusal."""
    if isinstance(error, ResearchError):
        said = str(error)
    elif isinstance(error, MemoryError):
        said = "the memory of this machine is used up; end other programs, or bring the data in parts"
    elif isinstance(error, OSError):
        place, reason = error.filename or "a file", error.strerror or str(error)
        said = f"{place}: {reason}; check the path, its rights and the space on the disk, then try again"
    else:
        return
    typer.echo(said, err=True)
    raise SystemExit(2) from error


def _end() -> None:
    """End the process from another thread."""
    typer.echo(_SAID, err=True)
    os._exit(_STOPPED)
