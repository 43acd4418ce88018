"""The pages by their codes, and the table that each needs."""

PAGES = ("home", "routes", "profiles", "comparison", "networks", "cases")
NEEDED_TABLE = {"routes": "legs", "profiles": "profiles", "comparison": "provisions", "networks": "networks"}
