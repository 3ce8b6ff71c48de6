"""Each illness is found in a network that has it, and none in those that are well."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import datasets

from glassnet import Sequential, data, layers, texts
from glassnet._core.strict_json import to_json
from glassnet.callbacks import Checkpoint, LambdaCallback
from glassnet.callbacks.diagnosing import Diagnosing
from glassnet.diagnosis import diagnose
from glassnet.diagnosis.report import Diagnosis
from glassnet.errors import DivergedError
from glassnet.training.history import History

Dense = layers.Dense
CLASSES, TWO, VALUES = (
    "sparse_categorical_crossentropy", "binary_crossentropy", "mean_squared_error"
)  # fmt: skip


def sgd(rate: float) -> dict[str, Any]:
    return {"name": "sgd", "learning_rate": rate}


def adam(rate: float) -> dict[str, Any]:
    return {"name": "adam", "learning_rate": rate}


def normal(spread: float) -> dict[str, Any]:
    return {"name": "random_normal", "stddev": spread}


def standardized(x: Any) -> Any:
    return (x - x.mean(axis=0)) / np.where(x.std(axis=0) > 0, x.std(axis=0), 1)


def parted(x: Any, y: Any) -> tuple[Any, Any, tuple[Any, Any]]:
    order = np.random.default_rng(0).permutation(len(x))
    cut = len(x) // 4
    return x[order[cut:]], y[order[cut:]], (x[order[:cut]], y[order[:cut]])


def digits() -> tuple[Any, Any, tuple[Any, Any]]:
    d = data.load("digits")
    return parted(d.x.reshape(len(d.x), -1) / 16.0, d.y)


def table(name: str) -> tuple[Any, Any, tuple[Any, Any]]:
    bunch = getattr(datasets, f"load_{name}")()
    y = bunch.target
    return parted(standardized(bunch.data), standardized(y) if name == "diabetes" else y)


def train(
    stack: list[Any], x: Any, y: Any, optimizer: Any, loss: str, epochs: int, seed: int = 0,
    **settings: Any,
) -> History:  # fmt: skip
    model = Sequential(stack, seed=seed)
    model.compile(optimizer, loss)
    try:
        return model.fit(x, y, epochs=epochs, verbose=0, **settings)
    except DivergedError as error:
        assert isinstance(error.history, History)
        return error.history


# ---- the healthy -----------------------------------------------------------------------------


def healthy_digits(seed: int) -> History:
    x, y, held = digits()
    stack = [Dense(64, "relu"), Dense(10, "softmax")]
    return train(stack, x, y, "adam", CLASSES, 12, seed, validation_data=held)


def healthy_digits_by_sgd(seed: int) -> History:
    x, y, held = digits()
    stack = [Dense(50, "sigmoid"), Dense(10, "softmax")]
    return train(stack, x, y, sgd(0.5), CLASSES, 12, seed, validation_data=held)


def healthy_spiral(seed: int) -> History:
    s = data.load("spiral", seed=seed)
    stack = [Dense(64, "relu"), Dense(3, "softmax")]
    return train(stack, s.x, s.y, adam(0.05), CLASSES, 400, seed, batch_size=300)


def healthy_vertical(seed: int) -> History:
    s = data.load("vertical", seed=seed)
    stack = [Dense(4, "relu"), Dense(3, "softmax")]
    return train(stack, s.x, s.y, sgd(1.0), CLASSES, 400, seed, batch_size=300)


def healthy_moons(seed: int) -> History:
    s = data.load("moons", seed=seed)
    x, y, held = parted(s.x, s.y)
    stack = [Dense(8, "tanh"), Dense(8, "tanh"), Dense(1, "sigmoid")]
    return train(stack, x, y, adam(0.01), TWO, 100, seed, validation_data=held)


def healthy_table(name: str, outputs: int) -> Callable[[int], History]:
    def run(seed: int) -> History:
        x, y, held = table(name)
        last = Dense(1) if outputs == 1 else Dense(outputs, "softmax")
        loss = VALUES if outputs == 1 else CLASSES
        return train([Dense(16, "relu"), last], x, y, adam(0.01), loss, 30, seed,
                     validation_data=held)  # fmt: skip

    return run


def healthy_sine(seed: int) -> History:
    s = data.load("sine", seed=seed)
    stack = [Dense(32, "tanh"), Dense(32, "tanh"), Dense(1)]
    return train(stack, s.x, s.y, adam(0.01), VALUES, 150, seed)


def healthy_deep(seed: int) -> History:
    x, y, held = digits()
    stack = [
        Dense(32, "relu", kernel_initializer="he_normal"), layers.BatchNormalization(),
        layers.Residual([Dense(32, "tanh"), layers.Dropout(0.2)]), Dense(10, "softmax"),
    ]  # fmt: skip
    return train(stack, x, y, "adam", CLASSES, 8, seed, validation_data=held)


HEALTHY: list[Callable[[int], History]] = [
    healthy_digits, healthy_digits_by_sgd, healthy_spiral, healthy_vertical, healthy_moons,
    healthy_table("iris", 3), healthy_table("wine", 3), healthy_table("breast_cancer", 2),
    healthy_table("diabetes", 1), healthy_sine, healthy_deep,
]  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("run", HEALTHY)
def test_no_false_alarm(run: Callable[[int], History], seed: int) -> None:
    found = run(seed).diagnosis
    assert isinstance(found, Diagnosis)
    assert found.kinds() == [], str(found)
    assert not found and str(found) == "nothing wrong was found"


# ---- the ill ---------------------------------------------------------------------------------


def ill_diverged() -> History:
    s = data.load("sine")
    return train([Dense(32, "relu"), Dense(1)], s.x, s.y, sgd(30.0), VALUES, 30)


def ill_too_fast() -> History:
    x, y, held = digits()
    stack = [Dense(64, "relu"), Dense(10, "softmax")]
    return train(stack, x, y, adam(1.0), CLASSES, 6, validation_data=held)


def ill_too_fast_by_sgd() -> History:
    x, y, _ = digits()
    return train([Dense(64, "tanh"), Dense(10, "softmax")], x, y, sgd(30.0), CLASSES, 6)


def ill_too_slow() -> History:
    s = data.load("spiral")
    return train([Dense(64, "relu"), Dense(3, "softmax")], s.x, s.y, sgd(1e-4), CLASSES, 20)


def ill_too_slow_by_adam() -> History:
    x, y, _ = digits()
    return train([Dense(32, "relu"), Dense(10, "softmax")], x, y, adam(1e-6), CLASSES, 6)


def ill_vanishing() -> History:
    x, y, _ = digits()
    stack = [Dense(32, "sigmoid") for _ in range(7)]
    return train([*stack, Dense(10, "softmax")], x, y, sgd(0.1), CLASSES, 5)


def ill_small_weights() -> History:
    x, y, _ = digits()
    stack = [Dense(32, "tanh", kernel_initializer=normal(0.01)) for _ in range(6)]
    return train([*stack, Dense(10, "softmax")], x, y, sgd(0.1), CLASSES, 5)


def ill_exploding() -> History:
    x, y, _ = digits()
    stack = [Dense(64, "relu", kernel_initializer=normal(1.0)) for _ in range(8)]
    return train([*stack, Dense(10, "softmax")], x, y, "adam", CLASSES, 3)


def ill_born_dead() -> History:
    x, y, _ = digits()
    low = {"name": "constant", "value": -5.0}
    stack = [Dense(64, "relu", bias_initializer=low), Dense(10, "softmax")]
    return train(stack, x, y, "adam", CLASSES, 5)


def ill_saturated() -> History:
    x, y, _ = digits()
    stack = [Dense(64, "tanh", kernel_initializer=normal(3.0)) for _ in range(3)]
    return train([*stack, Dense(10, "softmax")], x, y, sgd(0.01), CLASSES, 5)


def ill_overfitted() -> History:
    x, y, held = table("diabetes")
    stack = [Dense(128, "relu"), Dense(128, "relu"), Dense(1)]
    return train(stack, x, y, adam(0.005), VALUES, 40, validation_data=held)


def ill_underfitted() -> History:
    s = data.load("circles")
    return train([Dense(1, "sigmoid")], s.x, s.y, adam(0.05), TWO, 40)


def ill_short() -> History:
    x, y, _ = digits()
    return train([Dense(32, "sigmoid"), Dense(10, "softmax")], x, y, sgd(0.03), CLASSES, 10)


def ill_unscaled() -> History:
    bunch = datasets.load_breast_cancer()
    stack = [Dense(16, "relu"), Dense(2, "softmax")]
    return train(stack, bunch.data, bunch.target, adam(0.01), CLASSES, 5)


def ill_bytes() -> History:
    d = data.load("digits")
    x = (d.x * 15).astype(np.uint8)
    stack = [layers.Flatten(), Dense(32, "sigmoid"), Dense(10, "softmax")]
    return train(stack, x, d.y, "adam", CLASSES, 2)


def ill_targets() -> History:
    bunch = datasets.load_diabetes()
    x = standardized(bunch.data)
    return train([Dense(16, "relu"), Dense(1)], x, bunch.target, "adam", VALUES, 8)


def ill_unequal() -> History:
    s = data.load("moons", n_samples_per_class=300)
    keep = np.flatnonzero((s.y == 0) | (np.arange(len(s.y)) % 15 == 0))
    y = np.where(s.y[keep] == 1, "rare", "usual")
    return train([Dense(8, "relu"), Dense(2, "softmax")], s.x[keep], y, adam(0.02), CLASSES, 5)


def ill_shuffled() -> History:
    x, y, held = digits()
    wrong = np.random.default_rng(0).permutation(y)
    stack = [Dense(64, "relu"), Dense(10, "softmax")]
    return train(stack, x, wrong, "adam", CLASSES, 8, validation_data=held)


def ill_shuffled_values() -> History:
    x, y, _ = table("diabetes")
    wrong = np.random.default_rng(0).permutation(y)
    return train([Dense(16, "relu"), Dense(1)], x, wrong, "adam", VALUES, 20)


ILL: list[tuple[Callable[[], History], str, str | None]] = [
    (ill_diverged, "diverged", "learning_rate"),
    (ill_too_fast, "learning_rate_too_large", "learning_rate"),
    (ill_too_fast_by_sgd, "learning_rate_too_large", "learning_rate"),
    (ill_too_slow, "learning_rate_too_small", "learning_rate"),
    (ill_too_slow_by_adam, "learning_rate_too_small", "learning_rate"),
    (ill_vanishing, "vanishing_gradients", "activation"),
    (ill_small_weights, "vanishing_gradients", "kernel_initializer"),
    (ill_exploding, "exploding_gradients", "kernel_initializer"),
    (ill_born_dead, "dead_relu", "activation"),
    (ill_saturated, "saturated_units", "kernel_initializer"),
    (ill_overfitted, "overfitting", "epochs"),
    (ill_underfitted, "underfitting", "units"),
    (ill_short, "underfitting", "epochs"),
    (ill_unscaled, "unscaled_inputs", "standardize"),
    (ill_bytes, "unscaled_inputs", "rescaling"),
    (ill_targets, "unscaled_targets", "standardize_targets"),
    (ill_unequal, "imbalanced_classes", "class_weight"),
    (ill_shuffled, "shuffled_labels", "check"),
    (ill_shuffled_values, "shuffled_labels", "check"),
]  # fmt: skip


@pytest.mark.parametrize(("run", "kind", "cure"), ILL)
def test_the_illness_is_found(run: Callable[[], History], kind: str, cure: str) -> None:
    found = run().diagnosis
    assert kind in found.kinds(), str(found)
    finding = next(f for f in found if f.kind == kind)
    assert cure in finding.cure
    for language in texts.languages():
        for text in (finding.message(language), finding.advice(language)):
            assert text and "{" not in text and "nan" not in text
    json.loads(to_json(found.to_dict()))


def test_dying_relus_are_dated_and_the_learning_rate_is_blamed() -> None:
    found = ill_too_fast().diagnosis
    dead = next(f for f in found if f.kind == "dead_relu")
    assert dead.layer == "dense" and dead.numbers["dead"] == dead.numbers["units"] == 64
    assert dead.since_epoch is not None and dead.since_epoch >= 1
    assert set(dead.cure) == {"learning_rate"}
    rate = next(f for f in found if f.kind == "learning_rate_too_large")
    assert rate.severity == "serious"
    x, y, _ = digits()
    cured = train(
        [Dense(64, "relu"), Dense(10, "softmax")], x, y, adam(rate.cure["learning_rate"]), CLASSES,
        6,
    )  # fmt: skip
    assert cured.diagnosis.kinds() == [] and cured.history["loss"][-1] < 0.5


def test_the_cure_of_a_small_learning_rate_works() -> None:
    s = data.load("vertical")
    stack = [Dense(4, "relu"), Dense(3, "softmax")]
    slow = train(stack, s.x, s.y, sgd(1e-3), CLASSES, 50)
    finding = slow.diagnosis[0]
    assert finding.kind == "learning_rate_too_small"
    stack = [Dense(4, "relu"), Dense(3, "softmax")]
    cured = train(stack, s.x, s.y, sgd(finding.cure["learning_rate"]), CLASSES, 50)
    assert not cured.diagnosis and cured.history["loss"][-1] < 0.6 * slow.history["loss"][-1]


def test_class_weights_by_label_cure_the_imbalance() -> None:
    finding = ill_unequal().diagnosis[0]
    weights = finding.cure["class_weight"]
    assert set(weights) == {"rare", "usual"} and weights["rare"] > 10 * weights["usual"]
    s = data.load("moons", n_samples_per_class=300)
    keep = np.flatnonzero((s.y == 0) | (np.arange(len(s.y)) % 15 == 0))
    y = np.where(s.y[keep] == 1, "rare", "usual")
    weighted = train([Dense(8, "relu"), Dense(2, "softmax")], s.x[keep], y, adam(0.02), CLASSES, 5,
                     class_weight=weights)  # fmt: skip
    assert "imbalanced_classes" not in weighted.diagnosis.kinds()


def test_overfitting_since_when() -> None:
    history = ill_overfitted()
    finding = next(f for f in history.diagnosis if f.kind == "overfitting")
    validation = history.history["val_loss"]
    assert finding.since_epoch is not None
    assert abs(finding.since_epoch - int(np.argmin(validation))) <= 2
    assert finding.numbers["last"] == validation[-1]


def test_a_diverged_run_carries_its_diagnosis() -> None:
    s = data.load("sine")
    model = Sequential([Dense(32, "relu"), Dense(1)], seed=0)
    model.compile(sgd(30.0), VALUES)
    with pytest.raises(DivergedError) as caught:
        model.fit(s.x, s.y, epochs=30, verbose=0)
    history = caught.value.history
    finding = history.diagnosis[0]
    assert finding.kind == "diverged" and finding.severity == "serious"
    assert finding.since_epoch == caught.value.epoch
    assert 0 < finding.cure["learning_rate"] < 30


def test_a_look_changes_nothing() -> None:
    x, y, _ = digits()

    def weights(quiet: bool) -> bytes:
        model = Sequential(
            [Dense(16, "relu"), layers.Dropout(0.3), layers.BatchNormalization(),
             Dense(10, "softmax")], seed=3,
        )  # fmt: skip
        model.compile("adam", CLASSES)
        seen: list[bytes] = []
        keep = LambdaCallback(
            on_epoch_end=lambda e, logs: seen.append(model.parameters.gradients.tobytes())
        )
        if quiet:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(Diagnosing, "on_train_begin", lambda self: None)
                model.fit(x[:200], y[:200], epochs=3, verbose=0, callbacks=[keep])
        else:
            model.fit(x[:200], y[:200], epochs=3, verbose=0, callbacks=[keep])
        return b"".join([model.parameters.tensors()["dense/W"].tobytes(), *seen])

    assert weights(True) == weights(False)


def test_a_resumed_run_remembers_its_looks(tmp_path: Any) -> None:
    x, y, _ = digits()

    def made() -> Sequential:
        model = Sequential([Dense(64, "relu"), Dense(10, "softmax")], seed=0)
        model.compile(adam(1.0), CLASSES)
        return model

    whole = made().fit(x, y, epochs=6, verbose=0, callbacks=[Checkpoint(tmp_path / "a")])
    made().fit(x, y, epochs=3, verbose=0, callbacks=[Checkpoint(tmp_path / "b")])
    rest = made().fit(x, y, epochs=6, verbose=0, callbacks=[Checkpoint(tmp_path / "b")],
                      resume_from=tmp_path / "b")  # fmt: skip
    since = {f.kind: f.since_epoch for f in whole.diagnosis}
    assert since == {f.kind: f.since_epoch for f in rest.diagnosis}
    assert since["dead_relu"] == 2  # the first look after the start comes after 3 epochs


def test_asked_while_it_trains() -> None:
    s = data.load("spiral")
    model = Sequential([Dense(16, "relu"), Dense(3, "softmax")], seed=0)
    model.compile(adam(0.01), CLASSES)
    history = model.fit(s, epochs=3, verbose=0)
    assert diagnose(model, s.x, s.y, history, finished=False).kinds() == []
    shifted = diagnose(model, s.x * 1000, s.y, history, finished=False)
    assert "unscaled_inputs" in shifted.kinds()


def batches(n: int = 40) -> Callable[[], Any]:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(n, 3)), rng.integers(0, 2, n)
    return lambda: iter([(x[i : i + 10], y[i : i + 10]) for i in range(0, n, 10)])


def odd(stack: list[Any], loss: Any, x: Any, y: Any, **settings: Any) -> Diagnosis:
    model = Sequential(stack, seed=0)
    model.compile("sgd", loss)
    found = model.fit(x, y, verbose=0, **settings).diagnosis
    assert isinstance(found, Diagnosis)
    return found


def test_odd_cases_are_borne(monkeypatch: pytest.MonkeyPatch) -> None:
    # what fails inside a diagnosis is swallowed in fit; here it must not even fail
    ends: list[Diagnosis] = []
    end = Diagnosing.on_train_end

    def strict(self: Diagnosing) -> None:
        assert self.examiner is not None
        end(self)
        ends.append(self.diagnose())

    monkeypatch.setattr(Diagnosing, "on_train_end", strict)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    two = np.arange(40) % 2
    odd([Dense(1)], VALUES, [[1.0]], [2.0])  # a single sample
    odd([Dense(2, "softmax")], CLASSES, [[0.0], [0.0]], [0, 1], epochs=30)  # x is nothing but 0
    odd([Dense(1)], VALUES, x, np.zeros(40), epochs=30)  # nothing to learn
    odd([Dense(1)], "hinge", x, two, epochs=12)
    odd([Dense(3, "sigmoid")], TWO, x, rng.integers(0, 2, (40, 3)), epochs=12)
    odd([Dense(2)], {"name": CLASSES, "from_logits": True}, x, two, epochs=12)
    odd([Dense(1)], {"name": TWO, "from_logits": True}, x, two, epochs=12)
    odd([Dense(3, "softmax")], "kl_divergence", x, np.full((40, 3), 1 / 3), epochs=12)
    odd([Dense(3, "softmax")], "categorical_crossentropy", x, np.full((40, 3), 1 / 3), epochs=12)
    odd([Dense(3, "softmax"), Dense(2, "gelu"), layers.Activation("softmax")], CLASSES, x, two)
    odd([Dense(2, "softmax")], CLASSES, x, two, sample_weight=np.r_[1.0, np.zeros(39)], epochs=6)
    odd([layers.BatchNormalization(), Dense(2, "softmax")], CLASSES, x * 1e6, two, epochs=6)
    odd([Dense(2, "softmax")], CLASSES, batches(), None, epochs=6)
    assert len(ends) == 13


def test_a_failure_inside_does_not_end_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Any, *arguments: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("glassnet.diagnosis.examiner.Examiner.measure", broken)
    s = data.load("spiral")
    history = train([Dense(3, "softmax")], s.x, s.y, "adam", CLASSES, 2)
    assert len(history.epoch) == 2 and history.diagnosis == Diagnosis()


def test_the_rate_that_is_blamed_is_the_highest_and_not_where_the_schedule_ended() -> None:
    blobs = data.blobs(50)
    model = Sequential([layers.Dense(8, "relu"), layers.Dense(3, "softmax")], seed=0)
    cosine = {"name": "cosine_decay", "initial_learning_rate": 1e-6, "decay_steps": 100}
    model.compile({"name": "adam", "learning_rate": cosine}, "sparse_categorical_crossentropy")
    found = model.fit(blobs, epochs=20, verbose=0).diagnosis
    assert found.kinds() == ["learning_rate_too_small"]
    assert found[0].numbers["learning_rate"] == pytest.approx(1e-6, rel=0.1)
    assert found[0].cure["learning_rate"] >= 1e-4


# ---- images ----------------------------------------------------------------------------------


def bars(n: int = 120) -> tuple[Any, Any]:
    """Small images with a bar across or down."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(0, 0.1, (n, 8, 8, 1)), np.arange(n) % 2
    for image, label, place in zip(x, y, rng.integers(0, 8, n)):
        image[(slice(None), place) if label else (place, slice(None))] += 1
    return x, y


