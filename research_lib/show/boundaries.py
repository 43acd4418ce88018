"""Where the boundaries stand that maps are drawn with: countries, the world, provinces."""

from pathlib import Path

BOUNDARIES = Path(__file__).resolve().parents[2] / "data/curated/geography"
