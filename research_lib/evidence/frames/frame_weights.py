"""The numbers that legs of a frame carry, each with what is counted and who says so, as figures of a study."""

import codecs
import re

import latexcodec  # noqa: F401, gives the codec for BibTeX; comes with pybtex
import numpy as np
import pandas as pd

from research_lib.errors import Problem, StudyError, UnfitDataError, quoted
from research_lib.evidence.frames.frame_columns import CANNOT_BE_DRAWN, id_text

WEIGHT_COLUMNS = ("weight", "weight_unit", "weight_source")
_KIND = "  kind = {data},\n  informant = {not-stated}\n}\n"
_FRAMES = "@misc{frames,\n  title = {Journeys given as frames in Python},\n  author = {{No source}},\n" + _KIND
_BRACED = re.compile(r"[{}\\]+")
_FIGURE = {
    "indicator": "flow",
    "is_approximate": "false",
    "is_headline": "true",
    "code": "journey",
    "informant": "not-stated",
    "certainty": "not-stated",
}


def with_weights(legs: pd.DataFrame) -> pd.DataFrame:
    """Check the weights of legs, and give each leg that has one the id of its figure, the key of its source and,
    where it has no text, a sentence.

    Legs without a column `weight` stay as they are. Raises UnfitDataError where unit or source is not given, StudyError
    with all cells that are no number of something by somebody.
    """
    if "weight" not in legs:
        return legs
    for name, example in (("weight_unit", "'persons'"), ("weight_source", "'UN DESA 2020'")):
        if name not in legs:
            raise UnfitDataError(
                f"legs has a weight without {name}: say what is counted, and who says so, such as "
                f"legs.assign({name}={example})"
            )
    texts = {name: legs[name].map(id_text) for name in WEIGHT_COLUMNS}
    numbers = pd.to_numeric(texts["weight"], errors="coerce").replace([np.inf, -np.inf], np.nan)
    has_weight = texts["weight"] != ""
    problems = [
        Problem("legs", row + 1, "weight", f"{quoted(texts['weight'][row])} is not a number; write it without signs")
        for row in legs.index[has_weight & numbers.isna()]
    ]
    for name in WEIGHT_COLUMNS[1:]:
        empty = legs.index[has_weight & (texts[name] == "")]
        problems += [Problem("legs", row + 1, name, "is empty beside a weight; fill it") for row in empty]
    if problems:
        raise StudyError(CANNOT_BE_DRAWN, sorted(problems))
    keys = {source: f"weights-{number}" for number, source in enumerate(dict.fromkeys(texts["weight_source"]), start=1)}
    ids = [f"figure-{row + 1}" if has else None for row, has in zip(legs.index, has_weight, strict=True)]
    cited = texts["weight_source"].map(keys).where(has_weight)
    said = numbers.map(_written) + " " + texts["weight_unit"] + ". " + texts["weight_source"] + "."
    text = (legs["text"] if "text" in legs else pd.Series(pd.NA, legs.index, "str")).fillna(said.where(has_weight))
    return legs.assign(**texts | {"weight": numbers}, figure_id=ids, source=cited, text=text)


def figures_of(legs: pd.DataFrame) -> pd.DataFrame:
    """Give the weights of legs as rows of the table `figures`, each with its unit and source in its sentence."""
    weighed = legs[legs["weight"].notna()] if "weight" in legs else legs[:0]
    return pd.DataFrame(
        [
            _FIGURE
            | {
                "id": row.figure_id,
                "text": f"{row.name}: {_written(row.weight)} {row.weight_unit}. {row.weight_source}",
                "value": _written(row.weight),
                "unit": row.weight_unit,
                "place_id": ";".join(dict.fromkeys([row.from_id, row.to_id])),
                "source": row.source,
            }
            for row in weighed.itertuples()
        ],
        columns=[*_FIGURE, "id", "text", "value", "unit", "place_id", "source"],
    )


def bibliography_of(legs: pd.DataFrame) -> str:
    """Write the sources of weights, and the frames themselves, as BibTeX."""
    weighed = legs[legs["weight"].notna()] if "weight" in legs else legs[:0]
    named = {row.source: _in_bibtex(row.weight_source) for row in weighed.itertuples()}
    entries = [
        f"@misc{{{key},\n  title = {{Numbers of flows}},\n  author = {{{{{author}}}}},\n{_KIND}"
        for key, author in named.items()
    ]
    return "\n".join([_FRAMES, *entries])


def _in_bibtex(text: str) -> str:
    """Escape a text for BibTeX; braces and backslashes, which count there, become spaces."""
    return str(codecs.encode(" ".join(_BRACED.sub(" ", text).split()), "ulatex")) or "Source"


def _written(number: float) -> str:
    """Write a number in twelve digits or as a whole one, without an exponent; nothing for a missing one."""
    if pd.isna(number):
        return ""
    if float(number).is_integer():
        return str(int(number))
    return np.format_float_positional(float(f"{number:.12g}"), trim="-")
