"""Close reading: codebooks, texts and codings; `matrix` and `texts` give a project as tables for pipelines."""

from research_lib.coding.project import matrix, texts

__all__ = ["matrix", "texts"]
