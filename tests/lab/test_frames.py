"""The binary frame, and that both sides mean the same by it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from glassnet.lab.frames import SECTIONS, TYPES, pack, signed_bytes, unpack


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_frame_gives_its_sections_back(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(SECTIONS), unique=True))
    made = {
        name: data.draw(
            arrays.arrays(data.draw(st.sampled_from(TYPES)), arrays.array_shapes(max_dims=3))
        )
        for name in names
    }
    frame = pack(made)
    assert len(frame) % 8 == 0
    found = unpack(frame)
    assert list(found) == names
    for name, array in made.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_sections_begin_where_every_type_can_be_read_in_place() -> None:
    frame = pack({"units": np.ones((3,), "u1"), "status": np.arange(2.0)})
    assert frame.find(np.arange(2.0).tobytes()) % 8 == 0


@pytest.mark.parametrize("cut", [1, 8, 20, 60])
def test_a_truncated_frame_is_refused(cut: int) -> None:
    frame = pack({"weights": np.ones(20, np.float32)})
    with pytest.raises(ValueError, match="truncated"):
        unpack(frame[:-cut])


@pytest.mark.parametrize("keep", [4, 6, 8, 20])
def test_a_frame_without_its_header_is_refused(keep: int) -> None:
    with pytest.raises(ValueError, match="truncated"):
        unpack(pack({"weights": np.ones(20, np.float32)})[:keep])


def test_something_else_is_no_frame() -> None:
    with pytest.raises(ValueError, match="not a frame"):
        unpack(b"PNG\r" + bytes(20))


def test_bytes_of_signed_numbers() -> None:
    values = np.array([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 9.0, np.nan, np.inf, -np.inf])
    expected = [1, 1, 64, 128, 192, 255, 255, 128, 255, 1]
    assert signed_bytes(values, 1.0).tolist() == expected
