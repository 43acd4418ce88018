"""The pages and the languages by their codes, for those that need no more of them."""

PAGES = ("home", "routes", "profiles", "comparison", "networks", "cases")
LANGUAGES = ("en", "fr")
