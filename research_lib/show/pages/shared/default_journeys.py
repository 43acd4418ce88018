"""The journeys that maps show before anything is chosen."""

DEFAULT = {"kind": ("migration", "mobility", "family")}
