"""Whole networks against PyTorch and Keras: the same weights, the same training."""

import numpy as np
import pytest

from glassnet import Sequential, data
from glassnet.layers import BatchNormalization, Dense, LayerNormalization

pytestmark = pytest.mark.parity

SPIRAL = data.spiral(30, seed=0)
STEPS = 20


def network(dtype="float64") -> Sequential:
    model = Sequential(
        [Dense(6, "tanh"), BatchNormalization(), Dense(5, "relu"), LayerNormalization(),
         Dense(3, "softmax")],
        seed=0,
        dtype=dtype,
    )  # fmt: skip
    model.compile({"name": "adam", "learning_rate": 0.01}, "sparse_categorical_crossentropy")
    model.build((2,))
    return model


def test_twenty_steps_of_pytorch():
    torch = pytest.importorskip("torch")
    model = network()
    p = {name: torch.tensor(a) for name, a in model.parameters.tensors().items()}
    twin = torch.nn.Sequential(
        torch.nn.Linear(2, 6), torch.nn.Tanh(), torch.nn.BatchNorm1d(6, eps=1e-3, momentum=0.01),
        torch.nn.Linear(6, 5), torch.nn.ReLU(), torch.nn.LayerNorm(5, eps=1e-3),
        torch.nn.Linear(5, 3),
    ).double()  # fmt: skip
    for place, name in ((0, "dense"), (3, "dense_1"), (6, "dense_2")):
        twin[place].weight.data = p[f"{name}/W"].T.contiguous()
        twin[place].bias.data = p[f"{name}/b"]
    # Keras's Adam adds epsilon to √v, PyTorch's to √v̂: with a tiny one they are the same
    model.compile({"name": "adam", "learning_rate": 0.01, "epsilon": 1e-14},
                  "sparse_categorical_crossentropy")  # fmt: skip
    adam = torch.optim.Adam(twin.parameters(), lr=0.01, eps=1e-14)
    x, y = torch.tensor(SPIRAL.x, dtype=torch.float64), torch.tensor(SPIRAL.y)
    for _ in range(STEPS):
        adam.zero_grad()
        loss = torch.nn.functional.cross_entropy(twin(x), y)
        loss.backward()
        adam.step()
        assert model.train_on_batch(SPIRAL.x, SPIRAL.y) == pytest.approx(loss.item(), rel=1e-9)
    twin.eval()
    with torch.no_grad():
        expected = torch.softmax(twin(x), 1).numpy()
    # PyTorch's running variance is the unbiased one
    model.parameters.view("batch_normalization/moving_variance")[...] = twin[2].running_var.numpy()
    np.testing.assert_allclose(model.predict(SPIRAL.x), expected, rtol=1e-7)


def test_gradients_of_pytorch():
    torch = pytest.importorskip("torch")
    model = network()
    _, gradient = model.loss_and_gradient(SPIRAL.x, SPIRAL.y, training=True)
    p = {
        name: torch.tensor(model.parameters.view(name).copy(), requires_grad=True)
        for name in model.parameters.names
    }
    x = torch.tensor(SPIRAL.x, dtype=torch.float64)
    h = torch.tanh(x @ p["dense/W"] + p["dense/b"])
    h = torch.nn.functional.batch_norm(
        h, None, None, p["batch_normalization/gamma"], p["batch_normalization/beta"],
        training=True, eps=1e-3,
    )  # fmt: skip
    h = torch.relu(h @ p["dense_1/W"] + p["dense_1/b"])
    h = torch.nn.functional.layer_norm(
        h, (5,), p["layer_normalization/gamma"], p["layer_normalization/beta"], eps=1e-3
    )
    z = h @ p["dense_2/W"] + p["dense_2/b"]
    torch.nn.functional.cross_entropy(z, torch.tensor(SPIRAL.y)).backward()
    for name, place in model.parameters.slices.items():
        np.testing.assert_allclose(
            gradient[place], p[name].grad.numpy().reshape(-1), rtol=1e-9, atol=1e-12, err_msg=name
        )


def test_the_history_of_keras():
    """fit, evaluate and predict: the same numbers epoch by epoch, short batch included."""
    keras = pytest.importorskip("keras")
    model = network("float32")
    twin = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(6, "tanh"), keras.layers.BatchNormalization(),
         keras.layers.Dense(5, "relu"), keras.layers.LayerNormalization(),
         keras.layers.Dense(3, "softmax")]
    )  # fmt: skip
    twin.compile(
        keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.compile({"name": "adam", "learning_rate": 0.01}, "sparse_categorical_crossentropy",
                  metrics=["accuracy"])  # fmt: skip
    p = model.parameters
    twin.set_weights([p.view(name) for name in [
        "dense/W", "dense/b", "batch_normalization/gamma", "batch_normalization/beta",
        "batch_normalization/moving_mean", "batch_normalization/moving_variance",
        "dense_1/W", "dense_1/b", "layer_normalization/gamma", "layer_normalization/beta",
        "dense_2/W", "dense_2/b"]])  # fmt: skip
    how = {"batch_size": 32, "epochs": 5, "verbose": 0, "shuffle": False}  # 32, 32, 26
    weights = {0: 1.0, 1: 2.0, 2: 0.5}
    ours = model.fit(SPIRAL.x, SPIRAL.y, class_weight=weights, **how)
    theirs = twin.fit(SPIRAL.x, SPIRAL.y, class_weight=weights, **how)
    np.testing.assert_allclose(ours.history["loss"], theirs.history["loss"], rtol=2e-4)
    np.testing.assert_allclose(model.predict(SPIRAL.x), twin.predict(SPIRAL.x, verbose=0),
                               atol=2e-4)  # fmt: skip
    loss, accuracy = twin.evaluate(SPIRAL.x, SPIRAL.y, verbose=0)
    mine = model.evaluate(SPIRAL.x, SPIRAL.y)
    assert mine["loss"] == pytest.approx(loss, rel=2e-4)
    assert mine["accuracy"] == pytest.approx(accuracy, abs=0.012)


def test_keras_adds_the_same_penalties():
    keras = pytest.importorskip("keras")
    from glassnet import layers

    model = Sequential([Dense(3, "softmax", kernel_regularizer=layers.L1L2(0.01, 0.02))], seed=0)
    model.compile("sgd", "categorical_crossentropy")
    model.build((2,))
    twin = keras.Sequential([keras.Input((2,)), keras.layers.Dense(
        3, "softmax", kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02))])  # fmt: skip
    twin.compile("sgd", "sparse_categorical_crossentropy")
    twin.set_weights([model.layers[0].W, model.layers[0].b])
    expected = twin.evaluate(SPIRAL.x, SPIRAL.y, verbose=0)
    assert model.evaluate(SPIRAL.x, SPIRAL.y)["loss"] == pytest.approx(expected, rel=1e-5)
