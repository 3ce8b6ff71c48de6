"""Weights alone: which dense layers they would be, and what is said where nobody can tell."""

import numpy as np
import pytest
import safetensors.numpy

from glassnet import interop
from glassnet.errors import FileFormatError
from glassnet.interop.torch import archive, bare

RNG = np.random.default_rng(0)


def linear(name, n, k, bias=True):
    found = {f"{name}.weight": RNG.normal(size=(k, n)).astype(np.float32)}
    return found | ({f"{name}.bias": RNG.normal(size=k).astype(np.float32)} if bias else {})


def batch(name, k):
    keys = ("weight", "bias", "running_mean", "running_var")
    found = {f"{name}.{key}": RNG.uniform(0.5, 1, k).astype(np.float32) for key in keys}
    return {**found, f"{name}.num_batches_tracked": np.array(3)}


def kinds(tensors):
    model = bare.chain(tensors).network(bare.activations.relu)
    return [(la.kind, getattr(la, "units", ""), getattr(la.function, "name", "")) for la in
            model.layers]  # fmt: skip


DENSE = [("dense", 5, "relu"), ("dense", 6, "relu"), ("dense", 3, "linear")]


@pytest.mark.parametrize(
    "names", [("net.0", "net.2", "net.10"), ("fc1", "fc2", "fc3"), ("a", "c", "b")]
)
def test_dense_layers_in_the_order_in_which_they_fit(tmp_path, names):
    a, b, c = (linear(n, *size) for n, size in zip(names, ((4, 5), (5, 6), (6, 3))))
    tensors = {**c, **a, **b}  # safetensors keep no order
    assert kinds(tensors) == DENSE
    safetensors.numpy.save_file(tensors, tmp_path / "w.safetensors")
    model = interop.from_torch_weights(tmp_path / "w.safetensors", "tanh")
    x = RNG.normal(size=(7, 4)).astype(np.float32)
    h = x
    for i, n in enumerate(names):
        h = h @ tensors[f"{n}.weight"].T + tensors[f"{n}.bias"]
        h = np.tanh(h) if i < 2 else h
    np.testing.assert_allclose(model.predict(x), h, rtol=1e-4, atol=1e-5)


def test_equal_sizes_come_in_the_order_of_their_numbers_or_of_the_file():
    sizes = ((4, 4), (4, 4), (4, 4))
    numbered = [linear(f"h{i}", *size, bias=False) for i, size in enumerate(sizes)]
    tensors = {**numbered[2], **numbered[0], **numbered[1]}
    assert [m.name for m in bare.chain(tensors).modules] == ["h0", "h1", "h2"]
    named = {**linear("x", 4, 4), **linear("a", 4, 4), **linear("out", 4, 4)}
    assert [m.name for m in bare.chain(named).modules] == ["x", "a", "out"]


def test_a_normalization_stands_where_the_numbers_say():
    """nn.Sequential counts what has no weights, too: a gap is an activation."""
    before = {**linear("0", 4, 5), **batch("1", 5), **linear("3", 5, 2)}
    assert [kind for kind, _, _ in kinds(before)] == [
        "dense", "batch_normalization", "activation", "dense",
    ]  # fmt: skip
    after = {**linear("0", 4, 5), **batch("2", 5), **linear("3", 5, 2)}
    assert kinds(after)[0] == ("dense", 5, "relu")
    assert [kind for kind, _, _ in kinds(after)] == ["dense", "batch_normalization", "dense"]


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        ({"conv1.weight": np.zeros((6, 1, 5, 5), np.float32), **linear("fc", 4, 2)},
         "convolution .conv1.weight .6, 1, 5, 5...*strides and padding"),
        ({**linear("a", 4, 5), **linear("b", 7, 3)}, "do not say in what order"),
        ({"gru.weight_ih_l0": np.zeros((6, 2), np.float32)}, "no linear layer"),
        ({"w": np.zeros((6, 2), np.float32)}, "the whole holds w"),
        ({"a.weight": np.zeros((0, 2), np.float32)}, "no linear layer"),
        ({"a.weight": np.zeros(3, np.float32)}, "no weights of a layer"),
        ({"a\x1b[2J.weight": np.zeros((1, 1, 1), np.float32)}, r"convolution \(a\[2J.weight"),
        ({f"m{i}.weight": np.zeros((1, 1), np.float32) for i in range(1001)}, "1,001 modules"),
    ],
)  # fmt: skip
def test_what_is_no_chain_is_refused_for_its_reason(tmp_path, tensors, words):
    with pytest.raises(FileFormatError, match=words):
        bare.chain(tensors)
    safetensors.numpy.save_file(tensors, tmp_path / "w.safetensors")
    with pytest.raises(FileFormatError, match=words):  # the door that people come by
        interop.import_model(tmp_path / "w.safetensors")


def test_the_way_out_in_python_can_be_typed(tmp_path):
    import glassnet

    path = tmp_path / "w.pt"
    path.write_bytes(archive.written({**linear("l1", 4, 5), **linear("l2", 5, 2)}, ""))
    with pytest.raises(bare.WeightsAloneError, match="dense layers 4-5-2") as told:
        glassnet.load(path)
    line = str(told.value).partition("In Python: ")[2].rstrip(".")
    assert eval(line, {"glassnet": glassnet, "path": path}).outputs == 2


@pytest.mark.parity
@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_answers_are_those_of_pytorch(tmp_path, suffix):
    torch = pytest.importorskip("torch")
    nn = torch.nn
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(6, 9), nn.BatchNorm1d(9), nn.SiLU(), nn.Dropout(), nn.Linear(
        9, 7), nn.LayerNorm(7), nn.SiLU(), nn.Linear(7, 3))  # fmt: skip
    module(torch.randn(50, 6))
    module.eval()
    path = tmp_path / f"w{suffix}"
    if suffix == ".pt":
        torch.save({"epoch": 3, "model_state_dict": module.state_dict()}, path)
    else:
        safetensors.numpy.save_file({k: v.numpy() for k, v in module.state_dict().items()}, path)
    x = torch.randn(40, 6)
    found = interop.from_torch_weights(path, "silu").predict(x.numpy())
    np.testing.assert_allclose(found, module(x).detach().numpy(), rtol=1e-4, atol=1e-6)
