"""The public names of a package: its `__init__.pyi` lists them, and each is imported when it is first used."""

import ast
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any


def public_names(package: str, file: str) -> tuple[Callable[[str], Any], list[str]]:
    """Give a package its `__getattr__` and its `__all__`: what the stub beside `file`, its `__init__.py`, imports.

    A visitor's kernel so loads only what it uses, and a name stands in one place, which type checkers read too.
    """
    stub = ast.parse(Path(file).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = [line for line in stub.body if isinstance(line, ast.ImportFrom)]
    homes = {alias.name: str(line.module) for line in imports for alias in line.names}

    def bring_in(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"{package} has no {name!r}; its public names are {', '.join(homes)}")
        if homes[name] == package:
            return import_module(f"{package}.{name}")
        return getattr(__import__(homes[name], fromlist=[name]), name)

    return bring_in, [*homes]
