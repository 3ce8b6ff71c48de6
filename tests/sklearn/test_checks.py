"""scikit-learn's own checks pass: all of them, none expected to fail, none silently skipped."""

import os
from unittest import SkipTest

import pytest
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import estimator_checks_generator

from glassnet.sklearn import (
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    NetworkRegressor,
    TabularClassifier,
    TabularRegressor,
)

ESTIMATORS = {
    "MLPClassifier": MLPClassifier(),
    "MLPRegressor": MLPRegressor(),
    "NetworkClassifier": NetworkClassifier(),
    "NetworkRegressor": NetworkRegressor(),
    "TabularClassifier": TabularClassifier("quick"),
    "TabularRegressor": TabularRegressor("quick"),
    "MLPClassifier, hinge": MLPClassifier(loss="hinge"),  # this one has a decision_function
}
CHECKS = [
    pytest.param(estimator, check, id=f"{name}: {check.func.__name__}")
    for name, made in ESTIMATORS.items()
    for estimator, check in estimator_checks_generator(made, mark=None)
]


@pytest.mark.filterwarnings("ignore")  # the checks fit on a few samples, for a few epochs
@pytest.mark.parametrize("estimator, check", CHECKS)
def test_check(estimator, check):
    try:
        check(estimator)
    except SkipTest as reason:
        # With log_loss there are probabilities (scikit-learn's own skips the same check), with
        # hinge decisions: between them the two classifiers run both.
        absent = (
            "predict_proba"
            if getattr(estimator, "loss", None) == "hinge"
            else ("decision_function")
        )
        assert str(reason).endswith(f"does not have a {absent} method.")


def test_what_the_checks_need_is_here():
    pytest.importorskip("pandas")
    assert os.environ["SCIPY_ARRAY_API"] == "1"
    assert len(CHECKS) > 300


@pytest.mark.parametrize("name", ESTIMATORS)
def test_nothing_is_excused(name):
    tags = get_tags(ESTIMATORS[name])
    assert not tags.non_deterministic
    assert not (tags.classifier_tags or tags.regressor_tags).poor_score
    assert not tags._skip_test
