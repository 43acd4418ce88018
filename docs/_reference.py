"""The parts of the reference that are generated: modules, commands, tables and settings.

A page names a part in a line of its own: `<!-- commands -->`, or `<!-- module research_lib.coding.agreement -->`.
"""

import importlib
import inspect
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from sphinx.pycode import ModuleAnalyzer

import research_lib
from research_lib.cli import app as command
from research_lib.evidence import settings, study_folders
from research_lib.evidence.data_dictionary import table_description
from research_lib.evidence.tables import OPTIONAL_TABLES, TABLES, columns

_PLACE = re.compile(r"^<!-- (module|commands|tables|settings|policy) ?([\w.]*) -->$", re.MULTILINE)
POLICY = Path(research_lib.__file__).parent / "disclosure/planning/policy.toml"
_HEADS = {
    "StudySettings": "At the top of the file",
    "Finding": "[[findings]]",
    "Permit": "[[permits]]",
    "Defaults": "[defaults]",
    "MapSettings": "[map]",
    "MapView": "[[map.views]]",
}


def fill_in(_app, _page: str, source: list[str]) -> None:
    """Replace the marks of a page by what is generated."""
    source[0] = _PLACE.sub(lambda found: _PARTS[found[1]](found[2]), source[0])


def _module(name: str) -> str:
    module = importlib.import_module(name)
    for public in getattr(module, "__all__", ()):  # some load a name when it is first used; autodoc takes what is there
        setattr(module, public, getattr(module, public))
    return f"## {name.removeprefix('research_lib.')}\n\n`{name}`\n\n```{{eval-rst}}\n.. automodule:: {name}\n```"


def _tables(_: str) -> str:
    return "\n".join(table_description(name, columns(model)) for name, model in (TABLES | OPTIONAL_TABLES).items())


def _commands(_: str) -> str:
    return "\n".join(_command(name, each) for name, each in typer.main.get_command(command).commands.items())


def _command(name: str, found) -> str:
    arguments = [each for each in found.params if each.param_type_name == "argument"]
    options = [each for each in found.params if each.param_type_name == "option"]
    usage = " ".join(["research-lib", name, *map(_written, arguments), *(["[OPTIONS]"] if options else [])])
    rows = "".join(f"| `{_spelling(each)}` | {each.help} {_needed(each)}|\n" for each in (*arguments, *options))
    return f"## {name}\n\n{found.help}\n\n```text\n{usage}\n```\n\n| argument or option | meaning |\n|---|---|\n{rows}"


def _written(argument) -> str:
    return argument.name.upper() if argument.required else f"[{argument.name.upper()}]"


def _spelling(parameter) -> str:
    return parameter.name.upper() if parameter.param_type_name == "argument" else ", ".join(parameter.opts)


def _needed(parameter) -> str:
    if parameter.required and parameter.param_type_name == "option":
        return "Required. "
    if parameter.default == study_folders.OWN_STUDY:
        return "Default: the current folder. "
    shown = isinstance(parameter.default, str | int) and not isinstance(parameter.default, bool)
    return f"Default: `{parameter.default}`. " if shown and parameter.default != "" else ""


def _settings(_: str) -> str:
    models = [each for each in vars(settings).values() if isinstance(each, type) and issubclass(each, BaseModel)]
    described = sorted(
        (each for each in models if each.__name__ in _HEADS), key=lambda each: [*_HEADS].index(each.__name__)
    )
    drawings = "".join(f"| `{code}` | {meaning} |\n" for code, meaning in settings.DRAWINGS.items())
    drawings = f"## Drawings of a finding\n\n| code | what is drawn |\n|---|---|\n{drawings}"
    return "\n".join([*map(_model, described), drawings])


def _model(model: type[BaseModel]) -> str:
    said = ModuleAnalyzer.for_module(model.__module__).find_attr_docs()
    rows = "".join(
        f"| `{name}` | {' '.join(said[model.__name__, name]).strip()} {_usual(found)}|\n"
        for name, found in model.model_fields.items()
    )
    head = "| setting | meaning |\n|---|---|\n"
    return f"## {_HEADS[model.__name__]}\n\n{inspect.cleandoc(model.__doc__ or '')}\n\n{head}{rows}"


def _usual(found: FieldInfo) -> str:
    if found.is_required():
        return "Required. "
    return (
        ""
        if found.default in ("", None, []) or isinstance(found.default, BaseModel)
        else f"Default: `{json.dumps(found.default)}`. "
    )


def _policy(_: str) -> str:
    rules = tomllib.loads(POLICY.read_text(encoding="utf-8"))
    rows = "".join(f"| `{name}` | {rule['value']} | {rule['reason']} |\n" for name, rule in rules.items())
    return f"| rule | value | reason |\n|---|---|---|\n{rows}"


_PARTS: dict[str, Callable[[str], str]] = {
    "module": _module,
    "commands": _commands,
    "tables": _tables,
    "settings": _settings,
    "policy": _policy,
}
