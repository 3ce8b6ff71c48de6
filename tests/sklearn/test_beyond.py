"""What the estimators have beyond scikit-learn's: each setting works and is refused when wrong."""

import numpy as np
import pytest
from sklearn import datasets
from sklearn.metrics import recall_score
from sklearn.preprocessing import scale

from glassnet import layers
from glassnet.activations import ACTIVATIONS
from glassnet.callbacks import Callback, EarlyStopping, LambdaCallback
from glassnet.losses import LOSSES
from glassnet.optimizers import OPTIMIZERS, Adam
from glassnet.schedules import READY
from glassnet.sklearn import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = datasets.load_iris(return_X_y=True)
X = scale(X)
VALUES = X @ [1.0, -2.0, 0.5, 0.0]
rng = np.random.default_rng(0)


def classifier(**settings):
    given = {"hidden_layer_sizes": (12,), "max_iter": 60, "batch_size": 50}
    given["learning_rate_init"] = 0.03
    return MLPClassifier(**{**given, "random_state": 0, **settings})


def regressor(**settings):
    given = {"hidden_layer_sizes": (12,), "max_iter": 60, "batch_size": 25}
    given["learning_rate_init"] = 0.02
    return MLPRegressor(**{**given, "random_state": 0, **settings})


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation(name):
    if name == "step":  # its slope is 0 everywhere
        with pytest.raises(ValueError, match=name):
            classifier(activation=name).fit(X, Y)
        return
    assert classifier(activation=name, max_iter=25).fit(X, Y).score(X, Y) > 0.9


def test_an_activation_for_each_layer():
    model = classifier(hidden_layer_sizes=(8, 6, 4), activation=["gelu", "tanh", "selu"])
    model.fit(X, Y)
    dense = [layer for layer in model.network_.layers if isinstance(layer, layers.Dense)]
    assert [d.activation.name for d in dense] == ["gelu", "tanh", "selu", "softmax"]
    assert model.score(X, Y) > 0.9
    with pytest.raises(ValueError, match="3 settings, but there are 2 hidden layers"):
        classifier(hidden_layer_sizes=(8, 6), activation=["relu"] * 3).fit(X, Y)
    with pytest.raises(ValueError, match="gelu"):
        classifier(activation=["gleu"]).fit(X, Y)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer(name):
    model = classifier(solver=name, learning_rate_init=0.05).fit(X, Y)
    assert type(model.network_.optimizer) is OPTIMIZERS[name]
    assert model.loss_curve_[-1] < model.loss_curve_[0]


def test_an_optimizer_by_value_and_by_config():
    given = Adam(0.05)
    by_value = classifier(solver=given).fit(X, Y)
    by_config = classifier(solver={"name": "adam", "learning_rate": 0.05}).fit(X, Y)
    assert by_value.loss_curve_ == by_config.loss_curve_
    assert by_value.network_.optimizer is not given
    assert given.steps == 0  # the one that was given is a description


@pytest.mark.parametrize("name", READY)
def test_every_schedule(name):
    """Three updates in each of 60 epochs."""
    schedule = READY[name](0.05, 180)
    for given in (schedule, schedule.get_config()):
        model = classifier(learning_rate=given, solver="nadam", tol=0.0, max_iter=60).fit(X, Y)
        assert model.network_.optimizer.current_learning_rate == pytest.approx(schedule(180))
        assert model.score(X, Y) > 0.9


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss(name):
    target = LOSSES[name].target
    if target == "values":
        y = abs(VALUES) if name == "poisson" else VALUES
        model = regressor(loss=name).fit(X, y)
        with pytest.raises(ValueError, match="MLPClassifier"):
            regressor(loss="sparse_categorical_crossentropy").fit(X, VALUES)
    else:
        model = classifier(loss=name).fit(X, Y > 0)
        assert model.score(X, Y > 0) > 0.9
    assert model.loss_curve_[-1] < model.loss_curve_[0]


