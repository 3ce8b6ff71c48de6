"""A weight changed by a little, against the gradient of the step and a loss worked out here."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from glassnet.lab.protocol import Args
from glassnet.lab.rooms.step.nudging import hardest, nudge
from glassnet.lab.session.state import Session


def test_the_ratio_becomes_the_gradient(open_session: Callable[..., Session]) -> None:
    session = open_session("samples=10&layers=2.tanh&step_batch=3&data=spiral")
    for by, error in ((0.1, 0.1), (0.001, 1e-3), (-1e-5, 1e-5)):
        found = nudge(session, Args({"by": by}))
        assert found["ratio"] == pytest.approx(found["gradient"]["value"], rel=error)
        assert found["ratio"] == pytest.approx((found["after"] - found["loss"]) / by)
    model = session.model.copy("float64")
    index = found["chosen"]["index"]
    assert found["chosen"]["value"] == pytest.approx(float(model.parameters.values[index]))
    model.parameters.values[index] += by
    p = model.predict(session.trainer.x[:3].astype(np.float64))
    by_hand = -np.log(p[np.arange(3), session.trainer.y[:3]]).mean()
    assert found["after"] == pytest.approx(by_hand, rel=1e-6)
    assert session.pristine  # the network itself is as it was


def test_the_hardest_sample_is_found(open_session: Callable[..., Session]) -> None:
    session = open_session("samples=10&layers=2.tanh&data=spiral")
    p = session.model.predict(session.trainer.x)
    losses = -np.log(p[np.arange(len(p)), session.trainer.y])
    assert hardest(session, Args({}))["sample"] == int(losses.argmax())
