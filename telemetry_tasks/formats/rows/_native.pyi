"""The types of the C extension."""

import numpy as np

def row_texts(
    whole: np.ndarray, known: np.ndarray, places: np.ndarray, texts: bytes, ids: np.ndarray | None, /
) -> list[bytes]: ...