def test_hinge_decides_and_has_no_probabilities():
    model = classifier(loss="hinge").fit(X, Y > 0)
    np.testing.assert_array_equal(model.decision_function(X) > 0, model.predict(X))
    assert not hasattr(model, "predict_proba")
    assert not hasattr(classifier(), "decision_function")


def test_dropout():
    model = classifier(hidden_layer_sizes=(20, 10), dropout=[0.5, 0.0]).fit(X, Y)
    kinds = [type(layer).__name__ for layer in model.network_.layers]
    assert kinds == ["Dense", "Dropout", "Dense", "Dense"]
    np.testing.assert_array_equal(model.predict_proba(X), model.predict_proba(X))
    again = classifier(hidden_layer_sizes=(20, 10), dropout=[0.5, 0.0]).fit(X, Y)
    assert again.loss_curve_ == model.loss_curve_
    assert model.loss_curve_ != classifier(hidden_layer_sizes=(20, 10)).fit(X, Y).loss_curve_
    with pytest.raises(ValueError, match="lbfgs"):
        classifier(solver="lbfgs", dropout=0.5).fit(X, Y)
    for wrong in (1.0, -0.1, [0.1, 0.2], "half"):
        with pytest.raises(ValueError):
            classifier(dropout=wrong).fit(X, Y)


def test_batch_normalization():
    model = classifier(batch_normalization=True).fit(X * 1000 + 500, Y)
    assert "BatchNormalization" in [type(layer).__name__ for layer in model.network_.layers]
    assert model.score(X * 1000 + 500, Y) > 0.9
    with pytest.raises(ValueError, match="lbfgs"):
        classifier(solver="lbfgs", batch_normalization=True).fit(X, Y)


def test_class_weight():
    x = rng.normal(size=(400, 2))
    y = x[:, 0] + rng.normal(size=400) > 1.8  # one in ten
    plain = classifier(max_iter=20).fit(x, y)
    balanced = classifier(max_iter=20, class_weight="balanced").fit(x, y)
    shares = {True: 1 / y.mean() / 2, False: 1 / (1 - y.mean()) / 2}
    by_hand = classifier(max_iter=20, class_weight=shares).fit(x, y)
    assert recall_score(y, balanced.predict(x)) > recall_score(y, plain.predict(x)) + 0.2
    np.testing.assert_allclose(by_hand.loss_curve_, balanced.loss_curve_)
    weighted = classifier(max_iter=20).fit(x, y, sample_weight=np.where(y, 3.0, 1.0))
    same = classifier(max_iter=20, class_weight={True: 3.0}).fit(x, y)
    np.testing.assert_allclose(weighted.loss_curve_, same.loss_curve_)
    with pytest.raises(ValueError):
        classifier(class_weight="fair").fit(x, y)


def test_validation_data_of_ones_own():
    held = slice(None, None, 3)
    model = classifier().fit(X, Y, X_val=X[held], y_val=Y[held])
    assert len(model.validation_loss_curve_) == len(model.validation_scores_) == model.n_iter_
    assert model.validation_scores_[-1] == model.score(X[held], Y[held])
    p = model.predict_proba(X[held])[np.arange(50), Y[held]]
    assert model.validation_loss_curve_[-1] == pytest.approx(-np.log(p).mean())
    assert model.history_.history["val_loss"] == model.validation_loss_curve_
    # and it decides when to stop
    stopped = classifier(early_stopping=True, n_iter_no_change=3, max_iter=500)
    stopped.fit(X, Y, X_val=X[held], y_val=Y[held])
    assert stopped.n_iter_ < 500
    assert max(stopped.validation_scores_) == stopped.best_validation_score_
    assert stopped.score(X[held], Y[held]) == stopped.best_validation_score_
    values = regressor().fit(X, VALUES, X_val=X[held], y_val=VALUES[held])
    assert values.validation_scores_[-1] == pytest.approx(values.score(X[held], VALUES[held]))
    for wrong in ({"X_val": X}, {"y_val": Y}, {"X_val": X[:, :2], "y_val": Y},
                  {"X_val": X, "y_val": Y + 5}):  # fmt: skip
        with pytest.raises(ValueError):
            classifier().fit(X, Y, **wrong)


