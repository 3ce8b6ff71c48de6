"""The public names: all there, loaded when first used, and nothing loaded before."""

import importlib
import subprocess
import sys

import pytest

import glassnet


@pytest.mark.parametrize("name", [n for n in glassnet.__all__ if n != "__version__"])
def test_every_public_name_can_be_had(name):
    module, attribute = glassnet.PLACES[name]
    loaded = importlib.import_module(module)
    expected = loaded if attribute is None else getattr(loaded, attribute)
    assert getattr(glassnet, name) is expected


def test_the_table_is_the_list():
    assert sorted(glassnet.PLACES) == sorted(set(glassnet.__all__) - {"__version__"})
    assert dir(glassnet) == sorted(glassnet.__all__)


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
