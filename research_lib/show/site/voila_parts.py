"""Parts of Voilà that have no setting: templates that are compiled once, and errors of notebooks in words."""

import re
from html import escape
from typing import Any

import jinja2
from jinja2.bccache import Bucket
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import v4
from voila import notebook_renderer
from voila.execute import VoilaExecutor, strip_code_cell_warnings
from voila.exporter import VoilaExporter

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_PACKAGE = re.compile(r"No module named '([\w-]+)")
_INSTALLED_AS = {"sklearn": "scikit-learn", "PIL": "pillow", "cv2": "opencv-python", "yaml": "pyyaml"}


class KeptCode(jinja2.BytecodeCache):
    """The code of compiled templates in memory, by template and text: a changed file is compiled anew."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, Any]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code of a template where its text is the one that was compiled."""
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        self._kept[bucket.key] = bucket.checksum, bucket.code


_CODE = KeptCode()


class KeepingExporter(VoilaExporter):
    """Voilà's exporter, which is made for each visit; its templates are compiled the first time only."""

    def _create_environment(self) -> jinja2.Environment:
        environment: jinja2.Environment = super()._create_environment()
        environment.bytecode_cache = _CODE
        return environment


class SpeakingExecutor(VoilaExecutor):
    """Voilà's executor; a cell that fails is the last one, the page says so in words, and the log has its traceback."""

    has_failed = False

    async def execute_cell(self, cell: Any, resources: Any, cell_index: int, store_history: bool = True) -> Any:
        """Run a cell, unless one before it has failed."""
        if self.has_failed:
            return cell
        try:
            return await super().execute_cell(cell, resources, cell_index, store_history)
        except (CellExecutionError, TimeoutError, DeadKernelError) as error:
            self.has_failed = True
            self._tell(cell, cell_index + 1, error)
            return cell

    def _tell(self, cell: Any, number: int, error: Exception) -> None:
        live = self.nb.metadata["live"]
        told = _COLOUR.sub("", str(error))
        self.log.error("%s, cell %d:\n%s", live["path"], number, told)
        name = getattr(error, "ename", type(error).__name__)
        said = escape(sentence(live["words"], live["path"], number, (name, getattr(error, "evalue", ""))))
        detail = f"<pre>{escape(told)}</pre>" if self.show_tracebacks else ""
        strip_code_cell_warnings(cell)
        kept = [output for output in cell.outputs if output["output_type"] != "error"]
        text = f'<div class="live-error" role="alert"><p>{said}</p>{detail}</div>'
        alert = v4.new_output("display_data", {"text/html": text})  # type: ignore[no-untyped-call]
        cell.outputs = [*kept, alert]


def sentence(words: dict[str, str], notebook: str, number: int, error: tuple[str, str]) -> str:
    """Say in words why a page ends: a package that is missing, a cell without an end, or an error in a cell.

    `words`: the phrases of a live page; `error`: the name of its class, and its text.
    """
    name, text = error
    if name == "ModuleNotFoundError" and (found := _PACKAGE.match(text)):
        return words["missing"].format(package=found[1], install=_INSTALLED_AS.get(found[1], found[1]))
    kind = "timeout" if name in ("CellTimeoutError", "TimeoutError") else "failed"
    return words[kind].format(cell=number, notebook=notebook, error=name)


def use_parts() -> None:
    """Let Voilà render and run with these parts."""
    notebook_renderer.VoilaExporter, notebook_renderer.VoilaExecutor = KeepingExporter, SpeakingExecutor
