import numpy as np
import pytest

from glassnet import experiments


@pytest.mark.parametrize("seed", range(5))
def test_both_gradients_agree(seed):
    result = experiments.run("net2x3", seed=seed)
    assert [claim.holds for claim in result.claims] == [True, True]
    assert result.numbers["largest difference"] < 1e-8
    p = np.array(result.numbers["answer p"])
    assert result.numbers["loss"] == pytest.approx(-np.log(p[2]))
    assert result.numbers["w23"]["backward pass"] == pytest.approx(0.9 * (p[2] - 1))
