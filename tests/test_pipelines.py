"""Answers, codings and texts go into scikit-learn's pipelines as they are given."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import AgglomerativeClustering
from sklearn.compose import make_column_transformer
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, OneHotEncoder

from research_lib import coding
from research_lib.coding.codings import as_codings
from research_lib.coding.practice_texts import practice_project
from research_lib.coding.project import Project
from research_lib.disclosure.demonstration import demonstration_cases
from research_lib.errors import CodingError
from research_lib.interviews.answer_table import answers
from research_lib.methods.clustering import gower_distances
from research_lib.methods.correspondence import CorrespondenceTransformer
from research_lib.methods.latent_classes import LatentClassModel

DATA = Path(__file__).resolve().parents[1] / "data"
QUESTIONS = ["marital_status", "kin_in_europe", "migration_kind"]


@pytest.fixture(scope="module")
def told():
    return answers(demonstration_cases(), QUESTIONS, also=["country_code"])


@pytest.fixture(scope="module")
def project():
    return practice_project(coded=True)


def test_latent_classes_of_answers_are_chosen_by_cross_validation(told):
    given = told[QUESTIONS].dropna(how="all")
    parts = KFold(3, shuffle=True, random_state=1)
    search = GridSearchCV(LatentClassModel(n_init=3), {"n_components": [1, 2]}, cv=parts).fit(given)
    assert search.best_params_ == {"n_components": 2}
    assert set(search.predict(told[QUESTIONS])) == {0, 1}


def test_answers_are_placed_on_axes_and_clustered(told):
    whole = told[QUESTIONS].dropna()
    found = make_pipeline(CorrespondenceTransformer(2), AgglomerativeClustering(3)).fit_predict(whole)
    assert len(found) == len(whole) and set(found) == {0, 1, 2}


def test_answers_are_clustered_by_their_distances(told):
    given = told[QUESTIONS].dropna()
    average = AgglomerativeClustering(3, metric="precomputed", linkage="average")
    found = make_pipeline(FunctionTransformer(gower_distances), average).fit_predict(given)
    assert set(found) == {0, 1, 2}
    assert (found == average.fit_predict(gower_distances(given))).all()


def test_answers_with_gaps_go_into_columns_of_a_model(told):
    assert told[QUESTIONS].isna().any().any()
    encoder = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), QUESTIONS))
    scores = cross_val_score(make_pipeline(encoder, LogisticRegression(max_iter=200)), told, told["country_code"], cv=3)
    assert len(scores) == 3 and np.isfinite(scores).all()


def test_the_matrix_has_every_document_and_code(project):
    table = coding.matrix(project)
    assert table.index.tolist() == [document.id for document in project.corpus]
    assert table.columns.tolist() == [code.id for code in project.codebook]
    counts = project.codings.groupby(["document", "code"]).size()
    assert table.to_numpy().sum() == len(project.codings) and all(table.loc[key] == n for key, n in counts.items())


def test_coders_have_tables_of_one_shape_that_add_up(project):
    first, second = (coding.matrix(project, coder=each.id) for each in project.coders)
    assert (first.axes[0].equals(second.axes[0])) and first.axes[1].equals(second.axes[1])
    pd.testing.assert_frame_equal(first + second, coding.matrix(project))


def test_a_project_without_codings_has_zeros(project):
    empty = coding.matrix(Project("empty", project.codebook, project.corpus))
    assert empty.shape == coding.matrix(project).shape and not empty.to_numpy().any()


def test_what_the_project_does_not_have_is_refused(project):
    with pytest.raises(CodingError, match="no coder 'nobody'; there are"):
        coding.matrix(project, coder="nobody")
    stray = as_codings([{"document": "lost", "start": 0, "end": 1, "code": "fear", "coder": "a"}])
    with pytest.raises(CodingError, match="there is no document 'lost'"):
        coding.matrix(Project("stray", project.codebook, project.corpus, stray))


def test_codings_and_texts_go_into_pipelines_side_by_side(project):
    table, texts = coding.matrix(project), coding.texts(project)
    assert texts.index.equals(table.index) and texts.tolist() == [document.text for document in project.corpus]
    coded = make_pipeline(Normalizer(), TruncatedSVD(2, random_state=1)).fit_transform(table)
    words = make_pipeline(TfidfVectorizer(), TruncatedSVD(2, random_state=1)).fit_transform(texts)
    assert coded.shape == words.shape == (len(project.corpus), 2)
