"""A study's sources as a corpus: their lines are the units, and claims and further readings are the codings on them.

The texts themselves are not here. Positions count lines of a source's plain text: line 3823 is the stretch 3823–3824.
"""

import pandas as pd

from research_lib.coding.codings import as_codings, no_codings
from research_lib.evidence.multiple_values import split
from research_lib.evidence.references import parse_references
from research_lib.evidence.study import Study
from research_lib.evidence.tables import CURATOR


def codings_of_claims(claims: pd.DataFrame) -> pd.DataFrame:
    """Derive the curator's part of the table of codings: one for each code of each claim, on the claim's own lines."""
    rows = claims[claims["lines"].notna()]
    rows = rows.assign(code=rows["code"].map(split)).explode("code", ignore_index=True)
    further = rows.groupby("id").cumcount().map(lambda count: f"-{count + 1}" if count else "").astype("str")
    rows = rows.assign(id="k-curator-" + rows["id"] + further, coder=CURATOR, claim_id=rows["id"], memo="")
    return rows[["id", "coder", "code", "claim_id", "memo", "source", "lines"]]


def codings_on_lines(study: Study) -> pd.DataFrame:
    """Give the codings of a study as segments, one a stretch of lines; `coding_id` is the row of the table."""
    table = study["codings"].dropna(subset="lines").rename(columns={"id": "coding_id"})
    if table.empty:
        return no_codings().assign(coding_id="")
    rows = table.assign(stretch=table["lines"].map(stretches)).explode("stretch", ignore_index=True)
    starts, ends = zip(*rows["stretch"], strict=True)
    documents = [parse_references(source)[0].key for source in rows["source"]]
    return as_codings(rows.drop(columns=["stretch", "lines"]).assign(document=documents, start=starts, end=ends))


def lines_of(study: Study, *sections: str) -> pd.DataFrame:
    """List the lines of some sections and all below them that are not empty, with section and paragraph.

    Gives document, start, end, section, and the line at which the paragraph (lines without a gap) begins.
    """
    table = study["sections"].dropna(subset="text_lines")
    chosen = table[table["locator"].map(lambda name: any(f"{name}.".startswith(f"{wanted}.") for wanted in sections))]
    rows = [
        (section.source_id, line, line + 1, section.locator, start)
        for section in chosen.itertuples()
        for start, end in stretches(section.text_lines)
        for line in range(start, end)
    ]
    return pd.DataFrame(rows, columns=["document", "start", "end", "section", "paragraph"])


def lines_of_all_coders(study: Study, *coders: str) -> pd.DataFrame:
    """List the lines, as `lines_of` does, of the sections in which each of some coders, or of all, has a coding."""
    coded, lines = codings_on_lines(study), lines_of(study, *study["sections"]["locator"])
    wanted = coders or tuple(coded["coder"].unique())
    begun = coded[coded["coder"].isin(wanted)].merge(lines, on=["document", "start"])
    each = begun.groupby(["document", "section"])["coder"].nunique()
    in_all = each[each == len(wanted)].index
    return lines[pd.MultiIndex.from_frame(lines[["document", "section"]]).isin(in_all)].reset_index(drop=True)


def stretches(lines: str) -> list[tuple[int, int]]:
    """Read `3846-3847;3907` as half-open stretches of lines: (3846, 3848), (3907, 3908)."""
    ends = [part.split("-") for part in lines.split(";")]
    return [(int(part[0]), int(part[-1]) + 1) for part in ends]
