"""How good suggestions are on the report's own coding: 644 claims, each with its codes, in English and in French.

Claims stand in for coded sentences, and the report's sections for documents: whole sections are held out, five times.
A code counts that has ten claims in three sections. Learning is from English; suggestions are made in English, and in
French, of which nothing was learned. Needs the extra `suggest` for the rows with meanings. Prints a Markdown table.

The strength of each classifier and the mix of views were chosen on these same claims, among some sixty variants, so
the numbers flatter a little. The claims are in our own words, and whoever wrote the definitions coded the claims.
"""

import sys
from pathlib import Path

import pandas as pd

from research_lib.coding.assisted.coded_units import CodedUnits, definitions_of
from research_lib.coding.assisted.sentence_embeddings import has_model
from research_lib.coding.codebook import from_frame
from research_lib.evidence.multiple_values import split
from research_lib.evidence.references import parse_references
from research_lib.evidence.study import Study, open_study

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from suggestion_quality import suggestion_quality


def claims_as_units(study: Study) -> CodedUnits:
    """Each claim twice, in English and in French, under the first section that it names."""
    claims = study["claims"]
    sections = [parse_references(source)[0] for source in claims["source"]]
    parts = [
        pd.DataFrame(
            {"document": claims["id"], "group": [str(section) for section in sections], "text": claims[column]}
        ).assign(language=language, start=0, end=claims[column].str.len())
        for column, language in (("text", "en"), ("text_fr", "fr"))
    ]
    codes = claims["code"].map(lambda cell: set(split(cell)))
    names = sorted(set().union(*codes))
    labels = pd.DataFrame({name: [name in given for given in codes] for name in names})
    book = from_frame(study["codebook"])
    return CodedUnits(
        pd.concat(parts, ignore_index=True), pd.concat([labels, labels], ignore_index=True), definitions_of(book)
    )


def main() -> None:
    units = claims_as_units(open_study("data"))
    language = units.units["language"]
    without = CodedUnits(units.units, units.labels, {})
    kinds = {"characters": (without, False), "characters, definitions": (units, False)}
    if has_model():
        kinds |= {"characters, meanings": (without, True), "characters, meanings, definitions": (units, True)}
    else:
        print("The extra `suggest` is not installed; rows with meanings are left out.", file=sys.stderr)
    print("| learned from English | in | codes | average precision | P@10 | precision | recall |")
    print("|---|---|---|---|---|---|---|")
    for name, (part, has_meanings) in kinds.items():
        found = suggestion_quality(part, learn_from=language == "en", has_meanings=has_meanings)
        for to in ("en", "fr"):
            table = found.by_code(language == to)
            means = table[["average_precision", "precision_at_10", "precision", "recall"]].mean()
            print(f"| {name} | {to} | {len(table)} | " + " | ".join(f"{one:.2f}" for one in means) + " |", flush=True)


if __name__ == "__main__":
    main()
