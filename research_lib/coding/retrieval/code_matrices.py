"""How often each code stands in each document or case; `retrieve` gives the passages behind a cell."""

from typing import Any

import pandas as pd

from research_lib.coding.project import Project, counted
from research_lib.coding.retrieval.passages import Coded, case_codings, chosen, coded
from research_lib.coding.storage.store import Store

_COUNTED = ("id", "document", "code")


def code_by_document(source: Project | Store | Coded, **filters: Any) -> pd.DataFrame:
    """Count the segments of every document (rows) and code (columns), in the order of the corpus and the codebook.

    `filters`: coders, documents, cases, where, as `retrieve` has them. The passages behind a cell:
    `retrieve(source, documents=row, codes=column, with_sub_codes=False, **filters)`.
    """
    held = coded(source)
    return counted(chosen(held, columns=_COUNTED, **filters), [document.id for document in held.corpus], _codes(held))


def code_by_case(source: Project | Store | Coded, **filters: Any) -> pd.DataFrame:
    """Count the segments of every case (rows) and code (columns); a segment counts in each case that it belongs to.

    `filters`: coders, documents, where, as `retrieve` has them. The passages behind a cell:
    `retrieve(source, cases=row, codes=column, with_sub_codes=False, **filters)`.
    """
    held = coded(source)
    of_cases = case_codings(chosen(held, columns=_COUNTED, **filters), held.cases)
    return counted(of_cases, [case.id for case in held.cases], _codes(held), by="case")


def _codes(held: Coded) -> list[str]:
    return [code.id for code in held.codebook.in_tree_order()]
