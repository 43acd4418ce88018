"""How sure a finding is: the record of GRADE-CERQual, and how strongly evidence speaks for one account over another."""

from research_lib.methods.grading.cerqual import Concern, Finding, findings_table, read_findings, summary_of_findings
from research_lib.methods.grading.process_tracing import Weight, combine_evidence, weigh_evidence

__all__ = [
    "Concern",
    "Finding",
    "Weight",
    "combine_evidence",
    "findings_table",
    "read_findings",
    "summary_of_findings",
    "weigh_evidence",
]
