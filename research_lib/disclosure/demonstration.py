"""The synthetic demonstration study as a folder, and the release of it that pages show."""

import hashlib
import tempfile
from datetime import date
from pathlib import Path

from research_lib.disclosure.case_counts import Progress
from research_lib.disclosure.planning.plan import Plan
from research_lib.disclosure.planning.policy import Policy
from research_lib.disclosure.release import DRAFT_PREFIX, build_release
from research_lib.disclosure.released import Released, open_release
from research_lib.disclosure.signatures import TRUSTED_KEYS, Key, TrustedKey, public_part, trust
from research_lib.evidence.new_study import new_study, require_new
from research_lib.files.drafts import new_folder
from research_lib.files.locking import locked
from research_lib.files.saving import save_file
from research_lib.interviews.case_files import write_cases
from research_lib.interviews.synthetic.synthetic_cases import DEMONSTRATION, demonstration_cases

PLAN, RELEASE = DEMONSTRATION / "plan.toml", "released/synthetic-demonstration"
_DATE, _TITLE = date(2026, 11, 24), "SYNTHETIC demonstration study"


def demonstration_study(folder: Path) -> Path:
    """Write the demonstration study into a new folder, with the plan of its release, to try the commands.

    It has no statements, only records, all synthetic. Raises StudyError where something is there already; nothing is
    overwritten.
    """
    require_new(folder)
    with new_folder(folder) as made:
        new_study(made, title=_TITLE, licence="CC0-1.0", languages=("en", "fr"))
        write_cases(demonstration_cases(), made / "cases")
        (made / "release").mkdir()
        save_file(made / "release/plan.toml", PLAN.read_bytes())
        save_file(made / "release/policy.toml", Policy.read().to_toml())
    return folder


def rebuild_release(data: Path, *, progress: Progress = str) -> Released:
    """Rebuild the release of the demonstration study; the result is the same, byte for byte.

    Its key is not secret: it is derived from its name, so that everybody can build the same release.
    """
    folder, cases, plan = data / RELEASE, demonstration_cases(), Plan.read(PLAN)
    key = Key.from_private_bytes(hashlib.sha256(b"synthetic demonstration study").digest())
    trust(data / TRUSTED_KEYS, TrustedKey(public_part(key), "the synthetic demonstration study", synthetic=True))
    with (
        locked(folder.parent, progress=progress),
        tempfile.TemporaryDirectory(dir=folder.parent, prefix=DRAFT_PREFIX) as beside,
    ):
        made = Path(beside) / folder.name
        build_release(cases, plan, Policy.read(), made, date=_DATE, key=key, progress=progress)
        if folder.exists():
            folder.rename(Path(beside) / "before")
        made.rename(folder)
    return open_release(folder)
