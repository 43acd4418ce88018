"""The report as a corpus: its lines are the units, and claims and a second reading are the codings on them.

The text itself is not here. Positions count lines of the report's plain text: line 3823 is the stretch 3823–3824.
"""

import pandas as pd

from research_lib.coding.codings import as_codings
from research_lib.evidence.study import Study


def codings_of_claims(claims: pd.DataFrame) -> pd.DataFrame:
    """Derive the curator's part of the table of codings: one for each claim of the report, on the claim's own lines."""
    rows = claims[claims["lines"].notna()]
    return pd.DataFrame(
        {
            "id": "k-curator-" + rows["id"],
            "coder": "curator",
            "code": rows["dimension_code"],
            "claim_id": rows["id"],
            "memo": "",
            "source": rows["source"],
            "lines": rows["lines"],
        }
    )


def codings_on_lines(study: Study) -> pd.DataFrame:
    """Give the codings of the report as segments, one a stretch of lines; `coding_id` is the row of the table."""
    table = study["codings"].rename(columns={"id": "coding_id"})
    stretches = table.assign(stretch=table["lines"].map(_stretches)).explode("stretch", ignore_index=True)
    starts, ends = zip(*stretches["stretch"], strict=True)
    rows = stretches.drop(columns=["stretch", "lines"]).assign(document="exchange2007", start=starts, end=ends)
    return as_codings(rows)


def lines_of(study: Study, *sections: str) -> pd.DataFrame:
    """List the lines of some sections and all below them that are not empty, with section and paragraph.

    Gives document, start, end, section, and the line at which the paragraph (lines without a gap) begins.
    """
    table = study["sections"]
    chosen = table[table["locator"].map(lambda name: any(f"{name}.".startswith(f"{wanted}.") for wanted in sections))]
    rows = [
        ("exchange2007", line, line + 1, section.locator, start)
        for section in chosen.itertuples()
        for start, end in _stretches(section.text_lines)
        for line in range(start, end)
    ]
    return pd.DataFrame(rows, columns=["document", "start", "end", "section", "paragraph"])


def _stretches(lines: str) -> list[tuple[int, int]]:
    """Read `3846-3847;3907` as half-open stretches of lines."""
    ends = [part.split("-") for part in lines.split(";")]
    return [(int(part[0]), int(part[-1]) + 1) for part in ends]
