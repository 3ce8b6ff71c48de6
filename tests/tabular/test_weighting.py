"""How much each round counts."""

from types import SimpleNamespace

import numpy as np
import pytest

from glassnet.tabular.weighting import combine


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_rounds_that_make_no_mistake_count_alike(task):
    """Nothing can be improved, and the share of a loss of 0 is no number."""
    y = np.arange(12) % 2
    right = np.where(np.eye(2)[y] == 1, 800.0, -800.0)  # logits whose probabilities are 0 and 1
    outputs, truth = right, y
    if task == "regression":
        outputs = truth = y.reshape(-1, 1).astype(float)
    groups = [
        SimpleNamespace(round=number, rows=np.arange(12), outputs=outputs, members=[0, 0])
        for number in range(2)
    ]
    whole = combine(groups, truth, None, task)
    np.testing.assert_allclose(whole.weights, [0.5, 0.5])
    assert whole.loss == 0
