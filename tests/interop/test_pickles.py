import copyreg
import gzip
import os
import pickle
import struct
import tracemalloc
from collections import OrderedDict
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from glassnet.activations import sigmoid, softmax
from glassnet.errors import FileFormatError
from glassnet.interop import pickle_machine
from glassnet.interop.pickles import load_dlfs_network, load_pickle

PROTOCOLS = range(6)
NUMPY_1 = "numpy.core.multiarray"
NUMPY_2 = "numpy._core.multiarray"


@pytest.fixture
def load(tmp_path):
    def load(data, **options):
        path = tmp_path / "weights.pkl"
        path.write_bytes(data)
        return load_pickle(path, **options)

    return load


def same(a, b):
    if isinstance(a, (np.ndarray, np.generic)):
        assert type(a) is type(b) and a.shape == b.shape
        assert b.dtype == a.dtype.newbyteorder("=")
        np.testing.assert_array_equal(a, b)
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            same(a[key], b[key])
    elif isinstance(a, (list, tuple)):
        assert type(a) is type(b) and len(a) == len(b)
        for one, other in zip(a, b):
            same(one, other)
    else:
        assert type(a) is type(b) and a == b


# --- what is read ------------------------------------------------------------------------------

VALUES = {
    "plain": [None, True, False, 0, -1, 255, 65535, 2**31, -(2**63), 2**100, 1.5, -0.0],
    "text": ["", "W1", "한글", "\n'\\x", "𝛼", b"", b"\xff\x00", "a" * 300, b"b" * 300],
    "nested": {"a": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), {}, [], [[]], {"b": {1: 2.0}}]},
    "float32": np.arange(6, dtype=np.float32).reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "big endian": np.arange(3, dtype=">i4"),
    "strided": np.arange(10)[::3],
    "empty": np.zeros((0, 3)),
    "no dimensions": np.array(5),
    "bool": np.array([[True], [False]]),
    "half": np.ones(3, np.float16),
    "complex": np.array([1 + 2j]),
    "bytes and text": [np.array(["ab", "c"]), np.array([b"ab", b"c"])],
    "scalars": [np.float32(3.5), np.int64(-3), np.bool_(True), np.uint8(255), np.float64(0.1)],
    "unsigned": np.array([2**64 - 1], np.uint64),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("name", VALUES)
def test_what_weights_are_made_of(load, name, protocol):
    same(VALUES[name], load(pickle.dumps(VALUES[name], protocol)))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_arrays_are_the_reader_s_own(load, protocol):
    shared = np.arange(4.0)
    found = load(pickle.dumps({"a": shared, "b": shared}, protocol))
    assert found["a"] is found["b"]
    found["a"][0] = 9
    assert shared[0] == 0


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("module", [NUMPY_1, NUMPY_2])
def test_both_homes_of_numpy(load, module, protocol):
    array = np.arange(3.0)
    data = pickle.dumps([array, np.float32(2)], protocol)
    other = NUMPY_1 if module == NUMPY_2 else NUMPY_2
    for one, two in ((NUMPY_1, NUMPY_2), ("numpy.core.numeric", "numpy._core.numeric")):
        before, after = (one, two) if module == NUMPY_2 else (two, one)
        # the length stands before the text from protocol 4 on, and frames count their bytes
        data = data.replace(
            b"\x8c" + bytes([len(before)]) + before.encode(),
            b"\x8c" + bytes([len(after)]) + after.encode(),
        ).replace(b"c" + before.encode() + b"\n", b"c" + after.encode() + b"\n")
    assert other.encode() not in data and b"numpy" in data
    if protocol >= 4:
        data = data[:2] + data[11:]  # without the frame
    same([array, np.float32(2)], load(data))


