"""Numbers of hundreds of digits, and reasons in Hangul."""

from __future__ import annotations

import pytest

from glassnet.errors import ConfigError
from glassnet.lab.protocol import ProtocolError, parse
from glassnet.optimizers import SGD


@pytest.mark.parametrize("digits", [400, 5000])
def test_a_setting_of_many_digits_is_refused(digits):
    with pytest.raises(ConfigError, match=r"learning_rate is .* but must be"):
        SGD(10**digits)


@pytest.mark.parametrize("number", ["1" + "0" * 400, "1e400", "-1e999"])
def test_the_lab_refuses_numbers_that_overflow(number):
    with pytest.raises(ProtocolError):
        parse(f'{{"t": "do", "action": "add_unit", "args": {{"layer": {number}}}}}')
