"""Numbers of several pings in one array, and which of them are whose."""

import numpy as np


class ByPing:
    """Columns and numbers of all pings, one after the other; ``ends`` says where each ping's end."""

    def __init__(self, columns: np.ndarray, numbers: np.ndarray, ends: np.ndarray) -> None:
        self._columns, self._numbers = columns, numbers
        self._bounds = [0, *ends.tolist()]

    def of(self, ping: int) -> tuple[np.ndarray, np.ndarray]:
        """Those of one ping."""
        part = slice(self._bounds[ping], self._bounds[ping + 1])
        return self._columns[part], self._numbers[part]
