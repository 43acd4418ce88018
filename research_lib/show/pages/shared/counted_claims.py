"""How many claims a study holds, and how few of them the people themselves say."""

from research_lib.evidence.multiple_values import split
from research_lib.evidence.study import Study
from research_lib.show.words import Words

WOMEN = "women"


def count_claims(study: Study, informant: str = "") -> int:
    """Count the claims of a study, all or those that an informant says, alone or with others."""
    said = study["claims"]["informant"].map(split)
    return sum(not informant or informant in each for each in said)


def counted_claims(page: str, study: Study, words: Words) -> str:
    """Write the first sentence of a page: the number of claims and, where the women themselves say some, of these."""
    count, some = count_claims(study), count_claims(study, WOMEN)
    if not some:
        return words.plural(f"{page}.lede", count)
    named = {"informant": words(f"informant.{WOMEN}"), "some": words.number(some)}
    return words(f"{page}.lede_said", count=words.number(count), **named)
