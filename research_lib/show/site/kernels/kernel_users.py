"""Users of their own for kernels, where the server runs as root: no visitor's kernel has the rights of root."""

import os
import site
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from research_lib.errors import ResearchError

_USERS = count()
_FIRST_USER, _MOST_USERS = 61184, 4096  # numbers that systemd keeps for users without an account


class RightsError(ResearchError):
    """A kernel would have the rights of root."""


def is_root() -> bool:
    """Whether this process has all rights."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def own_user(home: Path, connection: Path, options: Mapping[str, Any]) -> dict[str, Any]:
    """Give a kernel a user number, a home and a connection file that belong to it, as options of its process.

    Raises RightsError where another user could not run it: it does not run with the rights of root instead.
    """
    needed = (sys.executable, __file__, options["cwd"], options["env"].get("RESEARCH_LIB_STUDY", "/"))
    home.parent.chmod(0o711)
    hidden = [path for path in map(Path, needed) if not _others_can_read(path)]
    hidden += [folder for folder in home.absolute().parents if not folder.stat().st_mode & 0o001]
    if hidden:
        raise RightsError(
            f"{hidden[0]}: the server runs as root, and a page's kernel must not; but other users cannot read this. "
            "Run the server as a user without rights, or make this and the folders above readable: chmod o+rx"
        )
    user = _FIRST_USER + next(_USERS) % _MOST_USERS
    for path in (home, connection):
        os.chown(path, user, user)
    env = options["env"] | {"PYTHONUSERBASE": site.getuserbase(), "HOME": str(home), "TMPDIR": str(home)}
    return {"env": env, "user": user, "group": user, "extra_groups": []}


def _others_can_read(path: Path) -> bool:
    """Whether users without rights reach a file or folder, and what it points to, and may read it."""
    folders = (folder for end in (path.absolute(), path.resolve()) for folder in end.parents)
    return bool(path.stat().st_mode & 0o004) and all(folder.stat().st_mode & 0o001 for folder in folders)
