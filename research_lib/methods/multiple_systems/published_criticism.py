"""What has been published against estimates of this kind: to be shown beside every one of them."""

import pandas as pd

_COLUMNS = ["authors", "year", "objection", "source"]
_TABLE = [
    (
        "E. B. Hook, R. R. Regal",
        2000,
        "Where the size was known, four lists put it 16 to 25 % too low on average: people on one list tend to be on "
        "others.",
        "American Journal of Epidemiology 152, 771–779",
    ),
    (
        "B. W. Silverman",
        2020,
        "Author of the British estimate: a few of the possible models give rather different answers, and other ways to "
        "choose may pick one of them.",
        "Journal of the Royal Statistical Society A 183(3), 691–736, doi:10.1111/rssa.12505",
    ),
    (
        "J. Whitehead, J. Jackson, A. Balch, B. Francis",
        2021,
        "The British method leaves many terms out and keeps others only if significant: on simulated data it claims "
        "far too much certainty if that is right, and is unsound if it is not. They call it unsuited to this use.",
        "Journal of Human Trafficking 7(1), 1–13, doi:10.1080/23322705.2019.1660952",
    ),
    (
        "L. Chan, B. W. Silverman, K. Vincent",
        2021,
        "With sparse lists an estimate may not exist or not be determined; an interval that forgets the choice of the "
        "model is too narrow (61 % instead of 95 % in their simulation, 90 % with the bootstrap).",
        "Journal of the American Statistical Association 116, 1297–1306, doi:10.1080/01621459.2019.1708748",
    ),
    (
        "S. Aleshin-Guendel, M. Sadinle, J. Wakefield",
        2021,
        "Models that describe those seen equally well can give any number unseen; the assumption that ties the two "
        "cannot be tested, and without a reason for it no estimate should be made.",
        "The central role of the identifying assumption in population size estimation, arXiv:2101.09304",
    ),
    (
        "O. Binette, R. C. Steorts",
        2021,
        "A review of the public data sets on modern slavery: checks against subsets of known size show how accuracy "
        "varies, and large samples do not cure the bias of a wrong assumption.",
        "On the reliability of multiple systems estimation for the quantification of modern slavery, arXiv:2112.01594",
    ),
]


def published_criticism() -> pd.DataFrame:
    """List what scholars object to in estimates of hidden people from overlapping lists.

    One row a work: authors, year, objection (in our words), source. The list is a selection, not a review.

    Not for: a verdict on any one estimate; it lists the questions to put to each.
    """
    return pd.DataFrame(_TABLE, columns=_COLUMNS)
