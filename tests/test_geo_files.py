"""Layers written for GIS programs are read back as they were."""

import geopandas
import pandas as pd
import pyogrio
import pytest
import shapely
from typer.testing import CliRunner

from research_lib import new_study, open_study
from research_lib.cli import app
from research_lib.errors import StudyError
from research_lib.exchange.geo_files import LAYERS, write_layers


def read_back(path, name):
    if path.suffix == ".parquet":
        return geopandas.read_parquet(path)
    return geopandas.read_file(path, layer=name)


def assert_equal(found, layer):
    """The same rows, values, positions and reference system; a format may write one line as a group of one."""
    assert found.crs == layer.crs
    table = pd.DataFrame(layer.drop(columns="geometry"))
    pd.testing.assert_frame_equal(pd.DataFrame(found.drop(columns="geometry")).astype(table.dtypes), table)
    ours, theirs = (shapely.get_coordinates(frame.geometry, return_index=True) for frame in (layer, found))
    assert (ours[0] == theirs[0]).all() and (ours[1] == theirs[1]).all()


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("ending", ["gpkg", "geojson", "parquet"])
def test_a_layer_is_read_back_equal(study, tmp_path, name, ending):
    path = write_layers(study, tmp_path / f"layer.{ending}", [name])
    assert_equal(read_back(path, name), study.geo(name))
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_geopackage_holds_all_layers_and_is_replaced_as_a_whole(study, tmp_path):
    path = write_layers(study, tmp_path / "routes.gpkg")
    assert [name for name, _ in pyogrio.list_layers(path)] == list(LAYERS)
    write_layers(study, path, ["legs"])
    assert pyogrio.list_layers(path).tolist() == [["legs", "MultiLineString"]]


@pytest.mark.parametrize(
    ("name", "layers", "reason"),
    [
        ("routes.shp", (), "ends in .gpkg, .geojson, .parquet"),
        ("routes.geojson", (), "holds one layer; choose places, legs, provinces"),
        ("routes.gpkg", ("claims",), "there are places, legs and provinces"),
    ],
)
def test_what_cannot_be_written_is_refused_and_nothing_is_left(study, tmp_path, name, layers, reason):
    with pytest.raises(StudyError, match=reason):
        write_layers(study, tmp_path / name, layers)
    assert list(tmp_path.iterdir()) == []


def test_a_file_stays_where_writing_fails(study, tmp_path):
    path = write_layers(study, tmp_path / "routes.gpkg", ["legs"])
    before = path.read_bytes()
    with pytest.raises(StudyError):
        write_layers(study, path, ["legs", "claims"])
    assert path.read_bytes() == before


def test_the_command_writes_layers_by_the_ending(study, tmp_path):
    run = CliRunner().invoke
    package, lines = tmp_path / "routes.gpkg", tmp_path / "legs.geojson"
    assert run(app, ["export", "geo", "--to", str(package)]).output == f"wrote {package}\n"
    assert run(app, ["export", "geo", "--to", str(lines), "--layer", "legs"]).output == f"wrote {lines}\n"
    assert_equal(read_back(package, "provinces"), study.geo("provinces"))
    assert_equal(read_back(lines, "legs"), study.geo("legs"))


def test_a_study_without_rows_has_empty_layers(tmp_path):
    study = open_study(new_study(tmp_path / "new", title="Empty", licence="CC0-1.0", languages=("en",)))
    for name in LAYERS:
        found = read_back(write_layers(study, tmp_path / f"{name}.gpkg", [name]), name)
        assert found.empty and list(found) == list(study.geo(name)) and found.crs == "EPSG:4326"
