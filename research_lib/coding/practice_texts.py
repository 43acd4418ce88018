"""A small synthetic project to practise on: four short texts in three languages, a codebook, two made-up coders."""

import pandas as pd

from research_lib.coding.codebook import from_frame
from research_lib.coding.codings import as_codings, no_codings
from research_lib.coding.corpus import Corpus, Document
from research_lib.coding.project import Coder, Project
from research_lib.files.opening import package_data

_FOLDER = package_data("coding", "practice")


def practice_project(*, coded: bool = False) -> Project:
    """Open the synthetic practice texts and their codebook; `coded` adds the codings of two made-up coders."""
    codes = pd.read_csv(_FOLDER / "codebook.csv", keep_default_na=False).replace({"parent_id": {"": None}})
    rows = pd.read_csv(_FOLDER / "documents.csv", keep_default_na=False).itertuples(index=False)
    documents = tuple(
        Document(
            row.id,
            row.name,
            (_FOLDER / row.file).read_text(encoding="utf-8"),
            row.language,
            row.translation_of or None,
            {"country": row.country, "site": row.site},
        )
        for row in rows
    )
    codings = as_codings(pd.read_csv(_FOLDER / "codings.csv")) if coded else no_codings()
    coders = tuple(Coder(name) for name in codings["coder"].unique())
    return Project("Practice (synthetic)", from_frame(codes), Corpus(documents), codings, coders)