@settings(max_examples=25, deadline=None)
@given(
    hnp.arrays(
        st.sampled_from([np.float32, np.float64, np.int8, np.uint16, np.bool_, np.complex64]),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    ),
    st.sampled_from(PROTOCOLS),
)
def test_any_array_at_any_protocol(tmp_path_factory, array, protocol):
    path = tmp_path_factory.mktemp("p") / "a.pkl"
    path.write_bytes(pickle.dumps({"W": array}, protocol))
    same(array, load_pickle(path)["W"])


def test_a_pickle_from_python_2(load):
    # as Python 2 writes them: text and data as byte strings (S, T, U)
    dtype = b"cnumpy\ndtype\n(S'f4'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntb"
    array = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
    raw = struct.pack("<2f", 1.5, -2.0)
    state = b"(I1\n(L2L\nt" + dtype + b"I00\nT" + struct.pack("<i", len(raw)) + raw + b"tb"
    found = load(b"(dp0\nS'W1'\np1\n" + array + state + b"s.")
    assert found["W1"].tolist() == [1.5, -2.0]


# --- hostile pickles -----------------------------------------------------------------------------


class Calls:
    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


class Stateful:
    def __setstate__(self, state):
        raise AssertionError("ran")

    def __getstate__(self):
        return {"a": 1}


@pytest.fixture
def trap(tmp_path):
    """A file that a hostile pickle would make, had it run."""
    yield tmp_path / "caught"
    assert not (tmp_path / "caught").exists()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_calls_are_refused_by_name(load, trap, protocol):
    posix = os.system.__module__
    for hostile, name in [
        (Calls(os.system, f"touch {trap}"), rf"asks for '{posix}\.system'"),
        (Calls(eval, "1 + 1"), r"asks for '(__builtin__|builtins)\.eval'"),
        (Calls(getattr, "a", "upper"), r"asks for '(__builtin__|builtins)\.getattr'"),
        (Calls(np.load, str(trap)), r"asks for 'numpy\.load'"),
        (OrderedDict(a=1), r"asks for 'collections\.OrderedDict'"),
        (Fraction(1, 2), r"asks for 'fractions\.Fraction'"),
        ({1, 2}, r"(asks for '(__builtin__|builtins)\.set'|uses EMPTY_SET)"),
        (frozenset({1}), r"(asks for '(__builtin__|builtins)\.frozenset'|uses FROZENSET)"),
        (Stateful(), "Stateful|copy_?reg"),
        (os.system, rf"asks for '{posix}\.system'"),
        (np.array([1, "a"], dtype=object), "an array of Python objects of type 'O8'"),
        (np.array([None]), "an array of Python objects"),
        (np.zeros(2, [("a", "f4")]), r"an array of type 'V4'"),
        (np.array(["2020-01-01"], "M8[D]"), "an array of type 'M8'"),
        (np.ones((1, 1)).view(np.matrix), r"asks for 'numpy(\.matrixlib\.defmatrix)?\.matrix'"),
        (np.ma.masked_array([1.0]), r"asks for 'numpy\.ma"),
        (np.random.default_rng(0), r"asks for 'numpy\.random"),
        (np.dtype("f4"), "the pickle holds a dtype, which is no array"),
        (np.ndarray, r"the pickle holds the name numpy\.ndarray"),
        (np.float32, r"asks for 'numpy\.float32'"),
    ]:
        data = pickle.dumps(hostile, protocol)
        for program in (data, pickle.dumps({"W1": [hostile]}, protocol)):
            with pytest.raises(FileFormatError, match=name):
                load(program)


