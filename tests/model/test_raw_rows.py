"""A network that learned from a table takes its rows as people have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import polars
import pyarrow
import pytest

from glassnet import Sequential, data, layers
from glassnet.data import Dataset
from glassnet.errors import DataError, LabelError

RNG = np.random.default_rng(0)
AGE = RNG.integers(20, 60, 200)
PLACE = RNG.choice(["Busan", "Seoul"], 200)
TABLE = {
    "age": AGE.tolist(),
    "place": PLACE.tolist(),
    "bought": np.where((AGE > 40) ^ (PLACE == "Seoul"), "yes", "no").tolist(),
    "spent": (1000.0 + 30 * AGE + 100 * (PLACE == "Seoul") + RNG.normal(0, 9, 200)).tolist(),
}
FORMS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "pandas": pandas.DataFrame,
    "polars": polars.DataFrame,
    "pyarrow": pyarrow.table,
    "mapping": dict,
    "rows": lambda t: [dict(zip(t, row)) for row in zip(*t.values())],
}


def dataset(target: str, other: str, **options: Any) -> Dataset:
    return data.load_table(TABLE, target, ignore=[other], scale_target=True, **options)


@pytest.fixture(scope="module")
def buyers() -> Sequential:
    model = Sequential([layers.Dense(16, "relu"), layers.Dense(2, "softmax")], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(dataset("bought", "spent"), epochs=20, verbose=0)
    return model


@pytest.fixture(scope="module")
def spenders() -> Sequential:
    model = Sequential([layers.Dense(1)], seed=0)
    model.compile("adam", "mean_squared_error")
    model.fit(dataset("spent", "bought", test_fraction=0.0), epochs=5, verbose=0)
    return model


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_table(buyers: Sequential, form: str) -> None:
    raw = FORMS[form](TABLE)
    x = buyers.preprocessing.transform(TABLE)
    probabilities = buyers.predict(x)
    assert buyers.predict(raw).tobytes() == probabilities.tobytes()
    words = np.where(probabilities.argmax(axis=1) == 1, "yes", "no")
    assert buyers.predict_classes(raw).tolist() == words.tolist()
    whole = buyers.evaluate(
        x, probabilities.argmax(axis=1) * 0 + (np.array(TABLE["bought"]) == "yes")
    )
    assert buyers.evaluate(raw) == whole  # the table has the target's column


@pytest.mark.parametrize("kind", [list, np.array, pandas.Series, polars.Series])
def test_answers_beside_a_table_are_in_its_words(
    buyers: Sequential, spenders: Sequential, kind: Any
) -> None:
    raw = pandas.DataFrame(TABLE).drop(columns=["bought", "spent"])
    assert buyers.evaluate(raw, kind(TABLE["bought"])) == buyers.evaluate(TABLE)
    assert spenders.evaluate(raw, kind(TABLE["spent"])) == spenders.evaluate(TABLE)
    with pytest.raises(LabelError, match="'perhaps' in row 1"):
        buyers.evaluate(raw, kind(["perhaps"] * 200))
    with pytest.raises(DataError, match="200 rows, but y has 2"):
        buyers.evaluate(raw, kind(["yes", "no"]))
    with pytest.raises(DataError, match="bought"):
        buyers.evaluate(raw)


def test_values_come_in_the_units_of_the_table(spenders: Sequential) -> None:
    rows = spenders.preprocessing
    standard = spenders.predict(rows.transform(TABLE))
    expected = standard.astype(float) * np.std(TABLE["spent"]) + np.mean(TABLE["spent"])
    np.testing.assert_allclose(spenders.predict(TABLE), expected, rtol=1e-9)
    np.testing.assert_allclose(spenders.predict_classes(TABLE), expected[:, 0], rtol=1e-9)


def test_one_row_as_a_mapping(buyers: Sequential) -> None:
    one = {"age": 50, "place": "Busan"}
    assert buyers.predict(one).shape == (1, 2)
    assert buyers.predict_classes(one).tolist() == ["yes"]


def test_what_a_table_lacks_is_named(buyers: Sequential) -> None:
    with pytest.raises(DataError, match="place"):
        buyers.predict(pandas.DataFrame({"age": [50]}))


def test_a_data_set_is_judged_on_what_it_holds_out(buyers: Sequential) -> None:
    held = dataset("bought", "spent", test_fraction=0.25, seed=3)
    assert held.x_test is not None
    assert buyers.evaluate(held) == buyers.evaluate(held.x_test, held.y_test)
    whole = dataset("bought", "spent")
    assert buyers.evaluate(whole) == buyers.evaluate(whole.x, whole.y)
    network = Sequential([layers.Dense(2, "softmax")], seed=0)
    network.compile("sgd", "sparse_categorical_crossentropy")
    history = network.fit(held, validation_data=held, epochs=1, verbose=0)
    assert history["val_loss"] == [network.evaluate(held.x_test, held.y_test)["loss"]]


def test_validation_says_how_far_off_values_are() -> None:
    """The interval of 0.9 holds nine in ten of 4,000 new rows, in the units of the table."""
    rng = np.random.default_rng(1)

    def drawn(n: int) -> dict[str, Any]:
        a = rng.normal(0, 1, n)
        return {"a": a, "t": 500 + 80 * a + rng.laplace(0, 20, n)}

    model = Sequential([layers.Dense(1)], seed=0)
    model.compile("adam", "mean_squared_error")
    known = data.load_table(drawn(2000), "t", scale_target=True)
    model.fit(known, epochs=20, validation_split=0.3, verbose=0)
    new = drawn(4000)
    lower, upper = model.preprocessing.interval(model.predict(new)[:, 0], 0.9)
    inside = (lower <= new["t"]) & (new["t"] <= upper)
    assert 0.87 < inside.mean() < 0.93  # sd of the level itself with 600 rows: 0.012
    assert (upper - lower) == pytest.approx(2 * 20 * np.log(10), rel=0.15)
