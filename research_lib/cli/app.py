"""The command's application, and what its commands share."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Check and build a study, import answers, release tables, serve and export pages.",
)
Folder = Annotated[Path, typer.Argument(help="The study's folder.")]
