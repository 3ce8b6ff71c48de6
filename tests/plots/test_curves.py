import numpy as np
import pytest

from glassnet import Sequential, data, layers, plots
from glassnet.errors import DataError, ShapeError, UnknownNameError
from glassnet.training.history import History

NAN = float("nan")


def history(n, start=0, **extra):
    falling = (2.0 / (1 + np.arange(n))).tolist()
    curves = {"loss": falling, "accuracy": np.linspace(0.1, 0.9, n).tolist(), **extra}
    return History(history=curves, epoch=list(range(start, start + n)))


def line(ax, begins):
    return next(line for line in ax.lines if line.get_label().startswith(begins))


def panel(figure, title):
    return next(ax for ax in figure.axes if ax.get_title(loc="left") == title)


def test_a_real_run(assert_tidy, assert_key_free):
    model = Sequential([layers.Dense(8, "relu"), layers.Dense(3, "softmax")], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    toy = data.spiral(20, seed=0)
    run = model.fit(toy, epochs=4, verbose=0, validation_data=toy, evaluate_training=True)
    figure = plots.learning_curves(run, title="Spiral")
    loss = panel(figure, "Loss")
    np.testing.assert_array_equal(line(loss, "validation").get_ydata(), run.history["val_loss"])
    np.testing.assert_array_equal(
        line(loss, "training (after").get_ydata(), run.history["train_loss"]
    )
    np.testing.assert_array_equal(line(loss, "training (while").get_xdata(), [1, 2, 3, 4])
    assert {"Spiral", "Loss", "Accuracy", "epoch", "accuracy (%)"} <= set(assert_tidy(figure))
    assert_key_free(figure)


def test_epochs_are_counted_from_where_the_run_began():
    figure = plots.learning_curves(history(3, start=10))
    np.testing.assert_array_equal(panel(figure, "Loss").lines[0].get_xdata(), [11, 12, 13])


def test_a_plain_dict_of_lists():
    figure = plots.learning_curves({"loss": [3, 2, 1]})
    assert len(figure.axes) == 1
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_data(), [[1, 2, 3], [3, 2, 1]])


def test_the_best_epoch_is_named():
    figure = plots.learning_curves(
        {"loss": [3, 2, 1], "val_loss": [3, 1.25, 2], "val_accuracy": [0.1, 0.2, 0.9]}
    )
    assert "best 1.25 in epoch 2" in line(panel(figure, "Loss"), "validation").get_label()
    assert "best 90.0% in epoch 3" in line(panel(figure, "Accuracy"), "validation").get_label()


def test_training_and_validation_differ_without_colour():
    figure = plots.learning_curves({"loss": [2, 1], "train_loss": [2, 1], "val_loss": [2, 1]})
    assert len({str(line._dash_pattern) for line in figure.axes[0].lines}) == 3
    assert len({line.get_color() for line in figure.axes[0].lines}) == 3


def test_one_epoch_is_a_point_that_can_be_seen(assert_tidy):
    figure = plots.learning_curves(history(1))
    assert panel(figure, "Loss").lines[0].get_marker() == "o"
    assert "1" in assert_tidy(figure)


def test_nan_is_a_gap_and_is_named(texts_of):
    values = [3.0, 2.0, NAN, float("inf"), 1.0]
    figure = plots.learning_curves({"loss": values})
    y = figure.axes[0].lines[0].get_ydata()
    np.testing.assert_array_equal(y, [3, 2, NAN, NAN, 1])
    assert any("not finite: 2 epochs, first 3" in text for text in texts_of(figure))


def test_a_point_between_two_gaps_gets_a_marker():
    values = np.ones(100)
    values[[49, 51]] = NAN
    drawn = plots.learning_curves({"loss": values.tolist()}).axes[0].lines[0]
    assert drawn.get_marker() == "o" and drawn.get_markevery() == [50]


def test_nothing_finite(texts_of):
    assert "no finite values" in texts_of(plots.learning_curves({"loss": [NAN] * 3}))