def image_network(bias: float = 0.0) -> list[Any]:
    settings: dict[str, Any] = {"activation": "relu", "bias_initializer": {
        "name": "constant", "value": bias}}  # fmt: skip
    return [
        layers.Conv2D(8, 3, **settings), layers.MaxPooling2D(2), layers.Flatten(),
        Dense(2, "softmax"),
    ]  # fmt: skip


def test_a_convolutional_network_that_learns_is_well() -> None:
    history = train(image_network(), *bars(), adam(0.01), CLASSES, 12)
    assert not history.diagnosis, str(history.diagnosis)


def test_dead_filters_are_called_filters() -> None:
    x, y = bars()
    history = train(image_network(-20.0), x, y, sgd(0.01), CLASSES, 6)
    assert history.diagnosis is not None
    finding = next(f for f in history.diagnosis if f.kind == "dead_relu")
    assert finding.numbers == {"dead": 8, "units": 8} and finding.layer == "conv2d"
    assert "8 of 8 filters have answered 0 at every place of every sample from the start" in (
        finding.message()
    )
    assert "필터 8개 중 8개" in finding.message("ko")
    assert finding.cure == {"activation": {"layer": "conv2d", "name": "leaky_relu"}}
    cured = [layers.Conv2D(8, 3, activation="leaky_relu"), *image_network()[1:]]
    assert not train(cured, x, y, adam(0.01), CLASSES, 12).diagnosis


def test_pixels_that_are_too_large_are_named_by_their_place() -> None:
    x, y = bars()
    image = np.full_like(x, 30.0)
    image[:, 2, 5, 0] = 255.0
    history = train(image_network(), image, y, sgd(0.001), CLASSES, 3)
    assert history.diagnosis is not None
    finding = next(f for f in history.diagnosis if f.kind == "unscaled_inputs")
    assert "row 2, column 5, channel 0 (counted from 0) is about 255" in finding.message()
    assert finding.cure == {"rescaling": 1 / 255}
    assert "Rescaling(1 / 255)" in finding.advice() and "2행 5열" in finding.message("ko")
