"""Reports on finished models."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics as sk

import glassnet
from glassnet.errors import DataError, LabelError, ShapeError
from glassnet.metrics import classification_report, regression_report

NAMES = ["fig", "apple", "quince", "pear", "plum", "date", "lime"]  # not sorted


def sample(k, n=200, seed=0):
    rng = np.random.default_rng(seed)
    p = rng.random((n, k)).astype(np.float32)
    p /= p.sum(axis=1, keepdims=True)
    return rng.integers(0, k, n), p


def test_many_classes_as_scikit_learn():
    y, p = sample(7)
    names = np.array(NAMES)
    report = classification_report(names[y], names[p.argmax(1)], p, NAMES, k=3)
    pred, p64 = p.argmax(1), p.astype(float) / p.astype(float).sum(axis=1, keepdims=True)
    assert report.samples == 200
    assert report.accuracy == pytest.approx(sk.accuracy_score(y, pred))
    assert report.top_k == pytest.approx(sk.top_k_accuracy_score(y, p, k=3))
    assert report.precision == pytest.approx(sk.precision_score(y, pred, average="macro"))
    assert report.recall == pytest.approx(sk.recall_score(y, pred, average="macro"))
    assert report.f1 == pytest.approx(sk.f1_score(y, pred, average="macro"))
    assert report.log_loss == pytest.approx(sk.log_loss(y, p64))
    assert report.roc_auc == pytest.approx(sk.roc_auc_score(y, p64, multi_class="ovr"))
    assert report.confusion_matrix == sk.confusion_matrix(y, pred).tolist()
    assert [c.label for c in report.per_class] == NAMES
    assert report.per_class[2].recall == pytest.approx(sk.recall_score(y == 2, pred == 2))
    assert sum(c.support for c in report.per_class) == 200


@pytest.mark.parametrize("shape", [(200,), (200, 1), (200, 2)])
def test_two_classes(shape):
    y, p = sample(2)
    probabilities = p if shape == (200, 2) else p[:, 1].reshape(shape)
    report = classification_report(y, p.argmax(1), probabilities)
    assert report.roc_auc == pytest.approx(sk.roc_auc_score(y, p[:, 1]))
    assert report.log_loss == pytest.approx(sk.log_loss(y, p[:, 1].astype(float)), rel=1e-6)
    assert report.top_k is None


def test_rows_are_true_and_columns_predicted():
    report = classification_report(["a", "a", "b"], ["a", "b", "b"])
    assert report.confusion_matrix == [[1, 1], [0, 1]]
    assert report.log_loss is None
    assert report.roc_auc is None


def test_classes_that_do_not_occur():
    y, p = sample(3)
    p = np.concatenate([p * 0.9, np.full((200, 1), 0.1, np.float32)], axis=1)
    report = classification_report(y, p[:, :3].argmax(1), p, [0, 1, 2, 3])
    assert report.f1 == pytest.approx(sk.f1_score(y, p[:, :3].argmax(1), average="macro"))
    assert report.per_class[3].support == 0
    assert report.roc_auc is not None
    one = classification_report([1, 1], [1, 0], np.array([[0.2, 0.8], [0.6, 0.4]]), [0, 1])
    assert one.roc_auc is None
    assert one.log_loss == pytest.approx(-(np.log(0.8) + np.log(0.4)) / 2)


def test_scores_that_are_not_probabilities_give_no_log_loss():
    y, p = sample(3)
    report = classification_report(y, p.argmax(1), p * 10 - 5)
    assert report.log_loss is None
    assert report.roc_auc == pytest.approx(
        classification_report(y, p.argmax(1), p).roc_auc, abs=1e-6
    )


def test_reports_are_plain_data():
    y, p = sample(7)
    report = classification_report(y, p.argmax(1), p)
    assert json.loads(json.dumps(report.to_dict()))["per_class"][0]["label"] == 0
    values = regression_report([1.0, 2.0], [1.0, 4.0])
    assert json.loads(json.dumps(values.to_dict()))["samples"] == 2


def test_regression_as_scikit_learn():
    rng = np.random.default_rng(0)
    y = rng.normal(size=(50, 2))
    p = y + rng.normal(size=(50, 2))
    report = regression_report(y, p)
    assert report.mae == pytest.approx(np.abs(y - p).mean())
    assert report.rmse == pytest.approx(np.sqrt(((y - p) ** 2).mean()))
    assert report.r2 == pytest.approx(sk.r2_score(y, p))
    assert regression_report(y[:, 0], p[:, :1]).mae == pytest.approx(np.abs(y - p)[:, 0].mean())
    assert regression_report([1.0], [2.0]).r2 is None


def test_bad_input():
    with pytest.raises(DataError, match="no samples"):
        classification_report([], [])
    with pytest.raises(DataError, match="no samples"):
        regression_report([], [])
    with pytest.raises(ShapeError, match="2 labels came with 1 predictions"):
        classification_report([1, 2], [1])
    with pytest.raises(ShapeError, match="rows of probabilities"):
        classification_report([0, 1], [0, 1], [[0.5, 0.5]])
    with pytest.raises(ShapeError, match="for 3 classes"):
        classification_report([0, 1], [0, 1], [[0.5, 0.5]] * 2, [0, 1, 2])
    with pytest.raises(LabelError, match="'kiwi' is not among the classes"):
        classification_report(["fig", "kiwi"], ["fig", "fig"], classes=NAMES)
    with pytest.raises(ShapeError, match="targets"):
        regression_report([1.0, 2.0], [1.0])


def test_scikit_learn_is_imported_only_for_a_report():
    code = "import sys, glassnet.metrics; print('sklearn' in sys.modules)"
    source = str(Path(glassnet.__file__).parents[1])
    out = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": source}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert out.stdout.strip() == "False"
