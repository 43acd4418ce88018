"""Latent classes and correspondence analysis as scikit-learn estimators, for pipelines and cross-validation."""

from collections.abc import Hashable, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, DensityMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from research_lib.methods.correspondence.group_ellipses import person_coordinates
from research_lib.methods.correspondence.multiple_correspondence import correspondence
from research_lib.methods.latent_classes.answer_patterns import codes_of, indicators
from research_lib.methods.latent_classes.expectation_maximisation import Indicators, posterior
from research_lib.methods.latent_classes.latent_class_model import latent_classes
from research_lib.methods.options import as_frame


class _OfLabels(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """An estimator of answers that are labels, such as words, and that may be missing."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = tags.input_tags.string = tags.input_tags.allow_nan = True
        return tags


class LatentClassModel(DensityMixin, _OfLabels):  # type: ignore[misc]
    """`latent_classes` with `fit`, `predict`, `predict_proba` and `score`; the limits are the same.

    `n_components`: the number of classes; `n_init`: of random starts; `random_state`: the seed.
    `fit` takes a row a person and a column a question, answers of any kind as labels, NaN or None where there is no
    answer; all columns are questions. `result_` is then the frozen `LatentClasses`. Persons who were not in the fit are
    placed by the answers they gave; an answer that nobody gave in the fit raises UnfitDataError, as does all that
    `latent_classes` refuses. A person without any answer is refused in the fit and placed by the classes' shares after.

    Not for: choosing the number of classes by cross-validation alone; read the classes, and see `numbers_of_classes`.
    """

    def __init__(self, n_components: int = 2, *, n_init: int = 20, random_state: int = 1):
        self.n_components = n_components
        self.n_init = n_init
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002, N803  (scikit-learn's signature)
        """Find the classes; `y` is not used."""
        frame = as_frame(X)
        self.result_ = latent_classes(frame, classes=self.n_components, seed=self.random_state, starts=self.n_init)
        validate_data(self, X, skip_check_array=True)
        return self

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """Give the label of each person's likeliest class, from 0 (the largest)."""
        return self.predict_proba(X).argmax(axis=1)

    def predict_proba(self, X: Any) -> np.ndarray:  # noqa: N803
        """Give each person's probability of each class, shape (persons, classes)."""
        return self._posterior(X)[0]

    def score_samples(self, X: Any) -> np.ndarray:  # noqa: N803
        """Give the log-likelihood of each person's answers."""
        return self._posterior(X)[1]

    def score(self, X: Any, y: Any = None) -> float:  # noqa: ARG002, N803
        """Give the mean log-likelihood of a person's answers; higher is better.

        An answer that has the probability 0 in every class makes it very low: one person is then enough.
        """
        return float(self.score_samples(X).mean())

    def _posterior(self, answers: Any) -> tuple[np.ndarray, np.ndarray]:
        check_is_fitted(self)
        table = self.result_.answers
        options = {
            name: own["answer"].tolist() for name, own in table[table["class"] == 1].groupby("variable", sort=False)
        }
        codes, sizes = codes_of(as_frame(answers), options), np.array([len(own) for own in options.values()])
        items = table["probability"].to_numpy().reshape(self.n_components, -1)
        theta = np.column_stack([self.result_.shares, items])[:, None]
        of_persons, logs = posterior(Indicators(indicators(codes, sizes), sizes), theta)
        return of_persons[:, 0].T, logs[0]


class CorrespondenceTransformer(TransformerMixin, _OfLabels):  # type: ignore[misc]
    """`correspondence` with `fit` and `transform`, which places persons on the axes; options and limits are the same.

    `n_components`: the number of axes.
    `fit` takes a row a person and a column a question, answers of any kind as labels. `result_` is then the frozen
    `Correspondence`. `transform` gives a row a person and a column an axis (principal coordinates), also for persons
    who were not in the fit; with `missing="drop"` whoever has a gap has NaN. An answer that nobody gave in the fit
    raises UnfitDataError, as does all that `correspondence` refuses.
    """

    def __init__(
        self,
        n_components: int | None = None,
        *,
        missing: str = "refuse",
        supplementary: Sequence[Hashable] | Hashable = (),
    ):
        self.n_components = n_components
        self.missing = missing
        self.supplementary = supplementary

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002, N803  (scikit-learn's signature)
        """Find the axes; `y` is not used."""
        self.result_ = correspondence(
            as_frame(X), supplementary=self.supplementary, dimensions=self.n_components, missing=self.missing
        )
        validate_data(self, X, skip_check_array=True)
        return self

    def transform(self, X: Any) -> np.ndarray:  # noqa: N803
        """Place persons on the axes."""
        check_is_fitted(self)
        return np.asarray(person_coordinates(self.result_, as_frame(X)).to_numpy())

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:  # noqa: ARG002
        """Name the axes, from axis1."""
        check_is_fitted(self)
        shown = int(self.result_.categories["axis"].max())
        return np.array([f"axis{number}" for number in range(1, shown + 1)], dtype=object)
