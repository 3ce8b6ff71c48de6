"""Networks by name: well-known ones for images, and a row of dense layers.

>>> from glassnet import networks
>>> model = networks.lenet()  # images of 28×28 pixels, ten classes
>>> model.parameters.size
61706

Each is a function that gives a built ``Sequential``, to be compiled and trained like any other.
They share their arguments::

    input_shape     of one image: (rows, columns), or (rows, columns, channels); (28, 28)
    classes         how many outputs; 10
    width           how many times as many filters and units; 1
    dropout         the share of what the last layer reads that is left out while it learns
    activation      of the hidden layers; "relu"
    classifier_activation   of the outputs; "softmax", for a regression None
    image_max       the value of a white pixel, by which images are divided: 255 for bytes.
                    None: they are scaled already
    augment         how images are changed at random while it learns, in the words of
                    ``layers.augment``: "shift=2,rotation=10"
    seed, dtype, name       as of ``Sequential``

Images with a side below 16 get zeros around them in every convolution (padding "same") and are
pooled as long as two places are left, so that all networks fit the digits of 8×8 as well.

``start_from`` makes a network of one that was trained before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from glassnet._core.registry import Catalogue, lookup
from glassnet._core.settings import refuse_unknown

if TYPE_CHECKING:  # what editors read
    from glassnet.model import Sequential
    from glassnet.networks.book import deep_convnet, simple_convnet
    from glassnet.networks.classic import cnn, lenet
    from glassnet.networks.dense import mlp
    from glassnet.networks.normalized import convnet, resnet, vgg
    from glassnet.networks.start import start_from

__all__ = [
    "NETWORKS",
    "cnn",
    "convnet",
    "deep_convnet",
    "get",
    "lenet",
    "mlp",
    "resnet",
    "simple_convnet",
    "start_from",
    "vgg",
]

NETWORKS: Catalogue[Callable[..., Sequential]] = Catalogue(
    {
        "mlp": "glassnet.networks.dense:mlp",
        "lenet": "glassnet.networks.classic:lenet",
        "cnn": "glassnet.networks.classic:cnn",
        "simple_convnet": "glassnet.networks.book:simple_convnet",
        "deep_convnet": "glassnet.networks.book:deep_convnet",
        "convnet": "glassnet.networks.normalized:convnet",
        "vgg": "glassnet.networks.normalized:vgg",
        "resnet": "glassnet.networks.normalized:resnet",
    }
)
__getattr__ = NETWORKS.getter(__name__, start_from="glassnet.networks.start:start_from")


def get(spec: str | Mapping[str, Any], **settings: Any) -> Sequential:
    """The network for a name, or for a dict with its name and settings.

    >>> get("cnn", input_shape=(8, 8), image_max=16).outputs
    10
    >>> get({"name": "lenet", "width": 2}).name
    'lenet'

    Raises:
        UnknownNameError: no such network, or no such setting; names the closest.
        ConfigError, ShapeError: a setting out of its range, images too small.
    """
    import inspect

    given: dict[str, Any] = dict(spec) if isinstance(spec, Mapping) else {"name": spec}
    name = given.pop("name", "")
    make = lookup("network", NETWORKS, name)
    chosen = {**given, **settings}
    from glassnet.networks.pieces import Settings

    own = [n for n, p in inspect.signature(make).parameters.items() if p.kind != p.VAR_KEYWORD]
    refuse_unknown(name, chosen, [*own, *Settings.__annotations__])
    return make(**chosen)