def test_ten_thousand_epochs(assert_tidy, assert_key_free):
    figure = plots.learning_curves(history(10_000), log=True)
    assert panel(figure, "Loss").get_yscale() == "log"
    assert panel(figure, "Accuracy").get_yscale() == "linear"
    assert len(panel(figure, "Loss").lines[0].get_xdata()) == 10_000
    assert_tidy(figure)
    assert_key_free(figure)


def test_log_axis_without_positive_values():
    figure = plots.learning_curves({"loss": [0.0, 0.0]}, log=True)
    figure.canvas.draw()
    assert figure.axes[0].get_yscale() == "linear"


def test_learning_rate_is_shown_where_it_changes():
    same = plots.learning_curves({"loss": [2, 1], "learning_rate": [0.1, 0.1]})
    assert [ax.get_title(loc="left") for ax in same.axes] == ["Loss"]
    falls = plots.learning_curves({"loss": [2, 1], "learning_rate": [0.1, 0.05]})
    np.testing.assert_array_equal(panel(falls, "Learning rate").lines[0].get_ydata(), [0.1, 0.05])
    asked = plots.learning_curves({"loss": [2, 1], "learning_rate": [0.1, 0.1]}, ["learning_rate"])
    assert [ax.get_title(loc="left") for ax in asked.axes] == ["Learning rate"]


def test_several_runs_over_each_other(texts_of):
    runs = {f"learning rate {rate}": history(40 + 9 * i, val_loss=[1.0] * (40 + 9 * i))
            for i, rate in enumerate([1, 0.1, 0.01])}  # fmt: skip
    figure = plots.learning_curves(runs, ["loss"])
    training = [line for line in figure.axes[0].lines if line.get_linestyle() == "-"]
    assert [len(line.get_xdata()) for line in training] == [40, 49, 58]
    assert len({line.get_color() for line in training}) == 3
    assert len({line.get_marker() for line in training}) == 3
    assert {*runs, "validation"} <= texts_of(figure)


def test_twenty_runs_with_long_names(assert_tidy):
    names = [f"learning rate {1.1**-i:.6f}, weight decay {1.2**-i:.6f}" for i in range(20)]
    runs = {name: {"loss": [2, 1]} for name in names}
    assert_tidy(plots.learning_curves(runs))


def test_four_metrics_take_two_rows(assert_tidy):
    curves = {name: [0.1, 0.2] for name in ("loss", "accuracy", "recall", "mae")}
    assert_tidy(plots.learning_curves(curves))


def test_unknown_metric_names_those_recorded():
    with pytest.raises(UnknownNameError, match="did you mean 'accuracy'"):
        plots.learning_curves(history(2), ["acuracy"])
    assert len(plots.learning_curves(history(2), ["val_loss"]).axes) == 1  # the loss's panel


@pytest.mark.parametrize("empty", [History(), {}, {"loss": []}, {"a": History()}])
def test_nothing_recorded(empty):
    with pytest.raises(DataError, match="at least one epoch"):
        plots.learning_curves(empty)


def test_not_a_history():
    with pytest.raises(DataError, match="list is no history"):
        plots.learning_curves([1, 2, 3])
    with pytest.raises(ShapeError, match=r"different lengths \[1, 2\]"):
        plots.learning_curves({"loss": [1, 2], "accuracy": [1]})


def test_learning_rate_curves(assert_tidy):
    figure = plots.learning_rate_curve(
        {"halved": lambda s: 0.5 ** (s // 10), "constant": lambda s: 0.1}, 40
    )
    halved = figure.axes[0].lines[0]
    np.testing.assert_array_equal(halved.get_ydata(), [0.5 ** (s // 10) for s in range(40)])
    texts = assert_tidy(figure)
    assert {"halved", "constant", "learning rate", "step (mini-batches)"} <= set(texts)
    assert_tidy(plots.learning_rate_curve(lambda s: 0.1, 1))
    with pytest.raises(DataError, match="at least one step"):
        plots.learning_rate_curve(lambda s: 0.1, 0)
