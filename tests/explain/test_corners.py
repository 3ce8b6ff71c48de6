"""A corner is told from the noise of rounding."""

from types import SimpleNamespace

import pytest

from glassnet.explain.checking import verdict


@pytest.mark.parametrize(("noise", "said"), [(0.0, "kink"), (0.25, "kink"), (0.5, "off")])
def test_sides_that_rounding_alone_may_part_are_no_corner(noise, said):
    along = SimpleNamespace(h=1e-2, slope=lambda h: 0.5, sides=lambda: (0.0, 0.3),
                            noise=lambda: noise, below_corners=lambda: 0.15)  # fmt: skip
    assert verdict(0.15, 0.5, 1.0, True, along) == said
