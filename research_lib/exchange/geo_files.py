"""A study's layers as files that GIS programs, R and Python read: GeoPackage, GeoJSON, GeoParquet."""

from collections.abc import Sequence
from pathlib import Path

from geopandas import read_file, read_parquet
from pyarrow import ArrowException

from research_lib.errors import StudyError
from research_lib.evidence.study import Study
from research_lib.files.saving import written_beside

LAYERS = ("places", "legs", "provinces")
ENDINGS = (".gpkg", ".geojson", ".parquet")


def write_layers(study: Study, path: Path, layers: Sequence[str] = ()) -> Path:
    """Write layers of `study.geo` into one file, whose ending names the format: .gpkg, .geojson or .parquet.

    `layers`: places, legs, provinces; by default all of them, each as a layer of the same name. GeoJSON and GeoParquet
    hold one layer only. In a GeoPackage lines and cut lines share one kind, MultiLineString. A file that is there is
    replaced as a whole. Raises StudyError for another ending or layer, and for more layers than the format holds,
    SavingError where the file cannot be written; then an older one is as it was.
    """
    chosen = tuple(layers) or LAYERS
    if path.suffix not in ENDINGS:
        raise StudyError(f"{path}: write to a file that ends in {', '.join(ENDINGS)}")
    if len(chosen) > 1 and path.suffix != ".gpkg":
        raise StudyError(f"{path}: a {path.suffix} file holds one layer; choose {', '.join(LAYERS)}, or write a .gpkg")
    made = {name: study.geo(name) for name in chosen}
    with written_beside(path, RuntimeError, ArrowException) as part:
        for name, layer in made.items():
            if part.suffix == ".parquet":
                layer.to_parquet(part, index=False)
            else:  # the ending names the format
                layer.to_file(part, layer=name, mode="a" if part.exists() else "w")
        for name, layer in made.items():  # GDAL closes a full disk's file in silence
            there = read_parquet(part) if part.suffix == ".parquet" else read_file(part, layer=name)
            if len(there) != len(layer):
                raise RuntimeError(f"{len(there):,} of {len(layer):,} {name} arrived")
    return path
