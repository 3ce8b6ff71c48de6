"""The IDX reader: every type, and no header that makes it take memory or lie."""

import gzip
import struct
import tracemalloc

import numpy as np
import pytest

from glassnet.data.idx import content_sha256, read_idx
from glassnet.errors import FileFormatError


def idx(array, code=0x08):
    big = np.ascontiguousarray(array, array.dtype.newbyteorder(">"))
    return struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape) + big.tobytes()


def write(tmp_path, content, name="file"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("dtype", "code"),
    [("u1", 0x08), ("i1", 0x09), ("i2", 0x0B), ("i4", 0x0C), ("f4", 0x0D), ("f8", 0x0E)],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_every_type_comes_back_in_native_order(tmp_path, dtype, code, pack):
    array = np.arange(-12, 12).astype(dtype).reshape(2, 3, 4)
    back = read_idx(write(tmp_path, pack(idx(array, code))))
    assert back.dtype == np.dtype(dtype) and back.dtype.isnative and back.flags.writeable
    np.testing.assert_array_equal(back, array)


def test_a_file_by_hand(tmp_path):
    path = write(tmp_path, bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255]))
    assert read_idx(path).tolist() == [[1, 2, 3], [4, 5, 255]]


WHOLE = idx(np.arange(60, dtype=np.uint8).reshape(3, 20))


@pytest.mark.parametrize("cut", [0, 1, 3, 5, 11, 12, 40, len(WHOLE) - 1])
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_cut_anywhere_is_refused(tmp_path, cut, packed):
    content = gzip.compress(WHOLE[:cut]) if packed else WHOLE[:cut]
    with pytest.raises(FileFormatError, match=r"truncated|not an IDX file"):
        read_idx(write(tmp_path, content))


@pytest.mark.parametrize("cut", [3, 12, 30, -1, -8])
def test_a_cut_gzip_file_is_refused(tmp_path, cut):
    path = write(tmp_path, gzip.compress(WHOLE)[:cut])
    for read in (read_idx, content_sha256):
        with pytest.raises(FileFormatError, match="gzip"):
            read(path)


def test_a_spoilt_byte_in_a_gzip_file_is_noticed(tmp_path):
    content = bytearray(gzip.compress(WHOLE))
    content[-6] ^= 1  # the CRC
    with pytest.raises(FileFormatError, match="gzip"):
        read_idx(write(tmp_path, bytes(content)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!DOCTYPE html><html>",
        b"PK\x03\x04",
        b"\0\0\x07\x01\0\0\0\0",
        b"\0\0\x08\x00",
        b"\0\1\x08\x01",
    ],
)
def test_foreign_files_are_refused(tmp_path, content):
    with pytest.raises(FileFormatError, match="not an IDX file"):
        read_idx(write(tmp_path, content))


def test_a_file_longer_than_its_header_is_refused(tmp_path):
    with pytest.raises(FileFormatError, match="longer than the 60 bytes"):
        read_idx(write(tmp_path, WHOLE + b"x"))


def test_a_header_that_promises_gigabytes_takes_no_memory(tmp_path):
    huge = struct.pack(">HBB3I", 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1)
    large = struct.pack(">HBB1I", 0, 8, 1, 200 << 20)  # allowed, but the file does not have it
    tracemalloc.start()
    try:
        with pytest.raises(FileFormatError, match="at most"):
            read_idx(write(tmp_path, huge))
        with pytest.raises(FileFormatError, match="has 3"):
            read_idx(write(tmp_path, large + b"abc"))
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_a_gzip_bomb_is_not_unpacked(tmp_path):
    bomb = write(tmp_path, gzip.compress(bytes(64 << 20), compresslevel=1))
    small = write(tmp_path, gzip.compress(WHOLE + bytes(64 << 20), compresslevel=1), "small")
    tracemalloc.start()
    try:
        with pytest.raises(FileFormatError):
            read_idx(bomb)
        with pytest.raises(FileFormatError, match="longer"):
            read_idx(small)
        with pytest.raises(FileFormatError, match="more than"):
            content_sha256(bomb, max_bytes=1 << 20)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_an_axis_of_0_hides_no_sizes_that_numpy_cannot_have(tmp_path):
    sizes = np.array([0, 3, 0xFFFFFFFF, 0x090A0B0A, 0x0B0C0D6C], ">u4").tobytes()
    path = write(tmp_path, bytes([0, 0, 8, 5]) + sizes)
    with pytest.raises(FileFormatError, match="the header promises an array of shape"):
        read_idx(path)
