"""Numbers of several pings in one array, with the end of each ping's."""

import numpy as np


class ByPing:
    """Columns and numbers of all pings, one after the other; ``ends`` has the end of each ping's."""

    def __init__(self, columns: np.ndarray, numbers: np.ndarray, ends: np.ndarray) -> None:
        self._columns, self._numbers = columns, numbers
        self._bounds = [0, *ends.tolist()]

    def entries_of(self, ping: int) -> tuple[np.ndarray, np.ndarray]:
        """The columns and numbers of one ping."""
        part = slice(self._bounds[ping], self._bounds[ping + 1])
        return self._columns[part], self._numbers[part]
