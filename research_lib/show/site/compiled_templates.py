"""The templates of Voilà's page, compiled once for all visits: for each visit Voilà makes a new exporter."""

from typing import Any

import jinja2
from jinja2.bccache import Bucket
from voila import notebook_renderer
from voila.exporter import VoilaExporter


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
    """Voilà's exporter; its templates are compiled the first time only."""

    def _create_environment(self) -> jinja2.Environment:
        environment: jinja2.Environment = super()._create_environment()
        environment.bytecode_cache = _CODE
        return environment


def keep_templates() -> None:
    """Let Voilà render with this exporter; it has no setting for that."""
    notebook_renderer.VoilaExporter = KeepingExporter
