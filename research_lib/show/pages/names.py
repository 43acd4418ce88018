"""The pages by their codes."""

PAGES = ("home", "routes", "profiles", "comparison", "networks", "evidence", "cases")
