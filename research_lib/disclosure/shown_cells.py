"""How much of a study's records a release shows; where it is little, which rule hides most, and what to do."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from research_lib.disclosure.planning.plan import Plan
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.release_files import ProtectedTable
from research_lib.disclosure.suppression.insiders import Insiders
from research_lib.disclosure.suppression.primary_suppression import COMPANION, HIDDEN_BEFORE

_LITTLE = 10
_COARSER = "take codes together in the plan with [coarser.a_name], or take out tables with many codes"
_WHAT_TO_DO = {
    "persons": f"fewer than {{value}} persons stand behind each of their cells: {_COARSER}",
    "sources": f"fewer than {{value}} sources sent records of each of their cells: {_COARSER}",
    "persons_of_others": f"one source sent nearly all of each of their cells: {_COARSER}",
    "top_two_share": f"two sources sent nearly all of each of their cells: {_COARSER}",
    "p_percent": f"two sources sent nearly all of each of their cells: {_COARSER}",
    "distinct_values": (
        "a whole group answered alike, or nobody in it gave an answer: take questions out of sensitive in the plan, if "
        "everybody may know their answers"
    ),
    HIDDEN_BEFORE: "an earlier release hides them, and a later one keeps to it",
    COMPANION: "they are hidden so that others cannot be derived: plan fewer tables, or coarser codes",
}


@dataclass(frozen=True)
class Coverage:
    """How many cells with records a release shows, and how many records, or persons, stand in them.

    Each is counted once in every table. `hidden_by`: how many each rule hides. `sources`: how many sent records.
    """

    unit: str
    tables: int
    cells: int
    cells_shown: int
    records: int
    records_shown: int
    hidden_by: Mapping[str, int]
    policy: Policy
    sources: int
    one_source: bool

    @classmethod
    def of(cls, tables: Sequence[ProtectedTable], plan: Plan, policy: Policy, insiders: Insiders) -> Self:
        """Count what protected tables show."""
        cells = shown = records = records_shown = 0
        hidden_by = Counter[str]()
        for each in tables:
            counts = each.counted.cells["records"]
            cells, records = cells + int((counts > 0).sum()), records + int(counts.sum())
            shown += int(((counts > 0) & ~each.suppressed).sum())
            records_shown += int(counts[~each.suppressed].sum())
            by_rule = counts[each.suppressed].groupby(each.rules[each.suppressed]).sum()
            hidden_by.update({str(rule): int(number) for rule, number in by_rule.items()})
        numbers = (len(tables), cells, shown, records, records_shown)
        return cls(plan.counts, *numbers, hidden_by, policy, len(insiders.sources), insiders.one_source)

    @property
    def is_little(self) -> bool:
        """Whether less than a tenth is shown, of the cells or of the records."""
        return _LITTLE * self.cells_shown < self.cells or _LITTLE * self.records_shown < self.records

    @property
    def sentence(self) -> str:
        """Say how much is shown."""
        each = self.records // max(self.tables, 1)
        share = self.records_shown / max(self.records, 1)
        return (
            f"shown: {self.cells_shown:,} of {self.cells:,} cells with {self.unit}, in {self.tables:,} tables of "
            f"{each:,} {self.unit}; in the mean of the tables {share:.0%} of the {self.unit} stand in shown cells"
        )

    @property
    def advice(self) -> str:
        """Say which rule hides most and what to do, where little is shown; empty elsewhere."""
        if not self.is_little:
            return ""
        if too_few := few_sources(self.sources, self.policy, one_source=self.one_source):
            return too_few
        rule, number = max(self.hidden_by.items(), key=lambda each: each[1])
        reason = _WHAT_TO_DO[rule].format(value=getattr(self.policy, rule, ""))
        return f"most is hidden by the rule {rule} ({number / max(self.records, 1):.0%} of the {self.unit}): {reason}"


def few_sources(sources: int, policy: Policy, *, one_source: bool = False) -> str:
    """Say why all is hidden where fewer sources sent records than the policy asks, and what to do; else empty."""
    mapping = "say in instruments/mapping.toml which question names the organisation or the place they come from"
    if sources == 1 and policy.sources == 1 and not one_source:
        return (
            "all records have one source_id, and release/policy.toml has [sources] value = 1; but earlier releases of "
            "the series are not known to be of this source alone, so that all is hidden. Begin anew with --new-series, "
            "if the earlier ones need not bind any more"
        )
    if sources == 1 and policy.sources > 1:
        return (
            f"all records have one source_id, and the rule sources = {policy.sources} hides every cell: {mapping}; or, "
            "if one organisation collected all, set [sources] value = 1 in release/policy.toml, with this as its "
            "reason (the tables then are protected from everybody but this organisation, which has the records)"
        )
    if sources < policy.sources:
        return (
            f"all records have one of {sources} source_ids, and the rule sources = {policy.sources} hides every cell: "
            f"{mapping}, or lower [sources] in release/policy.toml, with a reason"
        )
    return ""