OS_SYSTEM = rf"asks for '{os.system.__module__}\.system'|asks for 'os\.system'"


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (b"cos\nsystem\n(S'touch {trap}'\ntR.", OS_SYSTEM),
        (b"\x80\x02cos\nsystem\nU\x01x\x85R.", OS_SYSTEM),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x01x\x85R.", OS_SYSTEM),
        (b"(ios\nsystem\n.", "uses INST, which"),
        (b"(S'touch {trap}'\nios\nsystem\n.", "uses INST"),
        (b"(cos\nsystem\nS'x'\no.", OS_SYSTEM),
        (b"(cnumpy\nndarray\nI3\no.", "uses OBJ"),
        (b"\x80\x02cnumpy\nndarray\nK\x03\x85\x81.", "uses NEWOBJ, which"),
        (b"\x80\x04cnumpy\nndarray\nK\x03\x85}\x92.", "uses NEWOBJ_EX"),
        (b"\x80\x02\x82\x01.", "uses EXT1"),
        (b"\x80\x02\x83\x01\x00.", "uses EXT2"),
        (b"\x80\x02\x84\x01\x00\x00\x00.", "uses EXT4"),
        (b"Pname\n.", "uses PERSID"),
        (b"S'a'\nQ.", "uses BINPERSID"),
        (b"\x80\x05\x97.", "uses NEXT_BUFFER"),
        (b"\x80\x05N\x98.", "uses READONLY_BUFFER"),
        (b"\x80\x04\x8f.", "uses EMPTY_SET"),
        # a name made of parts, and names near the allowed ones
        (b"\x80\x04\x8c\x08builtins\x8c\x0cgetattr.eval\x93.", "asks for 'builtins.getattr.eval'"),
        (b"\x80\x04\x8c\x05numpy\x8c\x10ndarray.__init__\x93.", "numpy.ndarray.__init__"),
        (b"\x80\x04\x8c\x05numpy\x8c\x0bcore.dtype\n\x93.", "asks for"),
        (b"\x80\x04K\x01K\x02\x93.", "STACK_GLOBAL requires str"),
        (b"cnumpy._core.multiarray\nfromfile\n.", "fromfile"),
        (b"cnumpy.core.multiarray._reconstruct\nx\n.", "asks for"),
        (b"cnumpy.core.multiarray\n_reconstruct.__globals__\n.", "asks for"),
        (b"c_codecs\ndecode\n.", "asks for '_codecs.decode'"),
        (b"cnumpy\ndtype\n(S'O'\ntR.", "an array of Python objects of type 'O'"),
        (b"cnumpy\ndtype\n(S'O8'\ntR.", "an array of Python objects"),
        (b"cnumpy\ndtype\n(S'|O'\ntR.", "an array of Python objects"),
        (b"cnumpy\ndtype\n(S'f4,O'\ntR.", "an array of type 'f4,O'"),
        (b"cnumpy\ndtype\n(S'(9999,9999)f8'\ntR.", "an array of type"),
        (b"cnumpy\ndtype\n(S'U99999999999'\ntR.", "an array of type"),
        (b"cnumpy\ndtype\n((lI1\ntR.", r"calls numpy\.dtype in an unusual way"),
        (b"cnumpy\ndtype\n(cnumpy\nndarray\ntR.", r"calls numpy\.dtype in an unusual way"),
        (b"cnumpy\nndarray\n(I3\ntR.", r"calls numpy\.ndarray in an unusual way"),
        (b"cnumpy\nndarray\n(I3\ntb.", "sets the state of the name numpy.ndarray"),
        (b"(dN(dS'a'\nI1\nsb.", "sets the state of"),
        (b"S'x'\n(tR.", "'str' object is not callable"),
        (b"c_codecs\nencode\n(Vx\nS'rot13'\ntR.", r"calls _codecs\.encode in an unusual way"),
        (b"c_codecs\nencode\n(Vx\nS'idna'\ntR.", "unusual way"),
    ],
)
def test_hostile_programs(load, trap, program, says):
    with pytest.raises(FileFormatError, match=says):
        load(program.replace(b"{trap}", str(trap).encode()))


def array_program(
    shape, dtype=b"f8", data=b"", order=b"I00\n", state=b"I3\nS'<'\nNNNI-1\nI-1\nI0\n"
):
    shape = b"(" + b"".join(b"I%d\n" % n for n in shape) + b"t"
    return (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n"
        + shape
        + b"cnumpy\ndtype\n(S'" + dtype + b"'\nI0\nI1\ntR(" + state + b"tb"
        + order
        + b"T" + struct.pack("<i", len(data)) + data
        + b"tb."
    )  # fmt: skip


