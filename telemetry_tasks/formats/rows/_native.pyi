"""The types of the C extension."""

import numpy as np

def row_texts(
    whole: np.ndarray, known: np.ndarray, positions: np.ndarray, texts: bytes, ids: np.ndarray | None, /
) -> list[bytes]: ...
