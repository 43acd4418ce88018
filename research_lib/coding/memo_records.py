"""Memos: what somebody thought about a code, a document, a passage or the project, all in one list."""

import pandas as pd

from research_lib.coding.storage.events import now
from research_lib.coding.storage.store import Store
from research_lib.errors import CodingError

_COLUMNS = ["about", "id", "name", "memo", "by", "at", "document", "start", "end"]


def write_memo(store: Store, memo: str, *, coder: str, document: str | None = None, is_position: bool = False) -> None:
    """Write what one person thinks about a document, or about the project; an empty text takes it away.

    `is_position`: where the coder stands towards the people and the subject, as reflexive work asks. Each coder has a
    memo of their own there, and undo takes the last change back. Memos on codes are written with
    `code_tree.change_code`, those on passages with `Store.change`. Raises CodingError for an unknown document.
    """
    if document is not None and document not in set(store.documents()["document"]):
        raise CodingError(f"{store.path}: there is no document {document!r}")
    about = "position" if is_position else "document" if document else "project"
    after = {"about": about, "document": document, "memo": memo, "by": coder, "at": now()}
    store.set_record("memo", f"{document or about} · {coder}", after if memo.strip() else None, coder=coder)


def memos(store: Store, *, coder: str | None = None) -> pd.DataFrame:
    """List all memos: about, id, name, memo, by, at, document, start and end.

    `about`: project, position, document, code or passage. `coder`: without what other coders wrote on documents and
    passages, as a coder sees who codes blind.
    """
    names = dict(store.documents()[["document", "name"]].itertuples(index=False))
    book, codings = store.codebook(), store.codings()
    written = store.records("memo").values()
    rows = [{**body, "id": body["document"] or "", "name": names.get(body["document"], "")} for body in written]
    rows += [
        {"about": "document", "id": one.id, "name": one.name, "memo": one.memo, "document": one.id}
        for one in store.corpus()
        if one.memo
    ]
    rows += [{"about": "code", "id": one.id, "name": one.name, "memo": one.memo} for one in book if one.memo]
    named = {code.id: code.name for code in book}
    rows += [
        {**row, "about": "passage", "name": named.get(row["code"], row["code"]), "by": row["coder"]}
        for row in codings[codings["memo"] != ""].to_dict("records")
    ]
    frame = pd.DataFrame(rows, columns=_COLUMNS).astype(object).where(lambda cells: cells.notna(), None)
    return frame if coder is None else frame[frame["by"].isna() | (frame["by"] == coder)].reset_index(drop=True)
