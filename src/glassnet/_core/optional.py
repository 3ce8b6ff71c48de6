"""Packages that only some uses need."""

from __future__ import annotations

import importlib
from types import ModuleType

from glassnet.errors import MissingDependencyError

# What to install for an extra, where it is not called so.  "glassnet[onnx]" would be asked of an
# index, and works from a checkout only.
OTHERWISE = {
    "dask": "distributed", "excel": "openpyxl", "keras-files": "h5py", "search": "optuna",
    "tune": "optuna",
}  # fmt: skip


def require(module: str, extra: str) -> ModuleType:
    """Import ``module``, or say which pip command brings it.

    >>> require("json", extra="none").dumps([1])
    '[1]'

    Raises:
        MissingDependencyError: the package is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing != module.partition(".")[0]:
            raise  # the package is there and fails for a reason of its own
        raise MissingDependencyError(
            f"this needs the package {missing!r}, which is not installed: "
            f"pip install {OTHERWISE.get(extra, extra)}"
        ) from None
