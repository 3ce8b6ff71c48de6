"""``.pt`` and ``.pth``: PyTorch's own files, written and read without PyTorch and without trust."""

import os
import pickle
import zipfile

import numpy as np
import pytest

from glassnet import Sequential, interop, layers
from glassnet.errors import FileFormatError
from glassnet.interop.torch import archive
from glassnet.interop.torch.files import read_tensors


def small(seed=0):
    stack = [layers.Conv2D(2, 2), layers.Flatten(), layers.BatchNormalization(), layers.Dense(2)]
    model = Sequential(stack, seed=seed)
    model.build((3, 4, 2))
    return model


@pytest.fixture
def path(tmp_path):
    interop.save_torch_weights(small(), tmp_path / "whole.pt")
    return tmp_path / "whole.pt"


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".PT"])
def test_a_round_trip_changes_nothing(nets, tmp_path, suffix):
    path = tmp_path / f"model{suffix}"
    for dtype in ("float32", "float64"):
        model, x = nets.network("tanh", dtype), nets.images(dtype=dtype)
        assert interop.export_model(model, path, notes={"a": 1}) == "torch"
        assert path.read_bytes().startswith(b"PK")
        back, notes = interop.import_model(path)
        np.testing.assert_array_equal(back.predict(x), model.predict(x))
        assert notes == {"a": 1} and back.classes.tolist() == ["a", "b", "c"]
        other = nets.network("tanh", dtype)
        other.parameters.values[...] = 0
        interop.load_torch_weights(other, path)
        np.testing.assert_array_equal(other.predict(x), model.predict(x))


# ---- files that are built to harm ---------------------------------------------------------


def members(path):
    with zipfile.ZipFile(path) as found:
        return {info.filename: found.read(info) for info in found.infolist()}


def packed(path, parts, method=zipfile.ZIP_STORED):
    bad = path.with_name("bad.pt")
    with zipfile.ZipFile(bad, "w", method) as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return bad


def refused(path, words):
    with pytest.raises(FileFormatError, match=words) as told:
        read_tensors(path, 1 << 30)
    assert str(path) in str(told.value)


