"""The records of the synthetic demonstration study, made by `tests/synthetic_records.py`; no person is in them."""

from research_lib.files.opening import package_data
from research_lib.interviews.case_files import read_rows
from research_lib.interviews.cases import Cases
from research_lib.interviews.xlsform import common_form, variables

DEMONSTRATION = package_data("interviews", "synthetic/demonstration")


def demonstration_cases() -> Cases:
    """Read the 600 synthetic records of the demonstration study; none describes a real person."""
    return Cases(read_rows(DEMONSTRATION / "synthetic-cases.csv"), variables(common_form()), is_synthetic=True)
