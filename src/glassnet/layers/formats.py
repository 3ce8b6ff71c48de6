"""What the ``formats.py`` of a kind of layer holds: how other formats write it and read it.

``FORMATS`` has an entry for each kind in the folder: how a layer of this kind is written.
``READERS`` has what is read as a layer of the folder, by the names of the other format.

The functions are called by the engines in ``interop``, and handed what they need
(``_core/formats.py``).  No ``formats.py`` imports a package of another format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from glassnet import activations
from glassnet._core.formats import (
    Config,
    CSource,
    KerasWords,
    MlpChain,
    OnnxGraph,
    OnnxNodes,
    PythonSource,
    TorchWords,
)
from glassnet._core.types import Array
from glassnet.layers.activation.layer import Activation
from glassnet.layers.base import Layer


@dataclass
class Part:
    """A layer as a file describes it, with its weights by the names that the layer uses."""

    layer: Layer
    weights: dict[str, Array] = field(default_factory=dict)


class KerasPiece(NamedTuple):
    """One of several layers of Keras that together compute what a layer does.

    Attributes:
        class_name, settings: as Keras has them; nothing in it is trained.
        shape: of its output.
        reads: whose outputs it gets: the numbers of other pieces; -1 is what the layer gets, of an
            ensemble what its first member gives, -2 the second …
        weights: Keras's name → the numbers.
        module: where Keras has it; what is no layer there takes no dtype.
    """

    class_name: str
    settings: Config
    shape: tuple[int, ...]
    reads: tuple[int, ...]
    weights: Mapping[str, Array] = {}
    module: str = "keras.layers"


@dataclass(frozen=True)
class Formats:
    """How a layer is written; None where a format has nothing that computes the same.

    Attributes:
        onnx: (graph, layer, x) → the output's name.
        keras: (words, layer) → class name and settings, the weights in their own order; or the
            layers of Keras that together compute the same.
        torch: (words, layer) → the modules: class names and settings.  A block's own modules
            come first.
        torch_weights: our name of a weight → PyTorch's.  A matrix is stored transposed, a kernel
            with its filters and channels first.
        torch_module: torch.nn → a class of one's own, where PyTorch has none.
        python, c: (source, layer, x) → where the output is.
        mlp: (chain, layer) → adds it to scikit-learn's dense layers.
        channels_first: it works along the channels of images, which PyTorch and ONNX have first
            and glassnet last: ``onnx`` gets x with its channels first.
        any_order: it computes the same wherever the channels are, and ``onnx`` gets x as it comes;
            all others get it as in glassnet.
        features: the weights with a row or a number for each feature of a row, which are turned
            where the features come in another order; None where that does not help.
        reshapes: it gives its numbers another form.
    """

    onnx: Callable[[OnnxGraph, Any, str], str] | None = None
    keras: Callable[[KerasWords, Any], tuple[str, Config] | list[KerasPiece]] | None = None
    torch: Callable[[TorchWords, Any], list[tuple[str, Config]]] | None = None
    torch_weights: Mapping[str, str] = field(default_factory=dict)
    torch_module: Callable[[Any], type] | None = None
    python: Callable[[PythonSource, Any, str], str] | None = None
    c: Callable[[CSource, Any, str], str] | None = None
    mlp: Callable[[MlpChain, Any], None] | None = None
    channels_first: bool = False
    any_order: bool = False
    features: tuple[str, ...] | None = None
    reshapes: bool = False


class KerasLayer(NamedTuple):
    """A layer that was read from Keras.

    Attributes:
        settings: those of Keras that it was made of; another one that is set is refused.
        weights: what the file has for it, in its order: our name → Keras's.
        stored: the shape of a weight in the file, where it has the same numbers in another one.
    """

    layer: Layer
    settings: tuple[str, ...] = ()
    weights: Mapping[str, str] = {}
    stored: Mapping[str, tuple[int, ...]] = {}


@dataclass(frozen=True)
class Readers:
    """What is read as a layer, by the names of the other format.

    Attributes:
        onnx: operator → (nodes, node, x, parts): appends to the parts.
        keras: class name → (words, settings) → the layer, or several that together compute it.
        torch: class name → (words, module) → the parts.
        channels_first: the names in PyTorch of what works along channels, which come first there.
    """

    onnx: Mapping[str, Callable[[OnnxNodes, Any, str, list[Part]], None]] = field(
        default_factory=dict
    )
    keras: Mapping[str, Callable[[KerasWords, Config], KerasLayer | tuple[KerasLayer, ...]]] = (
        field(default_factory=dict)
    )
    torch: Mapping[str, Callable[[TorchWords, Any], list[Part]]] = field(default_factory=dict)
    channels_first: tuple[str, ...] = ()


def add_activation(parts: list[Part], f: activations.Activation) -> None:
    """Append ``f``: into the layer before it if that has none, or as a layer of its own."""
    last: Any = parts[-1].layer if parts else None
    if last is not None and last.function == activations.linear:
        last.activation = f
    else:
        parts.append(Part(Activation(f)))


def unchanged(engine: Any, layer: Layer, x: str) -> str:
    """Writes nothing: the output is the input."""
    return x
