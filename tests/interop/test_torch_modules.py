"""``torch.nn.Sequential`` out and in: the same answers and the same gradients."""

import copy
import io

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Sequential, interop, layers
from glassnet.activations import ACTIVATIONS, ELU, LeakyReLU
from glassnet.errors import ConfigError

torch = pytest.importorskip("torch")
nn = torch.nn

pytestmark = pytest.mark.parity

HERE = [f for f in ACTIVATIONS if f not in ("step", "exponential")]


def answers(module, x):
    with torch.no_grad():
        return module(torch.tensor(x)).numpy()


@pytest.mark.parametrize("f", [*HERE, ELU(0.5), LeakyReLU(0.4)], ids=str)
def test_there_and_back(nets, tmp_path, f):
    for dtype, close in (("float32", 1e-6), ("float64", 1e-14)):
        model, x = nets.network(f, dtype), nets.images(dtype=dtype)
        module = interop.to_torch(model)
        np.testing.assert_allclose(answers(module, x), model.predict(x), rtol=0, atol=close)
        back = interop.from_torch(module, (2, 3))
        np.testing.assert_array_equal(back.predict(x), model.predict(x))
        kinds = [layer.kind for layer in back.layers]
        assert kinds == [k for layer in model.layers for k in
                         (["flatten", "reshape"] if layer.kind == "reshape" else [layer.kind])
                        ] or f == "linear"  # fmt: skip


@settings(max_examples=30)
@given(drawn=st.data())
def test_any_chain_of_layers(nets, drawn):
    model = drawn.draw(nets.networks())
    x = nets.rows_for(model)
    module = interop.to_torch(model)
    np.testing.assert_allclose(answers(module, x), model.predict(x), rtol=1e-5, atol=1e-6)
    back = interop.from_torch(module, model.input_shape)
    np.testing.assert_array_equal(back.predict(x), model.predict(x))


@pytest.mark.parametrize("f", HERE)
def test_gradients(nets, f):
    stack = [layers.Rescaling(0.5), layers.Dense(5, f), layers.BatchNormalization(),
             layers.Residual([layers.Dense(4, f), layers.Dense(5)]), layers.LayerNormalization(),
             layers.Dense(3, "softmax")]  # fmt: skip
    model = Sequential(stack, seed=0, dtype="float64")
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.build((4,))
    nets.unsettle(model)
    x, y = np.random.default_rng(0).normal(size=(12, 4)), np.arange(12) % 3
    module = interop.to_torch(model)
    loss, _ = model.loss_and_gradient(x, y, training=True)
    module.train()
    theirs = nn.functional.cross_entropy(module[:-1](torch.tensor(x)), torch.tensor(y))
    theirs.backward()
    assert loss == pytest.approx(theirs.item(), rel=1e-12)
    names = dict(module.named_parameters())
    from glassnet.interop.torch.files import _wanted

    wanted = _wanted(model.layers)
    for name, parameter in names.items():
        ours = model.parameters.gradient(wanted[name].ours)
        ours = ours.T if ours.ndim == 2 else ours
        np.testing.assert_allclose(ours, parameter.grad.numpy(), rtol=1e-9, atol=1e-12)
    assert len(names) == len(model.parameters.names)


def test_pytorch_loads_the_weights_that_are_written(nets, tmp_path):
    model, x = nets.network("gelu"), nets.images()
    path = tmp_path / "w.safetensors"
    interop.save_torch_weights(model, path)
    module = interop.to_torch(model)
    expected = answers(module, x)
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    import safetensors.torch

    module.load_state_dict(safetensors.torch.load_file(path))
    np.testing.assert_array_equal(answers(module.eval(), x), expected)


def test_weights_that_pytorch_wrote(nets, tmp_path):
    import safetensors.torch

    module = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4, eps=1e-3), nn.ReLU(), nn.Linear(4, 2))
    x = np.random.default_rng(0).normal(size=(16, 3)).astype(np.float32)
    module(torch.tensor(x))  # in training mode: it moves the running values
    module.eval()
    safetensors.torch.save_file(module.state_dict(), tmp_path / "w.safetensors")
    model = Sequential([layers.Dense(4), layers.BatchNormalization(), layers.Activation("relu"),
                        layers.Dense(2)])  # fmt: skip
    model.build((3,))
    interop.load_torch_weights(model, tmp_path / "w.safetensors")
    np.testing.assert_allclose(model.predict(x), answers(module, x), rtol=1e-5, atol=1e-6)


