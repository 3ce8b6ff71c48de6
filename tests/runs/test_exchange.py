"""Networks of others as runs: the loss that fits, and names that cannot do harm."""

import pickle

import numpy as np
import pytest

from glassnet import Sequential, data, interop, layers
from glassnet.data import Dataset
from glassnet.errors import ConfigError
from glassnet.runs import answers, exchange, judge
from glassnet.runs.folder import Facts


def saved(workplace, last, outputs=3, name="net"):
    """A file that says nothing of its loss."""
    model = Sequential([layers.Dense(4, "relu"), layers.Dense(outputs, last)], seed=0, name=name)
    model.build((4,))
    interop.save_torch_weights(model, workplace / "net.safetensors")
    return model


@pytest.mark.parametrize(
    ("last", "outputs", "loss", "logits"),
    [
        ("softmax", 3, "sparse_categorical_crossentropy", False),
        ("log_softmax", 3, "sparse_categorical_crossentropy", False),
        ("sigmoid", 1, "binary_crossentropy", False),
        ("sigmoid", 3, "binary_crossentropy", False),
        ("linear", 1, "mean_squared_error", None),
        ("linear", 3, "mean_squared_error", None),
    ],
)
def test_the_loss_that_fits_the_last_activation(workplace, last, outputs, loss, logits):
    before = saved(workplace, last, outputs)
    folder, model, _ = exchange.take_in("net.safetensors")
    assert model.loss.name == loss
    assert getattr(model.loss, "from_logits", None) is logits
    x = np.ones((2, 4), np.float32)
    found = folder.model().predict(x)
    expected = before.predict(x)
    np.testing.assert_allclose(
        found, np.exp(expected) if last == "log_softmax" else expected, rtol=1e-6
    )


@pytest.mark.parametrize(("last", "logits"), [("softmax", False), ("linear", True)])
def test_data_decides_what_a_linear_output_means(workplace, last, logits):
    saved(workplace, last)
    folder, model, _ = exchange.take_in("net.safetensors", data_name="iris")
    assert model.loss.from_logits is logits
    assert folder.facts().class_names == ("setosa", "versicolor", "virginica")


def test_names_cannot_move_the_cursor(workplace):
    model = saved(workplace, "softmax", name="a\x1b[2J\x07b\n")
    assert model.name == "a\x1b[2J\x07b\n"
    assert interop.import_model(workplace / "net.safetensors")[0].name == "a[2Jb"


def test_divide(workplace):
    saved(workplace, "softmax")
    _, model, _ = exchange.take_in("net.safetensors", divide=4)
    assert [layer.kind for layer in model.layers] == ["rescaling", "dense", "dense"]
    assert model.layers[0].scale == 0.25
    for divide in (0, -1, float("nan")):
        with pytest.raises(ConfigError, match="divide"):
            exchange.take_in("net.safetensors", divide=divide)
    assert len(list((workplace / "runs").iterdir())) == 1


# ---- the book's own network, and what it was scaled by -----------------------------------------


def images(n=300, white=255):
    """Bytes like MNIST's, in which the class is the row that is bright."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, n)
    x = rng.integers(0, white // 4, (n, 28, 28)).astype(np.uint8)
    x[np.arange(n), 2 * y] = white
    return Dataset("mnist", x, y, x[:50], y[:50], class_names=tuple(map(str, range(10))),
                   image_shape=(28, 28), image_max=white)  # fmt: skip


def rows_network(divided):
    """Weights that know the bright row, behind a sigmoid that only one scaling leaves alive."""
    W = np.zeros((784, 10), np.float32)
    for k in range(10):
        W[2 * k * 28 : (2 * k + 1) * 28, k] = 1.0 / 28
    scale = 1.0 if divided else 1 / 255
    W1 = W * np.float32(20 * scale)
    b1 = np.full(10, -10.0, np.float32)
    b2 = np.eye(10, dtype=np.float32)[0]  # the answer where the first layer is dead or full
    return {"W1": W1, "b1": b1, "W2": 8 * np.eye(10, dtype=np.float32), "b2": b2}


def test_the_book_s_network_knows_its_data_and_its_scaling(workplace):
    (workplace / "sample_weight.pkl").write_bytes(pickle.dumps(rows_network(divided=True)))
    said = []
    folder, model, _ = exchange.take_in("sample_weight.pkl", say=said.append)
    assert [layer.kind for layer in model.layers[:2]] == ["flatten", "rescaling"]
    assert "divided by 255" in said[0] and "--divide 1" in said[0]
    loaded = images()
    assert (model.predict(loaded.x).argmax(axis=1) == loaded.y).all()
    assert folder.settings().data == "mnist" and folder.facts().image_shape == (28, 28)
    _, own, _ = exchange.take_in("sample_weight.pkl", divide=1, say=said.append)
    assert own.layers[1].scale == 1.0 and len(said) == 1


@pytest.mark.parametrize("divided", [True, False])
def test_the_scaling_of_others_is_found_out_and_said(workplace, monkeypatch, divided):
    monkeypatch.setattr(exchange.data, "load", lambda name, **options: images())
    (workplace / "net.pkl").write_bytes(pickle.dumps(rows_network(divided)))
    said = []
    _, model, _ = exchange.take_in("net.pkl", data_name="mnist", say=said.append)
    loaded = images()
    assert (model.predict(loaded.x).argmax(axis=1) == loaded.y).all()
    assert ("divided by 255:" if divided else "stay as they are") in said[0]
    assert ("rescaling" in [layer.kind for layer in model.layers]) is divided


# ---- one output is two classes ------------------------------------------------------------------


@pytest.mark.parametrize("last", ["sigmoid", "linear"])
def test_one_output_answers_both_classes(workplace, last):
    x, y = data.moons(60, seed=0)
    trained = Sequential([layers.Dense(8, "relu"), layers.Dense(1, last)], seed=0)
    loss = {"name": "binary_crossentropy", "from_logits": last == "linear"}
    trained.compile({"name": "adam", "learning_rate": 0.05}, loss, ["accuracy"])
    trained.fit(x, y, epochs=20, verbose=0)
    interop.save_torch_weights(trained, workplace / "net.safetensors")
    _, model, _ = exchange.take_in("net.safetensors", data_name="moons")
    facts = Facts("moons", "classification", ("upper", "lower"), ("x1", "x2"))
    report = judge.judge(model, x, y, facts)
    assert report["accuracy"] == pytest.approx(trained.evaluate(x, y)["accuracy"]) and (
        report["accuracy"] > 0.8
    )
    assert len(report["per_class"]) == 2 and 0 < report["log_loss"] < 0.7
    rows = judge.worst(model, x, y, facts).rows
    assert {row["predicted"] for row in rows} <= {"upper", "lower"}
    assert all(0.5 <= row["probability"] <= 1 for row in rows)
    (workplace / "rows.csv").write_text("x1,x2\n" + "\n".join(f"{a},{b}" for a, b in x))
    table = answers.for_table(model, facts, "rows.csv").table.to_pydict()
    right = np.array(table["predicted"]) == np.array(["upper", "lower"])[y]
    assert right.mean() == pytest.approx(report["accuracy"])
    assert min(table["probability"]) >= 0.5 and max(table["probability"]) <= 1
