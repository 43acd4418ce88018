"""The widgets of a study for JupyterLab and for dashboards: routes, profiles, provisions, assessment, networks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import traitlets
from geopandas import GeoDataFrame

from research_lib.errors import UnfitDataError
from research_lib.evidence.journeys_from_frames import study_from_frames
from research_lib.evidence.study import Study
from research_lib.files.spreadsheet import write_frame
from research_lib.show.drawing.map import map_image
from research_lib.show.drawing.organiser_panels import ALL
from research_lib.show.pages.routes.routes_page import routes_page
from research_lib.show.widgets.panel import Panel
from research_lib.show.words import study_words


class RouteMap(Panel):
    """The map of a study's journeys with its filters, legend and table.

    `selected`: `leg:<id>` or `place:<id>`, or nothing (`""`). `filters`: lists of codes by kind, destination, origin,
    entry, actor, period and certainty; the codes are those of the tables of routes and legs, and a wrong one is refused
    with those that exist. Without `kind` the kinds that the study hides at first stay hidden; give all of them to see
    every journey. `view`: `journeys`, or a view of the study's settings.

    In place of a study, two frames: `places`, a GeoDataFrame of points with `id` and `name`, and `legs` with `from_id`
    and `to_id`, each the id of a place. Ids may be anything; in `selected` and `filters` they have small letters,
    digits, `_` and `-`. Columns of legs that may be there: id, name, kind, mode, actor, legal_status, certainty,
    informant, start_year, end_year, text; `weight`, `weight_unit` and `weight_source`, a number, what it counts and who
    says so. Further columns are notes. All lines are of one width: none is a number of persons.
    """

    titled = traitlets.Bool(False).tag(sync=True)
    selects = traitlets.Unicode("select").tag(sync=True)

    def __init__(
        self,
        study: str | Path | Study | None = None,
        *,
        places: GeoDataFrame | None = None,
        legs: pd.DataFrame | None = None,
        **traits: Any,
    ):
        """Draw a study's journeys, or `legs` between `places` as `study_from_frames` takes them."""
        if places is not None or legs is not None:
            if places is None or legs is None or study is not None:
                raise UnfitDataError("give places and legs, both and without a study, or a study alone")
            study = study_from_frames(places, legs)
        super().__init__("routes", study=study, **traits)

    def to_svg(self) -> str:
        """Write the map with the journeys chosen, as a drawing that stands alone; without a choice, its first map."""
        study = self._material.study
        page = routes_page(study, self._material.geography, study_words(study, self.language))
        wanted = {**page.default, **self._state.choices}
        out = {leg.id for leg in page.legs if not _is_chosen(leg.facets, wanted)}
        shown = page.first if wanted == page.default else ALL
        box = next(each.box for each in page.map.organisers if each.id == shown)
        view = page.views.get(self.view, box)
        return map_image(page.map, study_words(study, self.language), out, view=view, shown=shown)


class _PageWidget(Panel):
    """A widget of the page that its class names."""

    _own: ClassVar[str] = ""

    def __init_subclass__(cls, *, page: str = ""):
        super().__init_subclass__()
        cls._own = page or cls._own  # traitlets makes subclasses of a widget to which traits are added

    def __init__(self, study: str | Path | Study | None = None, **traits: Any):
        """Show the page of a study: a folder, an opened study, or None for that of this repository."""
        super().__init__(self._own, study=study, **traits)


class ProfileCards(_PageWidget, page="profiles"):
    """Each group in a few words, and two of them side by side.

    `filters`: `profile`, two of them, and `country`. `selected`: what is unfolded of a card, such as `<group>.age`.
    """

    titled = traitlets.Bool(False).tag(sync=True)
    selects = traitlets.Unicode("slot").tag(sync=True)


class Provisions(_PageWidget, page="comparison"):
    """What the law of each country provides; `selected`: a picked cell; `filters`: `kind` and `topic`."""

    selects = traitlets.Unicode("pick").tag(sync=True)
    part = "provisions"


class Assessment(_PageWidget, page="assessment"):
    """Whether a situation has the elements of trafficking.

    `selected`: the situation; `filters`: `definition`, and `assume`, such as `force.true`.
    """

    selects = traitlets.Unicode("situation").tag(sync=True)
    part = "assess"

    def to_csv(self, query: str | None = None) -> str:  # noqa: ARG002
        """Write what is known of each indicator of the situation chosen."""
        indicators = self._material.study["indicators"]
        chosen = self.selected or self._data["options"]["situation"][0]
        return write_frame(indicators[indicators["situation_id"].eq(chosen)])


class NetworkView(_PageWidget, page="networks"):
    """The networks of assistance and their members; `selected`: the network whose details are open."""

    selects = traitlets.Unicode("network").tag(sync=True)
    part = "networks"


def _is_chosen(facets: Mapping[str, list[str]], wanted: Mapping[str, tuple[str, ...]]) -> bool:
    return all(not wanted.get(name) or set(wanted[name]) & set(values) for name, values in facets.items())
