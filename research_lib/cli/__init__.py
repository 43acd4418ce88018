"""The command `research-lib`."""

import io
import sys
from importlib import import_module
from typing import NoReturn

import typer

from research_lib.cli.app import app
from research_lib.errors import ResearchError

__all__ = ["app", "main"]
_STOPPED = 130
for kind in ("study", "interview", "release", "page"):
    import_module(f"research_lib.cli.{kind}_commands")


def main() -> None:
    """Run the command; errors of the library are printed as messages, without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except KeyboardInterrupt:
        _stop()
    except SystemExit as ended:
        if ended.code == _STOPPED:
            _stop()
        raise
    except ResearchError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(2) from error
    except MemoryError as error:
        typer.echo("the memory of this machine is used up; end other programs, or bring the data in parts", err=True)
        raise SystemExit(2) from error
    except OSError as error:
        place, reason = error.filename or "a file", error.strerror or str(error)
        typer.echo(f"{place}: {reason}; check the path, its rights and the space on the disk, then try again", err=True)
        raise SystemExit(2) from error


def _stop() -> NoReturn:
    typer.echo("stopped; what was not finished is not saved, and the next command clears it away", err=True)
    raise SystemExit(_STOPPED)
