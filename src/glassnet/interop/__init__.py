"""Doors to other formats: ONNX, PyTorch, Keras, scikit-learn, source code, old pickles.

>>> from glassnet import interop
>>> sorted(interop.FORMATS)
['c', 'dlfs', 'html', 'keras', 'onnx', 'python', 'torch']

Each door imports its packages only when it is used: ``to_onnx`` needs the extra ``onnx``,
``to_keras`` the extra ``keras-files`` (h5py, and no Keras), ``to_torch`` needs PyTorch. The
others need nothing more. docs/en/guides/formats.md has the table of what goes through each of them.
"""

from glassnet._core.lazy import attach

__getattr__, __dir__ = attach(__name__)