def test_array_headers_that_lie(load):
    assert load(array_program((1,), data=bytes(8))).tolist() == [0]
    for program, says in [
        (
            array_program((10**12,)),
            r"shape \(1000000000000,\) and type float64 takes 8000000000000",
        ),
        (array_program((2**62, 4)), "an array of shape"),
        (array_program((-1,)), "an array of shape"),
        (array_program((2,), data=bytes(8)), "takes 16 bytes, but 8 are there"),
        (array_program((1,), data=bytes(9)), "takes 8 bytes, but 9"),
        (array_program((), data=b""), "takes 8 bytes, but 0"),
        (array_program((1,) * 40, data=bytes(8)), "an array of shape"),
        (array_program((1,), dtype=b"S0", data=b""), "takes 0 bytes"),
        (array_program((1,), data=bytes(8), state=b"I3\nS'<'\nNNNI-1\nI-1\nI0\nI0\n"), None),
        (array_program((1,), data=bytes(8), state=b"I3\nS'!'\nNNNI-1\nI-1\nI0\n"), "the state of"),
        (array_program((1,), data=bytes(8), state=b"I3\nS'|'\nN(S'a'\nt(dI-1\nI-1\nI0\n"), "state"),
        (array_program((1,), data=bytes(8), state=b"I9\nS'|'\nNNNI-1\nI-1\nI0\n"), "the state of"),
        (array_program((1,), data=bytes(8), order=b"N"), "the state of"),
        (array_program((1,), data=bytes(8))[:-3] + b"(ltb.", "the state of"),
        (array_program((1,), data=bytes(8)).split(b"(I1\n")[0] + b".", "an array without content"),
    ]:
        if says is None:
            assert load(program).tolist() == [0]
            continue
        with pytest.raises(FileFormatError, match=says):
            load(program)


