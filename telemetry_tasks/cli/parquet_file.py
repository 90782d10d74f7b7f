"""A file of Parquet that is written in groups of rows, and is there once it is whole. Needs pyarrow."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
from pyarrow import parquet

ROWS = 1 << 19
"""Rows that are collected before they are written, and that a group of a file has at most."""


class ParquetFile:
    """Takes tables of one schema. A file that is not whole has another name, and is removed if anything fails."""

    def __init__(self, path: Path, columns: pa.Schema) -> None:
        self._path, self._partial = path, path.with_name(f".{path.name}.partial")
        self._waiting: list[pa.Table] = []
        self.rows = 0
        self._file = self._partial.open("wb")
        self._writer: Any = parquet.ParquetWriter(self._file, columns, compression="zstd")

    def add(self, table: pa.Table) -> None:
        """Adds rows; keeps at most ``ROWS`` and those of the last table in memory."""
        self._waiting.append(table)
        self.rows += len(table)
        if sum(map(len, self._waiting)) >= ROWS:
            self._write()

    def _write(self) -> None:
        if self._waiting:
            table = pa.concat_tables(self._waiting).unify_dictionaries()
            self._waiting = []
            self._writer.write_table(table, row_group_size=ROWS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            try:
                if kind is None:
                    self._write()
            finally:
                self._writer.close()
                self._file.close()
            if kind is None:
                self._partial.replace(self._path)
        finally:
            self._file.close()
            self._partial.unlink(missing_ok=True)
