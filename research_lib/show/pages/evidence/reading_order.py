"""The order in which the statements are read: what the findings rest on, what the people themselves say, by theme."""

from collections.abc import Sequence

from research_lib.evidence.study import Study
from research_lib.show.pages.evidence.statement_rows import KINDS, Statement
from research_lib.show.pages.shared.content import WOMEN


def of_findings(study: Study, statements: Sequence[Statement]) -> list[int]:
    """List the places of the statements and figures that the findings of a study rest on."""
    places = {(each.kind, each.row_id): place for place, each in enumerate(statements)}
    named = [("claim", key) for finding in study.settings.findings for key in finding.claims]
    named += [("figure", key) for finding in study.settings.findings for key in finding.figures]
    return [places[each] for each in dict.fromkeys(named) if each in places]


def reading_order(statements: Sequence[Statement], first: Sequence[int], themes: Sequence[str]) -> list[Statement]:
    """Sort statements by kind; in each, those of `first`, then what the women themselves say, then all by theme."""
    rank, theme = ({each: place for place, each in enumerate(listed)} for listed in (first, themes))

    def place_of(place: int) -> tuple[int, int, bool, int, int]:
        """Give what decides where a statement stands."""
        each = statements[place]
        code = next(iter(each.facets["code"]), "")
        return (
            list(KINDS).index(each.kind),
            rank.get(place, len(rank)),
            WOMEN not in each.facets["informant"],
            theme.get(code, len(theme)),
            place,
        )

    return [statements[place] for place in sorted(range(len(statements)), key=place_of)]
