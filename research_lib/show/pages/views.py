"""Every page by its name: what makes its view model of the study and the words of one language."""

from collections.abc import Callable

from research_lib.show.material import Material
from research_lib.show.pages.cases.cases_view import cases_view
from research_lib.show.pages.comparison.comparison_view import comparison_view
from research_lib.show.pages.home.home_view import home_view
from research_lib.show.pages.networks.networks_view import networks_view
from research_lib.show.pages.profiles.profiles_view import profiles_view
from research_lib.show.pages.routes.routes_view import routes_view
from research_lib.show.pages.shared.view import View
from research_lib.show.words import Words

VIEWS: dict[str, Callable[[Material, Words], View]] = {
    "home": home_view,
    "routes": routes_view,
    "profiles": profiles_view,
    "comparison": comparison_view,
    "networks": networks_view,
    "cases": cases_view,
}