def test_held_out_samples_give_a_validation_loss_curve():
    model = classifier(early_stopping=True).fit(X, Y)
    assert len(model.validation_loss_curve_) == model.n_iter_
    assert classifier().fit(X, Y).validation_loss_curve_ is None


def test_callbacks():
    seen = []
    watch = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append((epoch, dict(logs))))
    stop = EarlyStopping("val_loss", patience=2)
    model = classifier(callbacks=[watch, stop], max_iter=400, learning_rate_init=0.3, tol=0.0)
    model.fit(X[::2], Y[::2], X_val=X[1::2], y_val=Y[1::2])
    assert len(seen) == model.n_iter_ < 400
    assert [logs["loss"] for _, logs in seen] == model.loss_curve_
    assert {"loss", "val_loss", "val_score"} <= set(seen[0][1])

    best = EarlyStopping("val_score", patience=3)
    model = classifier(callbacks=[best], max_iter=100).fit(X, Y, X_val=X, y_val=Y)
    assert model.score(X, Y) == max(model.validation_scores_)

    class StopAtOnce(Callback):
        def on_epoch_end(self, epoch, logs):
            self.run.stop("seen enough")

    assert classifier(callbacks=[StopAtOnce()]).fit(X, Y).n_iter_ == 1
    with pytest.raises(ValueError):
        classifier(callbacks=["early"]).fit(X, Y)


def test_progress(capsys):
    classifier(max_iter=2, progress=True).fit(X, Y)
    assert "2/2" in capsys.readouterr().err


@pytest.mark.parametrize("make, y", [(classifier, Y), (regressor, VALUES)])
@pytest.mark.parametrize("dtype", ["float32", "float64", np.float32, np.float64])
def test_dtype(make, y, dtype):
    model = make(dtype=dtype).fit(X, y)
    assert model.network_.dtype == np.dtype(dtype)
    assert all(W.dtype == np.dtype(dtype) for W in model.coefs_)
    assert model.score(X, y) > 0.9
    with pytest.raises(ValueError):
        make(dtype="float16").fit(X, y)


def test_the_network_is_one_of_glassnets():
    from glassnet import explain

    model = classifier(max_iter=5).fit(X, Y)
    np.testing.assert_allclose(model.network_.predict(X), model.predict_proba(X))
    np.testing.assert_array_equal(model.network_.predict_classes(X), model.predict(X))
    assert explain.explain_step(model.network_, X[:2], Y[:2]).samples == 2


@pytest.mark.parametrize("change", [
    {"hidden_layer_sizes": (9, 3)}, {"activation": "tanh"}, {"dropout": 0.5}, {"dtype": "float32"},
    {"batch_normalization": True}, {"loss": "hinge"},
], ids=str)  # fmt: skip
def test_what_a_fit_that_goes_on_cannot_change(change):
    model = classifier(warm_start=True, max_iter=2).fit(X, Y)
    model.set_params(solver="sgd", learning_rate_init=0.01, alpha=1.0, max_iter=3).fit(X, Y)
    model.set_params(**change)
    for fit in (model.fit, model.partial_fit):
        with pytest.raises(ValueError, match=next(iter(change))):
            fit(X, Y)
    assert model.set_params(warm_start=False).fit(X, Y).n_iter_ == 3


def test_weights_that_leave_nothing_to_learn_from():
    with pytest.raises(ValueError, match="zeros"):
        classifier(class_weight={0: 0, 1: 0, 2: 0}).fit(X, Y)
    model = classifier(max_iter=2).fit(X, Y)
    model.coefs_ = model.coefs_[:1]
    with pytest.raises(ValueError, match="coefs_ has 1 arrays for 2 layers"):
        model.predict(X)
