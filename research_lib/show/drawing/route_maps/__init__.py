"""The maps of routes: their land, the part of it that small maps show, and paths in few characters."""
