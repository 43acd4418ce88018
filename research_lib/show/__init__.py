"""What people see: the widgets of a study for JupyterLab and for dashboards."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from research_lib.show.widgets.page_widgets import Assessment, NetworkView, ProfileCards, Provisions, RouteMap
    from research_lib.show.widgets.panel import Panel

__all__ = ["Assessment", "NetworkView", "Panel", "ProfileCards", "Provisions", "RouteMap"]


def __getattr__(name: str) -> Any:
    """Bring in a widget when it is first used: the server and the build need none."""
    if name not in __all__:
        raise AttributeError(f"research_lib.show has no {name!r}; its widgets are {', '.join(__all__)}")
    module = "panel" if name == "Panel" else "page_widgets"
    return getattr(import_module(f"research_lib.show.widgets.{module}"), name)