def test_bombs(load, monkeypatch):
    monkeypatch.setattr(pickle_machine, "MAX_OPERATIONS", 5000)
    monkeypatch.setattr(pickle_machine, "MAX_VALUES", 5000)
    doubling = b"(tp0\n0" + b"".join(b"(g%d\ng%d\ntp%d\n0" % (i, i, i + 1) for i in range(40))
    for program, says in [
        (doubling + b"g40\n.", "more than 5000 values"),
        (b"(lp0\ng0\na.", "inside each other"),  # a list that holds itself
        (b"(l" * 200 + b"a" * 199 + b".", "inside each other"),
        (b"N0" * 3000 + b"N.", "more than 5000 operations"),
        # a tuple that holds itself twice, 60 times over: its hash would take 2^60 steps
        (b"(t" + b"2\x86" * 60 + b"p0\n0(dg0\nNs.", "a dict key is a value of type tuple"),
        (b"(d\x8a\x64" + b"\x01" * 100 + b"Ns.", "a dict key is a value of type int"),
        # a place in the memo beyond any memory
        (b"Nr\xff\xff\xff\x7f.", None),
        # sizes that are not there
        (b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x3f.", "not a pickle, or a damaged one"),
        (b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x3fN.", None),
        (b"B\xff\xff\xff\x7f.", "not a pickle, or a damaged one"),
        (b"T\xff\xff\xff\xff.", "not a pickle, or a damaged one"),
        (b"I" + b"9" * 100_000 + b"\n.", "damaged"),
    ]:
        if says is None:
            assert load(program) is None
            continue
        with pytest.raises(FileFormatError, match=says):
            load(program)


@pytest.mark.parametrize(
    "program",
    [
        b"\x80\x05\x96" + struct.pack("<Q", 1 << 33),  # a bytearray of 8 GB
        b"\x80\x04\x8e" + struct.pack("<Q", 1 << 40),  # bytes
        b"\x80\x04\x8d" + struct.pack("<Q", 1 << 40),  # text
        b"\x80\x04\x95" + struct.pack("<Q", 1 << 40) + b"N",  # a frame
        b"\x80\x02\x8b\xff\xff\xff\x7f",  # a whole number of 2 GB
        b"Nr\xff\xff\xff\x7f",  # a place in the memo: 16 GB of pointers in C
    ],
)
def test_what_is_promised_takes_no_memory(load, program):
    tracemalloc.start()
    try:
        with pytest.raises(FileFormatError, match="damaged"):
            load(program, max_bytes=1 << 20)
        assert tracemalloc.get_traced_memory()[1] < 3 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "target", [b"]", b"C\x01a", b"\x96" + struct.pack("<Q", 1) + b"a", b"K\x01"]
)
def test_items_are_set_in_dicts_only(load, target):
    with pytest.raises(FileFormatError, match="no dict"):
        load(b"\x80\x05" + target + b"K\x00K\x02s.")


def test_one_blob_for_many_arrays_is_paid_for(load):
    one = array_program((1000,), data=bytes(8000))[:-1]
    blob = one[one.index(b"T\x40\x1f") :][: 5 + 8000]
    first = one.replace(blob, blob + b"p7\n")
    again = one.replace(blob, b"g7\n")
    program = b"(" + first + again * 20 + b"l."
    assert len(load(program)) == 21
    with pytest.raises(FileFormatError, match="more memory than max_bytes"):
        load(program, max_bytes=100_000)


def test_a_file_too_large(load):
    with pytest.raises(FileFormatError, match=r"larger than 10 bytes\. Pass max_bytes="):
        load(pickle.dumps("a" * 100), max_bytes=10)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_truncated_anywhere(load, protocol):
    data = pickle.dumps({"W1": np.arange(4.0), "b1": [1, "a"]}, protocol)
    for length in [*range(0, len(data) - 1, 5), len(data) - 1]:
        with pytest.raises(FileFormatError):
            load(data[:length])


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_damaged_anywhere(tmp_path_factory, data):
    """A flipped byte gives a value of plain types or a FileFormatError, never anything else."""
    good = bytearray(
        pickle.dumps({"W1": np.arange(4.0), "b1": [1, "a"]}, data.draw(st.sampled_from(PROTOCOLS)))
    )
    for _ in range(data.draw(st.integers(1, 3))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("p") / "a.pkl"
    path.write_bytes(good)
    try:
        found = load_pickle(path)
    except FileFormatError:
        return
    assert isinstance(
        found,
        (dict, list, tuple, str, bytes, bytearray, int, float, np.ndarray, np.generic, type(None)),
    )


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("p") / "a.pkl"
    path.write_bytes(data)
    with pytest.raises(FileFormatError):
        load_pickle(path)
        raise FileFormatError("a value, by chance")


@pytest.mark.parametrize(
    "data",
    [b"", b".", b"N", b"NN.", b"\x80\x09N.", b"(.", b"0.", b"2.", b"\x85.", b"a.", b"s.", b"Nu.",
     b"(Nd.", b"e.", b"g5\n.", b"b.", b"R.", b"\x94.", b"(p0\n.", b"PK\x03\x04", b"\x93NUMPY"],
)  # fmt: skip
def test_no_pickle(load, data):
    with pytest.raises(FileFormatError, match=r"weights\.pkl: "):
        load(data)


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_pickle(tmp_path / "none.pkl")
    with pytest.raises((OSError, FileFormatError)):
        load_pickle(tmp_path)


def test_the_registry_of_extensions_is_not_asked(load):
    copyreg.add_extension("os", "system", 0xF0)
    try:
        with pytest.raises(FileFormatError, match="uses EXT1"):
            load(b"\x80\x02\x82\xf0.")
    finally:
        copyreg.remove_extension("os", "system", 0xF0)


# --- the network of Deep Learning from Scratch --------------------------------------------------


def weights(*sizes):
    rng = np.random.default_rng(0)
    return {
        name: value
        for n, (a, b) in enumerate(pairwise(sizes), 1)
        for name, value in [
            (f"b{n}", rng.normal(size=b).astype(np.float32)),
            (f"W{n}", rng.normal(size=(a, b)).astype(np.float32)),
        ]
    }


@pytest.fixture
def dlfs(tmp_path):
    def dlfs(value):
        path = tmp_path / "sample_weight.pkl"
        path.write_bytes(pickle.dumps(value, 3))
        return load_dlfs_network(path)

    return dlfs


def test_a_dlfs_network(dlfs):
    given = weights(6, 5, 4, 3)
    found = dlfs(given)
    assert list(found) == ["W1", "b1", "W2", "b2", "W3", "b3"]
    for name, value in given.items():
        assert found[name].dtype == np.float32
        np.testing.assert_array_equal(found[name], value)


def test_no_dlfs_network(dlfs):
    good = weights(6, 5, 4)
    for bad, says in [
        ([1], "holds a value of type list, not a dict"),
        ({}, "not a dict of W1"),
        ({"a": 1}, "its names are 'a'; expected W1, b1"),
        ({k: v for k, v in good.items() if k != "b2"}, "its names are"),
        (good | {"W3": 1}, "its names are"),
        (good | {"W1": "x"}, "W1 is a value of type str, not 2-D floats"),
        (good | {"b1": np.zeros((5, 1))}, r"b1 is an array of shape \(5, 1\)"),
        (good | {"b1": np.zeros(5, int)}, "b1 is an array of shape .* int64, not 1-D floats"),
        (good | {"b1": np.zeros(4)}, r"W1 \(6, 5\) and b1 \(4,\) do not fit"),
        (good | {"W2": np.zeros((3, 4))}, "or the 5 units before them"),
        (good | {"W2": np.full((5, 4), np.nan)}, "W2 is not finite"),
    ]:
        with pytest.raises(FileFormatError, match=says):
            dlfs(bad)


def _book_weights():
    folder = os.environ.get("GLASSNET_DATA")
    if not folder:
        return None
    for place in (Path(folder), Path(folder).parent):
        if (place / "sample_weight.pkl").is_file():
            return place / "sample_weight.pkl"
    return None


@pytest.mark.skipif(_book_weights() is None, reason="sample_weight.pkl is not in GLASSNET_DATA")
def test_the_network_of_the_book():
    found = load_dlfs_network(_book_weights())
    assert {k: v.shape for k, v in found.items()} == {
        "W1": (784, 50), "b1": (50,), "W2": (50, 100), "b2": (100,), "W3": (100, 10), "b3": (10,)
    }  # fmt: skip
    assert all(v.dtype == np.float32 for v in found.values())


def _test_images():
    folder = _book_weights() and Path(os.environ["GLASSNET_DATA"])
    for place in (folder, folder / "mnist") if folder else ():
        if (place / "t10k-images-idx3-ubyte.gz").is_file():
            return place
    return None


@pytest.mark.skipif(_test_images() is None, reason="MNIST is not in GLASSNET_DATA")
def test_the_accuracy_of_the_book():
    """648 of the 10,000 test images wrong, in batches of 100."""
    net = load_dlfs_network(_book_weights())
    with gzip.open(_test_images() / "t10k-images-idx3-ubyte.gz") as file:
        x = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784) / np.float32(255)
    with gzip.open(_test_images() / "t10k-labels-idx1-ubyte.gz") as file:
        t = np.frombuffer(file.read(), np.uint8, offset=8)
    right = 0
    for start in range(0, 10_000, 100):
        z1 = sigmoid(x[start : start + 100] @ net["W1"] + net["b1"])
        z2 = sigmoid(z1 @ net["W2"] + net["b2"])
        y = softmax(z2 @ net["W3"] + net["b3"])
        right += int((y.argmax(axis=1) == t[start : start + 100]).sum())
    assert right / 10_000 == 0.9352
