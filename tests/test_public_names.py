"""The public names: all there, loaded when first used, and nothing loaded before."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import glassnet
from glassnet._core.lazy import read_stub

PLACES = read_stub("glassnet")
LAZY = [
    "glassnet", "glassnet.data", "glassnet.interop", "glassnet.plots", "glassnet.tabular",
    "glassnet.tune",
]  # fmt: skip


@pytest.mark.parametrize("name", [n for n in glassnet.__all__ if n != "__version__"])
def test_every_public_name_can_be_had(name):
    module, attribute = PLACES[name]
    loaded = importlib.import_module(module)
    expected = loaded if attribute is None else getattr(loaded, attribute)
    assert getattr(glassnet, name) is expected


def test_the_table_is_the_list():
    assert sorted(PLACES) == sorted(set(glassnet.__all__) - {"__version__"})
    assert dir(glassnet) == sorted(glassnet.__all__)


# Modules that nobody needs by name: what is in them is reached through the public ones, the
# command line or the lab.
INNER = {"__main__", "_core", "cli", "diagnosis", "lab", "model", "runs", "texts", "training"}


def test_every_module_is_public_or_meant_to_be_inner():
    found = {module.name for module in pkgutil.iter_modules(glassnet.__path__)}
    assert found - set(glassnet.__all__) <= INNER  # a new one goes into the one list or the other


@pytest.mark.parametrize("package", LAZY)
def test_editors_see_the_same_names(package):
    """What they read is the stub, which also says where each name is loaded from."""
    module = importlib.import_module(package)
    stub = Path(module.__file__).with_suffix(".pyi")
    for node in ast.parse(stub.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom):  # ``as``: seen from outside, says PEP 484
            assert all(alias.asname == alias.name for alias in node.names)
    assert set(read_stub(package)) == set(module.__all__) - {"__version__"}
    assert set(module.__all__) <= set(dir(module))
    for name in module.__all__:
        assert getattr(module, name) is not None
    assert (Path(glassnet.__file__).parent / "py.typed").exists()


@pytest.mark.parametrize("name", [n for n, (_, a) in PLACES.items() if a is None])
def test_a_public_module_can_be_imported_from(name):
    """``from glassnet import callbacks`` and ``from glassnet.callbacks import …``: one thing."""
    module = importlib.import_module(f"glassnet.{name}")
    assert module is getattr(glassnet, name)


def test_the_public_name_is_the_path():
    from glassnet.activations import relu
    from glassnet.callbacks import EarlyStopping
    from glassnet.losses import Huber
    from glassnet.optimizers import Adam
    from glassnet.schedules import CosineDecay

    homes = [type(relu), EarlyStopping, Huber, Adam, CosineDecay]
    assert [home.__module__.split(".")[1] for home in homes] == [
        "activations", "callbacks", "losses", "optimizers", "schedules",
    ]  # fmt: skip


@pytest.mark.parametrize("name", [n for n, (_, a) in PLACES.items() if a is None])
def test_the_lists_of_the_modules_are_true(name):
    module = importlib.import_module(PLACES[name][0])
    listed = getattr(module, "__all__", [])
    assert len(listed) == len(set(listed))
    for one in listed:
        assert getattr(module, one) is not None
        assert not one.startswith("_")


def test_load(tmp_path):
    model = glassnet.Sequential([glassnet.layers.Dense(2)], seed=0)
    model.build(3)
    model.save(tmp_path / "m.safetensors")
    again = glassnet.load(tmp_path / "m.safetensors")
    assert (again.parameters.values == model.parameters.values).all()


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="tensors"):
        _ = glassnet.tensors


def test_import_reads_nothing_heavy():
    code = (
        "import sys, glassnet; "
        "print([m for m in ('numpy', 'numba', 'scipy', 'sklearn', 'matplotlib', 'rich', 'click', "
        "'pyarrow', 'safetensors') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                           env={"PYTHONPATH": ":".join(sys.path)})  # fmt: skip
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("name", LAZY[1:])
def test_no_function_is_called_as_a_module_beside_it(name):
    """Importing ``data.image_folder`` would put the module where the function was."""
    package = importlib.import_module(name)
    modules = {module.name for module in pkgutil.iter_modules(package.__path__)}
    places = read_stub(name)
    assert not {n for n in modules & set(places) if places[n][1] is not None}
