"""What may leave a study: `Policy`, `Plan`, `information_loss`, `build_release`, `open_release`, `audit`."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from research_lib.disclosure.plan_losses import information_loss
    from research_lib.disclosure.planning.plan import Plan
    from research_lib.disclosure.planning.policy import Policy
    from research_lib.disclosure.release import audit, build_release
    from research_lib.disclosure.released import Released, open_release

__all__ = ["Plan", "Policy", "Released", "audit", "build_release", "information_loss", "open_release"]
_HOMES = {
    **{"Plan": "planning.plan", "Policy": "planning.policy", "information_loss": "plan_losses"},
    **{"audit": "release", "build_release": "release"},
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: a page opens a release without the engine that counts."""
    if name not in __all__:
        raise AttributeError(f"research_lib.disclosure has no {name!r}; its public names are {', '.join(__all__)}")
    return getattr(import_module(f"research_lib.disclosure.{_HOMES.get(name, 'released')}"), name)
