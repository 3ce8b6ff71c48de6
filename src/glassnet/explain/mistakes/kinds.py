"""Mistakes of one kind of layer, made by the kinds: ``layers/<kind>/mistakes.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from glassnet._core.types import Array
from glassnet.explain.mistakes.base import Mistake
from glassnet.explain.recorder import Record, StepRecorder, trained_names
from glassnet.layers import walk
from glassnet.layers.mistakes import mistake_of
from glassnet.model import Sequential


class OfKind(Mistake):
    """A mistake that the layers of some kinds make, each for itself.

    Attributes:
        needs: what a network must have for it.
        below: whether it is only in the gradient that is passed on: it shows in the layers
            below then.
    """

    needs: ClassVar[str]
    below: ClassVar[bool] = False

    def refuse(self, model: Sequential) -> str:
        learns = False
        found = False
        for _, layer in walk(model.layers):
            possible = mistake_of(layer, self.name) is not None
            if possible and (learns or not self.below):
                return ""
            found = found or possible
            learns = learns or bool(trained_names(layer))
        if found:
            return "it shows in a layer below that learns: there is none below this one"
        return f"it needs {self.needs}"

    def _wrong(self, record: Record) -> Mapping[str, Array]:
        made = mistake_of(record.layer, self.name)
        return {} if made is None else made.make(record.layer, record)

    def layer_gradients(self, recorder: StepRecorder, record: Record) -> None:
        for name, wrong in self._wrong(record).items():
            if name != "dx":
                getattr(record.layer, name)[...] = np.array(wrong)

    def passed_on(self, recorder: StepRecorder, record: Record, dx: Array) -> Array:
        return np.ascontiguousarray(self._wrong(record).get("dx", dx))


class FlippedKernel(OfKind):
    """A true convolution in the backward pass, a cross-correlation in the forward pass."""

    name = "flipped_kernel"
    what = "z = correlate2d(x, W); dW = convolve2d(x, dz); dx = correlate2d(dz, W, 'full')"
    needs = "a convolution whose kernel is larger than 1×1"


class Col2imOverwrites(OfKind):
    """col2im writes what it should add."""

    name = "col2im_overwrites"
    what = "img[:, a:a_max:s, b:b_max:s] = col[:, a, b]   # and not +="
    needs = "a convolution whose windows overlap"
    below = True


class PaddingWrongSide(OfKind):
    """The zeros of the padding are cut off on the wrong side."""

    name = "padding_wrong_side"
    what = "return dx_padded[:, :rows, :columns]   # x begins behind its zeros"
    needs = "a convolution with padding='same', or a ZeroPadding2D"
    below = True


class BiasMeanOverPlaces(OfKind):
    """The gradient of a filter's bias is the mean over the places, not the sum."""

    name = "bias_mean_over_places"
    what = "db = dz.mean(axis=(1, 2)).sum(axis=0)   # the bias stands at every place"
    needs = "a convolution with a bias and more than one place"


class PoolGradientToAll(OfKind):
    """Max pooling sends its gradient to every number of the window."""

    name = "pool_gradient_to_all"
    what = "dx[window] += dy   # and not only where x[window] == y"
    needs = "a max pooling over more than one number"
    below = True


class PoolingReshapedRows(OfKind):
    """The rows of max pooling, reshaped without transposing, mix the channels."""

    name = "pooling_reshaped_rows"
    what = "dmax.reshape(n, oh, ow, ph, pw, channels)   # its rows are (channels, ph * pw)"
    needs = "a max pooling over windows of two channels or more"
    below = True