def test_the_state_dict_is_contiguous_and_a_copy(nets):
    model = nets.network()
    module = interop.to_torch(model)
    for tensor in module.state_dict().values():
        assert tensor.is_contiguous()
    before = model.predict(nets.images())
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    np.testing.assert_array_equal(model.predict(nets.images()), before)


def test_modules_can_be_copied_and_pickled(nets):
    module, x = interop.to_torch(nets.network()), nets.images()
    file = io.BytesIO()
    torch.save(module, file)
    file.seek(0)
    loaded = torch.load(file, weights_only=False)
    np.testing.assert_array_equal(answers(loaded, x), answers(module, x))
    np.testing.assert_array_equal(answers(copy.deepcopy(module), x), answers(module, x))


def test_frozen_layers_are_frozen():
    model = Sequential([layers.Dense(2, trainable=False), layers.Dense(2)])
    model.build((2,))
    wants = [p.requires_grad for p in interop.to_torch(model).parameters()]
    assert wants == [False, False, True, True]


def test_everything_that_is_read_from_pytorch():
    module = nn.Sequential(
        nn.Flatten(), nn.Sequential(nn.Linear(6, 4, bias=False), nn.Tanh()), nn.Identity(),
        nn.BatchNorm1d(4, affine=False), nn.LayerNorm(4, bias=False), nn.GELU("tanh"),
        nn.LayerNorm(4, elementwise_affine=False), nn.Unflatten(1, (2, 2)), nn.Flatten(),
        nn.Linear(4, 3), nn.Softplus(), nn.Dropout(0.3), nn.ELU(0.5), nn.SELU(), nn.Linear(3, 3),
        nn.LogSoftmax(1),
    ).eval()  # fmt: skip
    x = np.random.default_rng(0).normal(size=(7, 2, 3)).astype(np.float32)
    model = interop.from_torch(module, (2, 3))
    np.testing.assert_allclose(model.predict(x), answers(module, x), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        interop.from_torch(module).predict(x.reshape(7, 6)), model.predict(x), rtol=1e-6
    )


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (lambda: nn.Linear(2, 2), "takes a torch.nn.Sequential, got Linear"),
        (lambda: nn.Sequential(nn.Conv3d(1, 1, 2)), "module Conv3d.*Supported are .*Linear"),
        (lambda: nn.Sequential(nn.Linear(2, 2).half().to(torch.bfloat16)), "bfloat16"),
        (lambda: nn.Sequential(nn.BatchNorm1d(2, track_running_stats=False)), "running values"),
        (lambda: nn.Sequential(nn.LayerNorm((2, 2))), "last axis"),
        (lambda: nn.Sequential(nn.Linear(2, 2), nn.Softmax(0)), "dim 0"),
        (lambda: nn.Sequential(nn.Softplus(2.0)), "beta"),
        (lambda: nn.Sequential(nn.ReLU()), "input_shape"),
        (lambda: nn.Sequential(nn.Linear(2, 3), nn.Linear(2, 2)), "shape"),
        (lambda: nn.Sequential(nn.Flatten(0)), "Flatten"),
        (
            lambda: nn.Sequential(nn.Linear(2, 4), nn.Unflatten(1, (2, 2)), nn.BatchNorm1d(2)),
            "channels first",
        ),
        (
            lambda: nn.Sequential(nn.Linear(2, 4), nn.Unflatten(1, (2, 2)), nn.Softmax(1)),
            "channels first",
        ),
        (lambda: nn.Sequential(), "input_shape|no layers"),
    ],
)
def test_what_has_no_layer_here_is_named(module, words):
    with pytest.raises(ConfigError, match=words):
        interop.from_torch(module())


def test_weights_that_are_not_finite():
    module = nn.Sequential(nn.Linear(2, 2))
    nn.init.constant_(module[0].weight, float("nan"))
    with pytest.raises(ConfigError, match="not finite"):
        interop.from_torch(module)


def test_what_pytorch_does_not_have_is_named(nets):
    with pytest.raises(ConfigError, match="no activation 'exponential'"):
        interop.to_torch(nets.network("exponential"))


def test_the_weights_are_those_that_safetensors_gets(nets, tmp_path):
    model = nets.network()
    interop.save_torch_weights(model, tmp_path / "w.safetensors")
    written = safetensors.numpy.load_file(tmp_path / "w.safetensors")
    module = interop.to_torch(model).state_dict()
    assert set(written) == {k for k in module if not k.endswith("num_batches_tracked")}
    for name, array in written.items():
        np.testing.assert_array_equal(array, module[name].numpy())
