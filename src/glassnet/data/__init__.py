"""Data: made-up sets, well-known sets, tables of your own, and the batches drawn from them.

What reads tables needs pyarrow, and is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from glassnet.data.arrays import as_array, check_arrays, check_x, check_y
from glassnet.data.batches import ArrayBatches, Batch, BatchSource, IterableBatches
from glassnet.data.catalog import DATASETS, Entry, load
from glassnet.data.dataset import Dataset, hold_out
from glassnet.data.toy import blobs, circles, moons, sine, spiral, vertical, xor

if TYPE_CHECKING:
    from glassnet.data.parquet import ParquetBatches
    from glassnet.data.preprocessing import Preprocessor
    from glassnet.data.table_files import read_table
    from glassnet.data.tables import load_table

__all__ = [
    "ArrayBatches",
    "Batch",
    "BatchSource",
    "DATASETS",
    "Dataset",
    "Entry",
    "IterableBatches",
    "ParquetBatches",
    "Preprocessor",
    "as_array",
    "blobs",
    "check_arrays",
    "check_x",
    "check_y",
    "circles",
    "hold_out",
    "load",
    "load_table",
    "moons",
    "read_table",
    "sine",
    "spiral",
    "vertical",
    "xor",
]

LATER = {
    "ParquetBatches": "glassnet.data.parquet",
    "Preprocessor": "glassnet.data.preprocessing",
    "load_table": "glassnet.data.tables",
    "read_table": "glassnet.data.table_files",
}


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module 'glassnet.data' has no attribute {name!r}")
    value = getattr(importlib.import_module(LATER[name]), name)
    globals()[name] = value
    return value
