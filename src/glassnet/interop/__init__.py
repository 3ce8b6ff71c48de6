"""Doors to other formats: ONNX, PyTorch, Keras, scikit-learn, source code, old pickles.

>>> from glassnet import interop
>>> sorted(interop.FORMATS)
['c', 'dlfs', 'keras', 'onnx', 'python', 'torch']

Each door imports its packages only when it is used: ``to_onnx`` needs the extra ``onnx``,
``to_keras`` the extra ``keras-files`` (h5py, and no Keras), ``to_torch`` needs PyTorch. The
others need nothing more. docs/formats.md has the table of what goes through each of them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glassnet.interop.dlfs import from_dlfs
    from glassnet.interop.estimators import from_sklearn, to_sklearn
    from glassnet.interop.formats import FORMATS, export_model, import_model
    from glassnet.interop.keras_reader import from_keras
    from glassnet.interop.keras_writer import to_keras
    from glassnet.interop.onnx_reader import from_onnx
    from glassnet.interop.onnx_writer import to_onnx
    from glassnet.interop.pickles import load_dlfs_network, load_pickle
    from glassnet.interop.source_c import to_c
    from glassnet.interop.source_python import to_python
    from glassnet.interop.torch_files import load_torch_weights, save_torch_weights
    from glassnet.interop.torch_modules import to_torch
    from glassnet.interop.torch_reader import from_torch

__all__ = [
    "FORMATS",
    "export_model",
    "from_dlfs",
    "from_keras",
    "from_onnx",
    "from_sklearn",
    "from_torch",
    "import_model",
    "load_dlfs_network",
    "load_pickle",
    "load_torch_weights",
    "save_torch_weights",
    "to_c",
    "to_keras",
    "to_onnx",
    "to_python",
    "to_sklearn",
    "to_torch",
]

PLACES = {
    "FORMATS": "formats",
    "export_model": "formats",
    "from_dlfs": "dlfs",
    "from_keras": "keras_reader",
    "from_onnx": "onnx_reader",
    "from_sklearn": "estimators",
    "from_torch": "torch_reader",
    "import_model": "formats",
    "load_dlfs_network": "pickles",
    "load_pickle": "pickles",
    "load_torch_weights": "torch_files",
    "save_torch_weights": "torch_files",
    "to_c": "source_c",
    "to_keras": "keras_writer",
    "to_onnx": "onnx_writer",
    "to_python": "source_python",
    "to_sklearn": "estimators",
    "to_torch": "torch_modules",
}


def __getattr__(name: str) -> Any:
    if name not in PLACES:
        raise AttributeError(f"module 'glassnet.interop' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"glassnet.interop.{PLACES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
