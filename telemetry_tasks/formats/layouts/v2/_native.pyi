"""The types of the C extension."""

import numpy as np

def encode(numbers: np.ndarray, /) -> bytes: ...
