"""A study's layers as files that GIS programs, R and Python read: GeoPackage, GeoJSON, GeoParquet."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from research_lib.errors import StudyError
from research_lib.evidence.study import Study

LAYERS = ("places", "legs", "provinces")
ENDINGS = (".gpkg", ".geojson", ".parquet")


def write_layers(study: Study, path: Path, layers: Sequence[str] = ()) -> Path:
    """Write layers of `study.geo` into one file, whose ending names the format: .gpkg, .geojson or .parquet.

    `layers`: places, legs, provinces; by default all of them, each as a layer of the same name. GeoJSON and GeoParquet
    hold one layer only. In a GeoPackage lines and cut lines share one kind, MultiLineString. A file that is there is
    replaced as a whole. Raises StudyError for another ending or layer, and for more layers than the format holds.
    """
    chosen = tuple(layers) or LAYERS
    if path.suffix not in ENDINGS:
        raise StudyError(f"{path}: write to a file that ends in {', '.join(ENDINGS)}")
    if len(chosen) > 1 and path.suffix != ".gpkg":
        raise StudyError(f"{path}: a {path.suffix} file holds one layer; choose {', '.join(LAYERS)}, or write a .gpkg")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".layers-") as beside:
        made = Path(beside) / path.name
        for name in chosen:
            _write(study, name, made)
        os.replace(made, path)
    return path


def _write(study: Study, name: str, path: Path) -> None:
    layer = study.geo(name)
    if path.suffix == ".parquet":
        layer.to_parquet(path, index=False)
    elif path.suffix == ".gpkg":
        layer.to_file(path, driver="GPKG", layer=name, mode="a" if path.exists() else "w")
    else:
        layer.to_file(path, driver="GeoJSON", layer=name)
