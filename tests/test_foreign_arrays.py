"""Tables of pandas, polars and pyarrow, and tensors on the CPU, are taken wherever arrays are."""

import numpy as np
import pytest
from sklearn import datasets

from glassnet import (
    Perceptron,
    Recorder,
    Sequential,
    data,
    diagnose,
    explain,
    layers,
    metrics,
    plots,
)
from glassnet.sklearn import MLPClassifier, MLPRegressor, NetworkClassifier, NetworkRegressor

X, Y = datasets.load_iris(return_X_y=True)
X = X.astype(np.float32) / 8
NAMES = np.array(["setosa", "versicolor", "virginica"])[Y]
WEIGHTS = np.linspace(0.5, 1.5, len(Y))
VALUES = X[:, 0] * 2
COLUMNS = ["a", "b", "c", "d"]


def pandas(array):
    found = pytest.importorskip("pandas")
    return found.DataFrame(array, columns=COLUMNS) if array.ndim == 2 else found.Series(array)


def pandas_with_missing_allowed(array):
    """Columns of pandas' own types, and text of Arrow's."""
    return pandas(array).convert_dtypes()


def polars(array):
    found = pytest.importorskip("polars")
    return found.DataFrame(array, schema=COLUMNS) if array.ndim == 2 else found.Series(array)


def pyarrow(array):
    found = pytest.importorskip("pyarrow")
    if array.ndim == 2:
        return found.table(dict(zip(COLUMNS, array.T, strict=True)))
    return found.chunked_array([array[:50], array[50:]])


def torch(array):
    return pytest.importorskip("torch").from_numpy(array.copy())


def jax(array):
    pytest.importorskip("jax")
    import jax.numpy

    return jax.numpy.asarray(array)


KINDS = [
    pandas, pandas_with_missing_allowed, polars, pyarrow,
    pytest.param(torch, marks=pytest.mark.parity), pytest.param(jax, marks=pytest.mark.parity),
]  # fmt: skip
each = pytest.mark.parametrize("convert", KINDS)
text = pytest.mark.parametrize("convert", KINDS[:4])


def network(outputs=3, last="softmax"):
    model = Sequential([layers.Dense(6, "relu"), layers.Dense(outputs, last)], seed=0)
    loss = "sparse_categorical_crossentropy" if outputs == 3 else "mean_squared_error"
    model.compile("adam", loss, metrics=["accuracy"] if outputs == 3 else [])
    return model


def fitted(x, y, weights, x_val, y_val):
    """Everything that a model is asked with data, as plain numbers."""
    model = network()
    history = model.fit(
        x, y, epochs=2, batch_size=50, verbose=0, sample_weight=weights,
        validation_data=(x_val, y_val, weights),
    )  # fmt: skip
    return [
        history.history["loss"], history.history["val_loss"],
        list(model.evaluate(x, y, sample_weight=weights).values()),
        model.predict(x), model.predict_classes(x), model.train_on_batch(x, y, weights),
        explain.explain_step(model, x[:5], y[:5], check=False).loss.value,
    ]  # fmt: skip


def agree(found, expected):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


@each
def test_models(convert):
    x, y, w = convert(X), convert(Y), convert(WEIGHTS)
    agree(fitted(x, y, w, x, y), fitted(X, Y, WEIGHTS, X, Y))
    # and mixed with arrays
    agree(fitted(x, Y, w, X, y), fitted(X, Y, WEIGHTS, X, Y))


@text
def test_labels_in_words(convert):
    agree(fitted(convert(X), convert(NAMES), None, convert(X), convert(NAMES)),
          fitted(X, NAMES, None, X, NAMES))  # fmt: skip


@each
def test_values(convert):
    a, b = network(1, None), network(1, None)
    a.fit(convert(X), convert(VALUES), epochs=2, verbose=0)
    b.fit(X, VALUES, epochs=2, verbose=0)
    np.testing.assert_array_equal(a.predict(convert(X)), b.predict(X))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@each
@pytest.mark.parametrize("kind", [MLPClassifier, NetworkClassifier, MLPRegressor, NetworkRegressor])
def test_estimators(kind, convert):
    y = Y if "Classifier" in kind.__name__ else VALUES
    a, b = (kind(max_iter=2, random_state=0, dtype="float32") for _ in range(2))
    tables, arrays = (convert(X), convert(y)), (X, y)
    a.fit(*tables, sample_weight=convert(WEIGHTS), X_val=convert(X), y_val=convert(y))
    b.fit(*arrays, sample_weight=WEIGHTS, X_val=X, y_val=y)
    assert a.loss_curve_ == b.loss_curve_
    assert a.validation_loss_curve_ == b.validation_loss_curve_
    np.testing.assert_array_equal(a.predict(tables[0]), b.predict(X))
    assert a.score(*tables) == b.score(*arrays)
    if convert in (pandas, polars):
        assert list(a.feature_names_in_) == COLUMNS


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@text
def test_estimators_with_labels_in_words(convert):
    model = MLPClassifier(max_iter=2, random_state=0).fit(convert(X), convert(NAMES))
    same = MLPClassifier(max_iter=2, random_state=0).fit(X, NAMES)
    assert list(model.classes_) == list(same.classes_)
    np.testing.assert_array_equal(model.predict(convert(X)), same.predict(X))


@each
def test_everything_else_that_takes_data(convert):
    x, y, model = convert(X), convert(Y), network()
    model.fit(X, Y, verbose=0, callbacks=[Recorder(x)])
    found = convert(model.predict_classes(X))
    report = metrics.classification_report(Y, model.predict_classes(X))
    assert metrics.classification_report(y, found).to_dict() == report.to_dict()
    assert diagnose(model, x, y).kinds() == diagnose(model, X, Y).kinds()
    assert model.loss_and_gradient(x, y)[0] == model.loss_and_gradient(X, Y)[0]
    first = Perceptron().fit(x, convert((Y > 0).astype(int))).predict(x)
    np.testing.assert_array_equal(first, Perceptron().fit(X, Y > 0).predict(X))
    one, same = (explain.explain_prediction(model, a[:1]) for a in (x, X))
    np.testing.assert_array_equal(one.occlusion, same.occlusion)
    assert plots.confusion_matrix(y, found).axes
    batches = data.ArrayBatches(x, y, batch_size=50)
    assert model.fit(batches, verbose=0).history["loss"]


@pytest.mark.parity
def test_a_tensor_that_follows_gradients_is_refused_with_the_way_out():
    found = pytest.importorskip("torch")
    from glassnet.errors import DataError

    with pytest.raises(DataError, match="detach"):
        network().fit(found.tensor(X, requires_grad=True), Y, verbose=0)
