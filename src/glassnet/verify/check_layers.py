"""Every layer: its output, and the gradients by its input and by each of its weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet import layers
from glassnet._core.types import Array
from glassnet.layers import Layer
from glassnet.verify.activation_formulas import FORMULAS as ACTIVATION_FORMULAS
from glassnet.verify.augmentation_cases import CASES as AUGMENTATION_CASES
from glassnet.verify.augmentation_cases import check_drawn
from glassnet.verify.bench import Bench
from glassnet.verify.derivatives import keras_pull, torch_pull
from glassnet.verify.layer_case import Case, Weights
from glassnet.verify.measure import DIFFERENCES, DTYPES, FORMULA, KERAS, PYTORCH
from glassnet.verify.window_cases import CASES as WINDOW_CASES

H = 1e-6
N = 6  # samples
MODES = ("batch", "dropout", "spatial_dropout", "random")  # what does another thing while training


def _dense(activation: str) -> Callable[[Weights, Array], Array]:
    f = ACTIVATION_FORMULAS[activation][0]

    def formula(w: Weights, x: Array) -> Array:
        z = (x[:, :, None] * w["W"][None]).sum(axis=1)  # Σₖ xₙₖ·Wₖᵤ, without a matrix product
        return np.asarray(f(z + w["b"] if "b" in w else z))

    return formula


def _normalise(w: Weights, x: Array, axes: tuple[int, ...]) -> Array:
    centred = x - x.mean(axis=axes, keepdims=True)
    variance = (centred**2).mean(axis=axes, keepdims=True)
    return np.asarray(w["gamma"] * centred / np.sqrt(variance + 1e-3) + w["beta"])


def _running(w: Weights, x: Array) -> Array:
    scaled = (x - w["moving_mean"]) / np.sqrt(w["moving_variance"] + 1e-3)
    return np.asarray(w["gamma"] * scaled + w["beta"])


def _block(w: Weights, x: Array) -> Array:
    h = np.tanh(x @ w["dense/W"] + w["dense/b"])
    return np.asarray(x + h @ w["dense_1/W"] + w["dense_1/b"])


EDGES: list[list[float] | None] = [[-1.0, -0.25, 0.5], None, [0.0, 2.0]]
MEANS, SCALES = [0.125, 0.5, 0.25, -0.5, 0.0, 0.75], [1.0, 2.0, 0.5, 4.0, 0.25, 1.5]


def _encoding(w: Weights, x: Array) -> Array:
    """Each bin by interpolation, and x over the length of (1, x/clip)."""
    columns = []
    for numbers, edges in zip(x.T, EDGES):
        length = 1.0 if edges is None else np.hypot(1.0, numbers / 1.5)
        columns.append(numbers / length)
        for a, b in zip(edges or (), (edges or ())[1:]):
            columns.append(np.interp(numbers, [a, b], [0.0, 1.0]))
    encoded: Array = (np.stack(columns, axis=1) - np.array(MEANS)) * np.array(SCALES)
    return encoded


def _torch_encoding(torch: Any, x: Any) -> Any:
    columns = []
    for j, edges in enumerate(EDGES):
        numbers = x[:, j]
        columns.append(numbers if edges is None else numbers / torch.sqrt(1 + (numbers / 1.5) ** 2))
        for a, b in zip(edges or (), (edges or ())[1:]):
            columns.append(torch.clamp((numbers - a) / (b - a), 0, 1))
    both = torch.tensor([MEANS, SCALES], dtype=x.dtype)
    return (torch.stack(columns, 1) - both[0]) * both[1]


WAVES = [2, 0]  # the columns that are embedded


def _waves(w: Weights, x: Array) -> Array:
    waves = np.cos(2 * np.pi * x[:, WAVES, None] * w["f"] + w["p"])
    e = np.einsum("njk,jku->nju", waves, w["V"]) + w["c"]
    return np.concatenate([x, e.reshape(len(x), -1)], axis=1)


def _torch_waves(torch: Any, x: Any, f: Any, p: Any, V: Any, c: Any) -> Any:
    waves = torch.cos(2 * torch.pi * x[:, WAVES, None] * f + p)
    e = torch.einsum("njk,jku->nju", waves, V) + c
    return torch.cat([x, e.flatten(1)], 1)


MEMBERS = [f"member_{k}/{name}" for k in range(2) for name in ("dense/W", "dense/b")]


def _ensemble(w: Weights, x: Array) -> Array:
    W, b, V, c = (w[name] for name in MEMBERS)
    return np.asarray(0.75 * np.tanh(x @ W + b) + 0.25 * (x @ V + c))


def _torch_ensemble(torch: Any, x: Any, W: Any, b: Any, V: Any, c: Any) -> Any:
    return 0.75 * torch.tanh(x @ W + b) + 0.25 * (x @ V + c)


def _torch_dense(activation: str) -> Callable[..., Any]:
    def call(torch: Any, x: Any, W: Any, b: Any) -> Any:
        return getattr(torch, activation)(torch.nn.functional.linear(x, W.T, b))

    return call


def _dense_case(activation: str) -> Case:
    return Case(
        f"dense {activation}", lambda: layers.Dense(3, activation), (4,), _dense(activation),
        _torch_dense(activation), lambda keras: keras.layers.Dense(3, activation), ("W", "b"),
    )  # fmt: skip


def _torch_block(torch: Any, x: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    return x + torch.tanh(x @ W1 + b1) @ W2 + b2


def _torch_batch(torch: Any, x: Any, gamma: Any, beta: Any) -> Any:
    return torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True, eps=1e-3)


def _torch_layer_norm(torch: Any, x: Any, gamma: Any, beta: Any) -> Any:
    return torch.nn.functional.layer_norm(x, (x.shape[-1],), gamma, beta, eps=1e-3)


GB = ("gamma", "beta")
CASES = [
    *(_dense_case(f) for f in ("tanh", "relu", "sigmoid")),
    Case("dense gelu", lambda: layers.Dense(3, "gelu"), (4,), _dense("gelu"),
         lambda torch, x, W, b: torch.nn.functional.gelu(x @ W + b),
         lambda keras: keras.layers.Dense(3, "gelu"), ("W", "b")),
    Case("dense softmax", lambda: layers.Dense(3, "softmax"), (4,), _dense("softmax"),
         lambda torch, x, W, b: torch.softmax(x @ W + b, 1),
         lambda keras: keras.layers.Dense(3, "softmax"), ("W", "b")),
    Case("dense no bias", lambda: layers.Dense(3, use_bias=False), (4,), _dense("linear"),
         lambda torch, x, W: x @ W, lambda keras: keras.layers.Dense(3, use_bias=False), ("W",)),
    Case("activation silu", lambda: layers.Activation("silu"), (5,),
         lambda w, x: ACTIVATION_FORMULAS["silu"][0](x),
         lambda torch, x: torch.nn.functional.silu(x),
         lambda keras: keras.layers.Activation("silu")),
    Case("batch_normalization batch", layers.BatchNormalization, (3,),
         lambda w, x: _normalise(w, x, (0,)), _torch_batch,
         lambda keras: keras.layers.BatchNormalization(), GB, training=True),
    Case("batch_normalization image", layers.BatchNormalization, (2, 2, 3),
         lambda w, x: _normalise(w, x, (0, 1, 2)), None,
         lambda keras: keras.layers.BatchNormalization(), GB, training=True),
    Case("batch_normalization after", layers.BatchNormalization, (3,), _running, None,
         lambda keras: keras.layers.BatchNormalization(), GB),
    Case("layer_normalization", layers.LayerNormalization, (5,),
         lambda w, x: _normalise(w, x, (1,)), _torch_layer_norm,
         lambda keras: keras.layers.LayerNormalization(), GB),
    Case("flatten", layers.Flatten, (2, 3),
         lambda w, x: np.array([[v for row in one for v in row] for one in x]),
         lambda torch, x: torch.flatten(x, 1), lambda keras: keras.layers.Flatten()),
    Case("reshape", lambda: layers.Reshape((3, -1)), (2, 3),
         lambda w, x: np.array([[[*one.flat][i : i + 2] for i in (0, 2, 4)] for one in x]),
         lambda torch, x: x.reshape(-1, 3, 2), lambda keras: keras.layers.Reshape((3, -1))),
    Case("rescaling", lambda: layers.Rescaling(0.25, -0.5), (4,), lambda w, x: x / 4 - 0.5,
         lambda torch, x: x * 0.25 - 0.5, lambda keras: keras.layers.Rescaling(0.25, -0.5)),
    Case("input", lambda: layers.Input((4,)), (4,), lambda w, x: x),
    Case("dropout after", lambda: layers.Dropout(0.5), (4,), lambda w, x: x,
         lambda torch, x: torch.nn.functional.dropout(x, 0.5, training=False),
         lambda keras: keras.layers.Dropout(0.5)),
    Case("residual", lambda: layers.Residual([layers.Dense(4, "tanh"), layers.Dense(4)]), (4,),
         _block, _torch_block,
         lambda keras: keras.Sequential(
             [keras.layers.Dense(4, "tanh"), keras.layers.Dense(4)]),
         ("dense/W", "dense/b", "dense_1/W", "dense_1/b"), around=True),
    Case("piecewise_linear_encoding",
         lambda: layers.PiecewiseLinearEncoding(EDGES, 1.5, MEANS, SCALES), (3,), _encoding,
         _torch_encoding),
    Case("periodic_embedding", lambda: layers.PeriodicEmbedding(2, 5, columns=[2, 0]), (3,),
         _waves, _torch_waves, None, ("f", "p", "V", "c")),
    Case("ensemble",
         lambda: layers.Ensemble([[layers.Dense(3, "tanh")], [layers.Dense(3)]], [0.75, 0.25]),
         (4,), _ensemble, _torch_ensemble, None, tuple(MEMBERS)),
    *WINDOW_CASES,
    *AUGMENTATION_CASES,
]  # fmt: skip
DROPPING: tuple[tuple[type[layers.Dropout], tuple[int, ...]], ...] = (
    (layers.Dropout, (500,)),
    (layers.SpatialDropout2D, (3, 2, 500)),
    (layers.SpatialDropout1D, (5, 500)),
)


def check(bench: Bench) -> None:
    """One subject for each layer of the table and the ways it works."""
    known = {case.title.split()[0] for case in CASES}
    for name in layers.LAYERS:
        if name not in known:
            bench.unknown(name)
    for case in CASES:
        with bench.on(case.title):
            _check(bench, case)
    for kind, shape in DROPPING:
        with bench.on(f"{kind.kind} training"):
            _dropout(bench, kind, shape)
    check_drawn(bench)


def build(bench: Bench, case: Case, dtype: str, values: Array | None = None) -> Layer:
    """The layer with weights other than those it starts with, so that γ is not 1 and β not 0."""
    layer = case.make()
    layer.build(case.shape, np.random.default_rng(bench.seed), dtype)
    assert layer.parameters is not None
    weights = layer.parameters.values
    weights[...] = bench.rng.normal(0.1, 0.5, weights.size) if values is None else values
    state = layer.parameters.state
    state[...] = np.resize([0.75, 1.25, 0.5], state.size)
    return layer


def weights_of(layer: Layer) -> Weights:
    """The weights by their names inside the layer, in float64."""
    assert layer.parameters is not None
    return {
        name.partition("/")[2]: array.astype(np.float64)
        for name, array in layer.parameters.tensors().items()
    }


def _check(bench: Bench, case: Case) -> None:
    narrow = build(bench, case, "float32")
    assert narrow.parameters is not None
    # float32 numbers in all of them, so that every type has the same problem
    layer = build(bench, case, "float64", narrow.parameters.values.astype(np.float64))
    x = bench.rng.normal(0, 1, (N, *case.shape)).astype(np.float32)
    shape = (N, *(layer.output_shape or ()))
    dy = bench.rng.uniform(0.5, 1.5, shape) * bench.rng.choice([-1.0, 1.0], shape)
    dy = dy.astype(np.float32)
    weights = weights_of(layer)
    expected = case.formula(weights, x.astype(np.float64))
    slopes = _differences(layer, x.astype(np.float64), dy.astype(np.float64), case.training)
    for dtype, one in (("float64", layer), ("float32", narrow)):
        before = _state(one).copy()
        y = one.forward(x.astype(dtype), case.training).copy()
        bench.compare("values", FORMULA, y, expected, "y", dtype)
        dx = one.backward(dy.astype(dtype).copy())
        assert dx is not None and one.parameters is not None
        found = [dx.copy(), one.parameters.gradients.copy()]
        for where, ours, slope in zip(("dL/dx", "dL/dw"), found, slopes):
            if ours.size:
                bench.compare("gradients", DIFFERENCES, ours, slope, where, dtype, unit=1.0)
        if case.training and before.size:
            _running_values(bench, case, one, x, before, dtype)
        _with_pytorch(bench, case, weights, x, dy, y, found, dtype)
        _with_keras(bench, case, weights, x, dy, y, found, dtype)


def _state(layer: Layer) -> Array:
    assert layer.parameters is not None
    return layer.parameters.state


def _running_values(
    bench: Bench, case: Case, layer: Layer, x: Array, before: Array, dtype: str
) -> None:
    """running ← 0.99·running + 0.01·(that of the batch)"""
    rows = x.astype(np.float64).reshape(-1, x.shape[-1])
    expected = 0.99 * before + 0.01 * np.concatenate([rows.mean(axis=0), rows.var(axis=0)])
    bench.compare("running values", FORMULA, _state(layer), expected, "", dtype)


def _differences(layer: Layer, x: Array, dy: Array, training: bool) -> list[Array]:
    """Of Σ dy·y, by each number of x and of the weights."""
    assert layer.parameters is not None
    state = _state(layer).copy()

    def total() -> float:
        value = float((dy * layer.forward(x, training)).sum())
        _state(layer)[...] = state
        return value

    slopes = []
    for array in (x, layer.parameters.values):
        flat, slope = array.reshape(-1), np.empty(array.size)
        for i, value in enumerate(flat.copy()):
            flat[i] = value + H
            up = total()
            flat[i] = value - H
            slope[i] = (up - total()) / (2 * H)
            flat[i] = value
        slopes.append(slope.reshape(array.shape))
    return slopes


def _against(
    bench: Bench, judge: str, case: Case, y: Array, found: list[Array], theirs: Array,
    slopes: list[Array], dtype: str,
) -> None:  # fmt: skip
    bench.compare("values", judge, y, theirs, "y", dtype)
    if judge == KERAS and not case.keras_slopes:
        return
    bench.compare("gradients", judge, found[0], slopes[0], "dL/dx", dtype)
    if case.trained:
        flat = np.concatenate([slope.ravel() for slope in slopes[1:]])
        bench.compare("gradients", judge, found[1], flat, "dL/dw", dtype)


def _with_pytorch(
    bench: Bench, case: Case, weights: Weights, x: Array, dy: Array, y: Array,
    found: list[Array], dtype: str,
) -> None:  # fmt: skip
    if PYTORCH not in bench.peers or case.torch is None:
        return
    function = case.torch
    inputs = [a.astype(dtype) for a in (x, *(weights[name] for name in case.trained))]
    with bench.peer(PYTORCH) as torch:
        theirs, slopes = torch_pull(
            torch, lambda *given: function(torch, *given), inputs, dy.astype(dtype)
        )
        _against(bench, PYTORCH, case, y, found, theirs, slopes, dtype)


def _with_keras(
    bench: Bench, case: Case, weights: Weights, x: Array, dy: Array, y: Array,
    found: list[Array], dtype: str,
) -> None:  # fmt: skip
    if KERAS not in bench.peers or case.keras is None:
        return
    inputs = [a.astype(dtype) for a in (x, *(weights[name] for name in case.trained))]
    others = [weights[name].astype(dtype) for name in weights if name not in case.trained]
    with bench.peer(KERAS) as keras:
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(dtype)  # a Sequential hands no type on to its layers
        try:
            layer = case.keras(keras)
            layer.build((N, *case.shape))
        finally:
            keras.config.set_dtype_policy(before)
        # the others' call takes no such setting
        mode = {"training": case.training} if case.title.startswith(MODES) else {}
        kept = others or [variable.value for variable in layer.non_trainable_variables]

        def call(given: Any, *trained: Any) -> Any:
            result = layer.stateless_call(list(trained), kept, given, **mode)[0]
            return given + result if case.around else result

        theirs, slopes = keras_pull(keras, call, inputs, dy.astype(dtype))
        _against(bench, KERAS, case, y, found, theirs, slopes, dtype)


def _dropout(bench: Bench, kind: type[layers.Dropout], shape: tuple[int, ...]) -> None:
    """What is kept is divided by 1 - rate, the same in both directions; the share is the rate.

    Of images and series whole channels are dropped: one place says what was drawn.
    """
    rate, n = 0.25, 200
    for dtype in DTYPES:
        layer = kind(rate)
        layer.build(shape, np.random.default_rng(bench.seed), dtype)
        x, dy = (bench.rng.uniform(0.5, 1.5, (n, *shape)).astype(dtype) for _ in range(2))
        y = layer.forward(x, training=True).copy()
        dx = layer.backward(dy.copy())
        drawn = (y != 0).reshape(n, -1, shape[-1])[:, :1]
        kept = np.repeat(drawn, y[0].size // shape[-1], axis=1).reshape(y.shape)
        bench.compare("values", FORMULA, y, x.astype(np.float64) * kept / (1 - rate), "y", dtype)
        pulled = dy.astype(np.float64) * kept / (1 - rate)
        bench.compare("gradients", FORMULA, dx, pulled, "dL/dx", dtype)
        off = abs(1 - float(drawn.mean()) - rate)
        allowed = 6 * np.sqrt(rate * (1 - rate) / drawn.size)  # six standard errors
        bench.tally("share dropped", FORMULA, dtype, float(allowed)).note(off, "share")
