"""The work grows with a study's rows, not with their square: it is counted in calls, never timed."""

import cProfile
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from second_study import FOLDER

from research_lib.compare.profiles import profile_rows
from research_lib.evidence.study import Study, open_study
from research_lib.show.drawing.labels import place_labels
from research_lib.show.pages.networks.organisation_directory import directory
from research_lib.show.words import study_words

_TIMES = 3


def _grown(study: Study, times: int) -> Study:
    """A study with each row of some tables so many times, each copy under names of its own."""
    files = dict(study.table_files)
    for name in ("groups", "claims", "places", "organisations"):
        frame = files[name].frame
        named = [column for column in ("id", "group_id", "name") if column in frame]
        copies = [frame.assign(**{each: frame[each] + f"-x{n}" for each in named}) for n in range(1, times)]
        files[name] = replace(files[name], frame=pd.concat([frame, *copies], ignore_index=True))
    return replace(study, table_files=files)


def _labels(times: int) -> object:
    points = [(50.0 * (i % 20), 50.0 * (i // 20)) for i in range(20 * times)]
    return place_labels(points, ["a name"] * len(points), [0] * len(points), (1000.0, 50.0 * times + 50))


def _profiles(times: int) -> object:
    return profile_rows(_grown(open_study(FOLDER), times))


def _directory(times: int) -> object:
    study = _grown(open_study(FOLDER), times)
    return directory(study, study_words(study, "en"))


def _calls(work: Callable[[int], object], times: int) -> int:
    with cProfile.Profile() as profile:
        work(times)
    return sum(each.callcount for each in profile.getstats())


@pytest.mark.parametrize("work", [_profiles, _directory, _labels])
def test_the_work_grows_with_the_rows(work: Callable[[int], object]) -> None:
    work(1)
    one, some, many = (_calls(work, times) for times in (1, _TIMES, 2 * _TIMES))
    assert many - some <= 1.2 * _TIMES * (some - one) / (_TIMES - 1)