class Evil:
    """An object whose pickle makes a folder when it is loaded."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def with_pickle(path, program):
    return packed(path, {**members(path), "archive/data.pkl": program})


def tensor(size=(2,), stride=(1,), offset=0, count=2, kind="FloatStorage", key="0"):
    """The program of a dict with one tensor."""
    plain = archive._plain
    parts = [
        b"\x80\x02}", pickle.MARK, plain("w"), b"ctorch._utils\n_rebuild_tensor_v2\n", pickle.MARK,
        pickle.MARK, plain("storage"), f"ctorch\n{kind}\n".encode(), plain(key), plain("cpu"),
        plain(count), pickle.TUPLE, pickle.BINPERSID, plain(offset), plain(size), plain(stride),
        plain(False), b"ccollections\nOrderedDict\n)R", pickle.TUPLE, pickle.REDUCE,
        pickle.SETITEMS, b".",
    ]  # fmt: skip
    return b"".join(parts)


NUMBERS = np.array([1, 2], np.float32).tobytes()


def one(path, content=NUMBERS, **given):
    return packed(path, {"x/data.pkl": tensor(**given), "x/data/0": content})


def test_a_tensor_is_a_window_on_its_storage(path):
    tensors, _ = read_tensors(one(path), 1 << 30)
    np.testing.assert_array_equal(tensors["w"], np.float32([1, 2]))
    six = np.arange(6, dtype=np.float32).tobytes()
    bad = one(path, six, size=(2, 2), stride=(1, 3), offset=1, count=6)
    np.testing.assert_array_equal(read_tensors(bad, 1 << 30)[0]["w"], [[1, 4], [2, 5]])
    half = np.array([0.5, -2], np.float16).tobytes()
    got = read_tensors(one(path, half, kind="HalfStorage"), 1 << 30)[0]["w"]
    assert got.dtype == np.float32 and got.tolist() == [0.5, -2]
    brain = (np.array([0.5, -2], np.float32).view(np.uint32) >> 16).astype(np.uint16).tobytes()
    got = read_tensors(one(path, brain, kind="BFloat16Storage"), 1 << 30)[0]["w"]
    assert got.dtype == np.float32 and got.tolist() == [0.5, -2]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"size": (3,)}, "does not lie in its storage"),
        ({"offset": 1}, "does not lie"),
        ({"size": (1,), "stride": (5,), "offset": 2}, "does not lie"),
        ({"size": (2, 10**9), "stride": (1, 0)}, "does not lie"),
        ({"size": (10**30,)}, "shape"),
        ({"size": (-1,)}, "shape"),
        ({"size": (1,), "stride": (-1,), "offset": 1}, "shape"),
        ({"size": (2, 1)}, "shape"),
        ({"size": (1,) * 20, "stride": (1,) * 20}, "shape"),
        ({"count": 3}, "has 8 bytes, but 3 numbers"),
        ({"count": 10**12}, "numbers"),
        ({"kind": "DoubleStorage"}, "numbers of 8 bytes"),
        ({"kind": "ComplexFloatStorage"}, "torch.ComplexFloatStorage"),
        ({"key": "1"}, "no data/1"),
        ({"key": "../../etc/passwd"}, "no data/../../etc/passwd"),
    ],
)
def test_tensors_that_lie(path, given, words):
    refused(one(path, **given), words)


def test_pickles_that_run_or_build_something(path):
    made = path.with_name("made")
    refused(with_pickle(path, pickle.dumps(Evil(made))), "posix.mkdir|nt.mkdir")
    assert not made.exists()
    pickle.loads(pickle.dumps(Evil(made)))
    assert made.exists()  # Python's own unpickler runs it
    for name in (
        "builtins eval",
        "torch load",
        "torch._utils _rebuild_qtensor",
        "torch.nn.modules.linear Linear",
        "__main__ Net",
        "collections Counter",
    ):
        program = b"\x80\x02c" + name.replace(" ", "\n").encode() + b"\n)R."
        refused(with_pickle(path, program), name.replace(" ", "."))
    refused(with_pickle(path, b"\x80\x02ccollections\nOrderedDict\nX\x01\x00\x00\x00a\x85R."),
            "unusual way")  # fmt: skip
    refused(with_pickle(path, b"\x80\x02X\x01\x00\x00\x00aQ."), "in an unusual way")
    refused(with_pickle(path, b"\x80\x02ctorch\nFloatStorage\n."), "no array|not a state_dict")
    refused(with_pickle(path, pickle.dumps([1, 2])), "one list, not a state_dict")
    refused(with_pickle(path, pickle.dumps({})), "holds nothing")
    refused(with_pickle(path, pickle.dumps({"epoch": 3, "net": "a"})), "holds epoch, net")
    for program in (b"", b"\x80\x02", b"\x80\x02(.", b"garbage", b"\x80\x02R."):
        refused(with_pickle(path, program), "bad.pt")


def test_archives_built_to_harm(path):
    whole = members(path)
    refused(packed(path, {k: v for k, v in whole.items() if "data.pkl" not in k}), "data.pkl")
    refused(packed(path, {**whole, "other/data.pkl": b""}), "data.pkl")
    refused(packed(path, {k: v for k, v in whole.items() if k != "archive/data/0"}), "no data/0")
    refused(packed(path, whole, zipfile.ZIP_DEFLATED), "is packed")
    refused(packed(path, {**whole, "archive/byteorder": b"big"}), "big endian")
    refused(packed(path, {**whole, "archive/constants.pkl": b""}), "TorchScript")
    refused(packed(path, {f"x/{i}": b"" for i in range(20_001)}), "members")
    path.with_name("bad.pt").write_bytes(archive.OLD + bytes(100))
    refused(path.with_name("bad.pt"), "before PyTorch 1.6")
    content = path.read_bytes()
    for part in (content[:100], content[:-40], b"PK" + bytes(500)):
        path.with_name("bad.pt").write_bytes(part)
        refused(path.with_name("bad.pt"), "damaged")
    with pytest.raises(FileFormatError, match="larger than 100 bytes"):
        read_tensors(path, 100)


def test_a_description_that_does_not_fit(path):
    whole = members(path)
    for note, words in [(b"{", "description is damaged"), (b"\xff", "damaged"), (b"{}", "weights"),
                        (b'{"format": 99}', "format 99")]:  # fmt: skip
        with pytest.raises(FileFormatError, match=words):
            interop.import_model(packed(path, {**whole, "archive/glassnet.json": note}))


def test_bytes_that_were_changed_never_end_in_a_traceback(path):
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    bad = path.with_name("bad.pt")
    counts = [0, 0]
    for _ in range(300):
        changed = bytearray(whole)
        for place in rng.integers(0, len(changed), 2):
            changed[place] = rng.integers(0, 256)
        bad.write_bytes(changed)
        try:
            interop.import_model(bad)
            counts[0] += 1
        except FileFormatError as error:
            assert str(bad) in str(error)
            counts[1] += 1
    assert min(counts) > 3  # both happen; how often depends on how long the file is


def test_a_pickle_that_was_changed_never_ends_in_a_traceback(path):
    """In an archive whose checksums are right, so that it is opened."""
    whole = members(path)
    program = whole["archive/data.pkl"]
    rng = np.random.default_rng(1)
    for _ in range(400):
        changed = bytearray(program)
        for place in rng.integers(0, len(changed), 2):
            changed[place] = rng.integers(0, 256)
        bad = packed(path, {**whole, "archive/data.pkl": bytes(changed)})
        try:
            interop.import_model(bad)
        except FileFormatError as error:
            assert str(bad) in str(error)


# ---- with PyTorch -------------------------------------------------------------------------


@pytest.mark.parity
def test_pytorch_reads_what_is_written_and_writes_what_is_read(path):
    torch = pytest.importorskip("torch")
    state = torch.load(path, weights_only=True)
    module = interop.to_torch(small())
    theirs = module.state_dict()
    assert set(state) == {k for k in theirs if "num_batches" not in k}
    for name, there in state.items():
        assert torch.equal(there, theirs[name]) and there.is_contiguous()
    module.load_state_dict(state)
    for content in (
        module.state_dict(),
        {"epoch": 3, "model_state_dict": module.state_dict(), "loss": 0.5,
         "optimizer_state_dict": torch.optim.Adam(module.parameters()).state_dict()},
    ):  # fmt: skip
        torch.save(content, path)
        model = small(seed=5)
        interop.load_torch_weights(model, path)
        np.testing.assert_array_equal(model.parameters.values, small().parameters.values)
    torch.save(module.state_dict(), path, _use_new_zipfile_serialization=False)
    refused(path, "before PyTorch 1.6")
    torch.save(module, path)
    refused(path, "whole module.*state_dict")
    torch.save({"a": theirs, "b": theirs}, path)
    refused(path, "holds a, b")


@pytest.mark.parity
def test_kinds_of_numbers_that_pytorch_writes(path):
    torch = pytest.importorskip("torch")
    x = torch.tensor([[0.5, -2.0], [3.0, 4.0]])
    kinds = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.uint8,
             torch.bool]  # fmt: skip
    state = {str(kind): x.abs().to(kind) for kind in kinds}
    state |= {"turned": x.T, "part": x[1:], "parameter": torch.nn.Parameter(x), "none": x[:0]}
    torch.save(state, path)
    tensors, _ = read_tensors(path, 1 << 30)
    for name, there in state.items():
        np.testing.assert_array_equal(tensors[name], there.detach().to(torch.float64).numpy())
