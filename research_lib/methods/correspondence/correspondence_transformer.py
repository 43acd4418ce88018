"""Multiple correspondence analysis as a scikit-learn transformer, for pipelines."""

from collections.abc import Hashable, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from research_lib.methods.correspondence.group_ellipses import person_coordinates
from research_lib.methods.correspondence.multiple_correspondence import correspondence
from research_lib.methods.options import as_frame


class CorrespondenceTransformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
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

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = tags.input_tags.string = tags.input_tags.allow_nan = True
        return tags
