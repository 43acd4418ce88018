from research_lib.methods.grading.cerqual import Concern as Concern
from research_lib.methods.grading.cerqual import Finding as Finding
from research_lib.methods.grading.cerqual import read_findings as read_findings
from research_lib.methods.grading.process_tracing import Weight as Weight
from research_lib.methods.grading.process_tracing import combine_evidence as combine_evidence
from research_lib.methods.grading.process_tracing import weigh_evidence as weigh_evidence
