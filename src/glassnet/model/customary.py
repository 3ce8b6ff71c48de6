"""What users of Keras and PyTorch look for at a network, in their words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from glassnet._core.attributes import Pointer
from glassnet._core.habits import unknown
from glassnet._core.storage import PathLike, write_tensors
from glassnet._core.strict_json import to_json
from glassnet._core.types import Array
from glassnet.errors import ConfigError, ShapeError, UnknownNameError
from glassnet.layers import Layer
from glassnet.model import saving
from glassnet.model.trainable import Trainable


class Customary(Trainable):
    """The methods that Keras and PyTorch have, and pointers for those that would do nothing."""

    def __call__(self, x: ArrayLike, training: bool = False) -> Array:
        """The output for a batch, as ``predict`` gives it; it builds a network without weights.

        With ``training``, as while it learns: dropout on, batch normalization by the batch.
        """
        array = np.asarray(x)
        if not self.built:
            if array.ndim < 2:
                raise ShapeError(
                    f"x has shape {array.shape}: that is one sample, and a network takes a batch. "
                    f"Pass x[None], of shape {(1, *array.shape)}."
                )
            self.build(array.shape[1:])
        with self.lock:
            return self.forward(self.take_input(x), training).copy()

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of a name or a number, those inside blocks by their name too.

        Raises:
            ConfigError: neither a name nor a number.
            UnknownNameError, IndexError: there is none such.
        """
        if isinstance(name, (int, np.integer)) or (name is None and index is not None):
            return self.layers[int(index if name is None else name)]
        if name is None:
            raise ConfigError("get_layer: give a name, or index=0.")
        for layer in self.all_layers():
            if layer.name == name:
                return layer
        raise UnknownNameError(unknown("layer", name, [la.name for la in self.all_layers()]))

    def pop(self) -> Layer:
        """Take the last layer away, before the network is built.

        Raises:
            ConfigError: it is built, or has no layer.
        """
        if not self.layers:
            raise ConfigError("pop: the network has no layers.")
        return self.layers.pop()

    def to_json(self) -> str:
        """``get_config()`` as JSON; ``from_config(json.loads(…))`` makes the network again."""
        return to_json(saving.config_of(self))

    def save_weights(self, path: PathLike) -> None:
        """Write the weights alone; :meth:`load_weights` takes them into a network like this.

        Raises:
            ConfigError: a name that promises another format.
        """
        self.need_built("save_weights")
        if Path(path).suffix.lower() in (".h5", ".hdf5", ".keras", ".pt", ".pth", ".npz"):
            raise ConfigError(
                f"{path}: save_weights writes safetensors, as in weights.safetensors. "
                "glassnet.interop writes the formats of others."
            )
        write_tensors(path, self.parameters.tensors(), {})

    def state_dict(self) -> dict[str, Array]:
        """Copies of all weights by name, ``"dense/W"``. W is (n_in, units): that of PyTorch
        transposed.
        """
        self.need_built("state_dict")
        return {name: np.array(array) for name, array in self.parameters.tensors().items()}

    def load_state_dict(self, weights: Mapping[str, ArrayLike]) -> None:
        """Take the weights that :meth:`state_dict` gave.

        Raises:
            FileFormatError: a name or a shape that differs; then nothing is changed.
        """
        saving.fill(self, {name: np.asarray(array) for name, array in weights.items()})


for _name in (
    "children", "coefs_", "cpu", "cuda", "eval", "fit_generator", "intercepts_", "load_model",
    "modules", "named_parameters", "predict_log_proba", "predict_on_batch", "score",
    "test_on_batch", "to", "train", "zero_grad",
):  # fmt: skip
    setattr(Customary, _name, Pointer(_name))
