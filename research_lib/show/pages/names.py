"""The pages by their codes."""

PAGES = ("home", "routes", "profiles", "comparison", "assessment", "networks", "evidence", "cases", "about")
