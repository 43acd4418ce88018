"""The synthetic demonstration study, from the form and the margins to cases and to the release that the pages show."""

import hashlib
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

from research_lib.disclosure.plan import Plan
from research_lib.disclosure.policy import Policy
from research_lib.disclosure.release import build_release
from research_lib.disclosure.released import Released
from research_lib.disclosure.signing import Key
from research_lib.evidence.cases import Cases, write_cases
from research_lib.evidence.demonstration import demonstrate
from research_lib.evidence.margins import read_margins
from research_lib.exchange.xlsform import read_form, variables

FORM, PLAN, RELEASE = "instruments/interview.csv", "curated/demonstration/plan.toml", "released/synthetic-demonstration"
_DATE = date(2026, 11, 24)


def demonstration_cases(data: Path) -> Cases:
    """Make up the 600 records of the demonstration study; no person stands behind any of them."""
    margins = read_margins(data / "curated/demonstration/margins.csv")
    return demonstrate(margins, variables(read_form(data / FORM)))


def demonstration_study(data: Path, folder: Path) -> Path:
    """Write the demonstration study into a folder, with the plan of its release, to try the commands on."""
    write_cases(demonstration_cases(data), folder / "cases")
    (folder / "release").mkdir(exist_ok=True)
    shutil.copy(data / PLAN, folder / "release/plan.toml")
    (folder / "release/policy.toml").write_text(Policy.read().to_toml(), encoding="utf-8")
    return folder


def rebuild_release(data: Path, *, say: Callable[[str], object] = str) -> Released:
    """Build the release of the demonstration study anew; it comes out the same, byte for byte.

    Its key is no secret: it can be worked out from its name, so that everybody can build the same.
    """
    folder = data / RELEASE
    if folder.exists():
        shutil.rmtree(folder)
    key = Key.from_private_bytes(hashlib.sha256(b"synthetic demonstration study").digest())
    cases, plan = demonstration_cases(data), Plan.read(data / PLAN)
    return build_release(cases, plan, Policy.read(), folder, date=_DATE, key=key, say=say)
