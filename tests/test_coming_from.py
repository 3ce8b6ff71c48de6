"""What people write for Keras, PyTorch and scikit-learn works, or is answered with our word."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import glassnet
from glassnet import (
    Sequential,
    activations,
    callbacks,
    data,
    initializers,
    layers,
    losses,
    metrics,
    optimizers,
    schedules,
)
from glassnet._core import habits
from glassnet.errors import ConfigError, DataError, LabelError, ShapeError, UnknownNameError
from glassnet.model.evaluation import Evaluation

PAGE = Path(__file__).parents[1] / "docs" / "en" / "guides" / "coming-from.md"
ROWS = re.findall(r"^\| (`.+?`.*?) \| (.+?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
Dense = layers.Dense
X = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
Y = np.arange(40) % 3


def trained():
    model = Sequential([Dense(8, "relu"), Dense(3, "softmax")], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    model.fit(X, Y, verbose=0)
    return model


def test_the_page_has_its_rows():
    assert len(ROWS) > 45


@pytest.mark.parametrize(("there", "here"), ROWS, ids=[there[:50] for there, _ in ROWS])
def test_every_line_of_the_page(there, here, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = there if here == "the same" else here
    names = {
        "glassnet": glassnet, "Sequential": Sequential, "Dense": Dense, "layers": layers,
        "optimizers": optimizers, "losses": losses, "metrics": metrics, "data": data,
        "callbacks": callbacks, "schedules": schedules, "np": np, "x": X, "y": Y,
        "model": trained(),
    }  # fmt: skip
    (line,) = re.findall(r"^`(.+)`$", code)
    exec(compile(line, "coming-from.md", "exec"), names)


# ---- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "name", "ours"),
    [
        (activations, "ReLU", "relu"), (activations, "Leaky-ReLU", "leaky_relu"),
        (activations, "logistic", "sigmoid"), (activations, "identity", "linear"),
        (losses, "MSE", "mean_squared_error"), (losses, "BCELoss", "binary_crossentropy"),
        (losses, "squared_error", "mean_squared_error"), (losses, "kld", "kl_divergence"),
        (optimizers, "AdamW", "adamw"), (optimizers, "SGD", "sgd"),
        (initializers, "HeNormal", "he_normal"), (initializers, "xavier_normal", "glorot_normal"),
    ],
)  # fmt: skip
def test_names_whatever_their_capitals_and_those_of_others(table, name, ours):
    assert table.get(name).name == ours
    assert table.get({"name": name}).get_config() == table.get(ours).get_config()


def test_every_name_of_every_table_is_found_in_capitals():
    for table, names in (
        (activations, activations.ACTIVATIONS), (losses, losses.LOSSES),
        (optimizers, optimizers.OPTIMIZERS), (metrics, metrics.METRICS),
        (initializers, initializers.INITIALIZERS),
    ):  # fmt: skip
        for name in names:
            if name not in ("constant", "variance_scaling"):
                made = table.get(name.upper())
                assert type(made) is type(table.get(name)), name


def test_losses_on_logits_under_the_name_of_pytorch():
    assert losses.get("CrossEntropyLoss") == losses.SparseCategoricalCrossentropy(from_logits=True)
    assert losses.get("BCEWithLogitsLoss") == losses.BinaryCrossentropy(from_logits=True)


def test_a_metric_keeps_the_name_it_was_asked_for_by_and_its_direction():
    model = trained()
    model.metrics = ["F1_Score"]
    assert "F1_Score" in model.evaluate(X, Y)
    assert metrics.higher_is_better("val_F1_Score") is True
    assert metrics.higher_is_better("MAE") is False and metrics.is_share("ACC")


@pytest.mark.parametrize("where", habits.INSTEAD)
def test_what_is_meant_instead_is_there(where):
    """Quoted names are names of the table; names with a place before them can be imported."""
    tables = {
        "loss": losses.LOSSES, "activation": activations.ACTIVATIONS,
        "optimizer": optimizers.OPTIMIZERS,
    }  # fmt: skip
    for word, text in habits.INSTEAD[where].items():
        assert text.endswith((".", "?")), (where, word)
        assert habits.spelled(word) == word
        for name in re.findall(r"'(\w+)'", text) if where in tables else ():
            assert name in tables[where] or name in activations.ACTIVATIONS, (word, name)
        for place in re.findall(r"glassnet(?:\.\w+)+", text):
            thing = glassnet
            for part in place.split(".")[1:]:
                thing = getattr(thing, part)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda m: layers.Linear, AttributeError, "Dense"),
        (lambda m: layers.LSTM, AttributeError, "no recurrent layers"),
        (lambda m: glassnet.models, AttributeError, "glassnet.load"),
        (lambda m: data.load_mnist, AttributeError, r"data\.load\(name\)"),
        (lambda m: callbacks.TerminateOnNaN, AttributeError, "fit ends by itself"),
        (lambda m: m.eval(), AttributeError, "no mode to switch"),
        (lambda m: m.named_parameters(), AttributeError, r"state_dict\(\)"),
        (lambda m: losses.get("crossentropy"), UnknownNameError, "did you mean 'sparse_cat"),
        (lambda m: m.fit(X, Y, validation_freq=2), UnknownNameError, "after each epoch"),
        (lambda m: m.fit(X, Y, epoch=2), UnknownNameError, "did you mean 'epochs'"),
        (lambda m: m.compile("adam", "mse", run_eagerly=True), UnknownNameError, "leave it out"),
        (lambda m: m.predict(X, steps=3), UnknownNameError, "an epoch is all of the data"),
        (lambda m: m.fit(X, Y, steps_per_epoch=3), ConfigError, "batches of batch_size"),
        (lambda m: m.fit(X, Y, validation_data=iter([(X, Y)])), ConfigError, "list.generator"),
        (lambda m: m.evaluate(iter([(X, Y)])), DataError, r"pass list\(generator\)"),
        (lambda m: m.save_weights("w.h5"), ConfigError, "safetensors"),
        (lambda m: callbacks.ModelCheckpoint("m.keras"), ConfigError, "best.safetensors"),
        (lambda m: m.get_layer("dens"), UnknownNameError, "did you mean 'dense'"),
        (lambda m: m.get_layer(), ConfigError, "give a name"),
        (lambda m: m.layers[0].set_weights([X]), ShapeError, "1 arrays came, but it has 2"),
        (lambda m: m.evaluate(X, Y)["acc"], KeyError, "did you mean 'accuracy'"),
        (lambda m: optimizers.Adam(0.1, lr=0.2), ConfigError, "one of the two"),
        (lambda m: data.moons(n_samples=3), TypeError, "n_samples_per_class"),
        (lambda m: data.to_categorical([0.5]), LabelError, "class numbers"),
        (lambda m: data.to_categorical([0, 3], 2), LabelError, "the class 3, but there are 2"),
        (lambda m: data.train_test_split(X, Y[:3]), ShapeError, "one length"),
    ],
)  # fmt: skip
def test_the_error_names_our_word(call, error, says):
    model = trained()
    with pytest.raises(error, match=says):
        call(model)


def test_a_callback_that_nobody_would_call_is_refused():
    class Mine(callbacks.Callback):
        def on_batch_end(self, batch, logs=None): ...

    with pytest.raises(ConfigError, match=r"on_batch_end is never called\. Did you mean 'on_tr"):
        trained().fit(X, Y, callbacks=[Mine()], verbose=0)


# ---- what comes back ---------------------------------------------------------------------------


def test_what_evaluate_returns():
    result = trained().evaluate(X, Y)
    loss, accuracy = result
    assert (loss, accuracy) == (result["loss"], result["accuracy"]) == (result[0], result[-1])
    assert list(result.keys()) == ["loss", "accuracy"] and len(result) == 2
    assert dict(result) == {**result} == result and type(dict(result)) is dict
    assert "loss" in result and result.get("f1") is None
    assert f"{Evaluation({'loss': 0.25}):.3f}" == "0.250" and float(result) == loss


def test_a_data_set_and_a_history_unpack():
    x, y = data.spiral(samples=10, classes=3)
    assert x.shape == (30, 2) and len(y) == 30
    history = trained().fit(X, Y, epochs=2, verbose=0)
    assert history["loss"] == history.history["loss"] and "loss" in history
    with pytest.raises(KeyError, match="did you mean 'accuracy'"):
        history["acuracy"]


def test_a_generator_that_never_ends():
    drawn = []

    def forever():
        while True:
            drawn.append(1)
            yield X[:10], Y[:10]

    history = trained().fit(forever(), steps_per_epoch=3, epochs=2, verbose=0)
    assert len(history.epoch) == 2 and len(drawn) == 6
    with pytest.raises(DataError, match="steps_per_epoch is 5, but the batches came to an end"):
        trained().fit(iter([(X, Y)] * 3), steps_per_epoch=5, verbose=0)
    trained().fit([(X, Y)] * 3, steps_per_epoch=5, verbose=0)  # a list begins again


def test_batches_to_validate_and_judge_on():
    model = trained()
    parts = [(X[:15], Y[:15]), (X[15:], Y[15:])]
    assert model.evaluate(parts) == model.evaluate(X, Y) == model.evaluate((X, Y))
    weighted = [(X[:15], Y[:15], np.ones(15)), (X[15:], Y[15:], np.full(25, 0.5))]
    expected = model.evaluate(X, Y, sample_weight=np.where(np.arange(40) < 15, 1.0, 0.5))
    assert model.evaluate(weighted)["accuracy"] == expected["accuracy"]
    history = model.fit(parts, validation_data=parts, verbose=0)
    assert history["val_loss"][-1] == pytest.approx(model.evaluate(X, Y)["loss"])


def test_the_shape_said_by_the_first_layer(capsys):
    model = Sequential([Dense(3, input_shape=(4,))])
    assert "15" in model.summary() and not model.built  # 4·3 + 3
    model.add(Dense(2))
    model.compile("adam", "mse")
    assert model.built and model.input_shape == (4,)
    assert Sequential(Dense(3, input_dim=4), Dense(2)).layers[0].declared_input_shape == (4,)


def test_auc_is_that_of_scikit_learn():
    from sklearn.metrics import roc_auc_score

    model = trained()
    model.metrics = ["AUC"]
    expected = roc_auc_score(Y, model.predict(X).astype(float), multi_class="ovr")
    assert model.evaluate(X, Y)["AUC"] == pytest.approx(expected)
    metric = metrics.AUC()
    for part in (slice(0, 15), slice(15, 40)):
        metric.update(Y[part], model.predict(X)[part])
    again = metrics.AUC()
    again.set_state(metric.get_state())
    assert again.result() == metric.result() == pytest.approx(expected)


def test_model_checkpoint_keeps_the_best(tmp_path, capsys):
    model = trained()
    best = callbacks.ModelCheckpoint(
        tmp_path / "m-{epoch:02d}.safetensors", "val_accuracy", save_best_only=True, verbose=1
    )
    history = model.fit(X, Y, epochs=6, validation_data=(X, Y), callbacks=[best], verbose=0)
    values = history["val_accuracy"]
    at = int(np.argmax(values))
    kept = glassnet.load(tmp_path / f"m-{at + 1:02d}.safetensors")
    assert kept.evaluate(X, Y)["accuracy"] == max(values)
    assert len(list(tmp_path.iterdir())) < 7 and "holds epoch" in capsys.readouterr().out


def test_the_rate_of_each_epoch():
    model = trained()
    schedule = callbacks.LearningRateScheduler(lambda epoch, rate: 0.1 if epoch == 0 else rate / 2)
    history = model.fit(X, Y, epochs=3, callbacks=[schedule], verbose=0)
    assert history["learning_rate"] == [0.1, 0.05, 0.025]


def test_a_program_in_the_background_writes_a_line_to_standard_error():
    program = (
        "from glassnet import Sequential, layers, data\n"
        "m = Sequential([layers.Dense(3, 'softmax')], seed=0)\n"
        "m.compile('sgd', 'sparse_categorical_crossentropy')\n"
        "m.fit(data.spiral(10), epochs=5)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "" and done.stderr.startswith("epoch 5/5  loss "), done.stderr
