"""What a network takes of the memory: parts that fit, and an error before the first step."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import tracemalloc

import numpy as np
import pytest

import glassnet
from glassnet._core import available
from glassnet.errors import OutOfMemoryError
from glassnet.layers import (
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    Reshape,
    Residual,
)
from glassnet.model.evaluation import part_of


@pytest.fixture
def one_gigabyte(monkeypatch):
    monkeypatch.setattr(available, "available_memory", lambda: 10**9)


def wide(*shape):
    model = glassnet.Sequential([Conv2D(64, 3), GlobalAveragePooling2D(), Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    if shape:
        model.build(shape)
    return model


def pictures(n, side):
    """Pictures that take no memory themselves."""
    return np.broadcast_to(np.float32(0), (n, side, side, 1))


SAYS = (
    r"fit: 64 samples at once need [\d.]+ GB, and 1\.0 GB of the memory are free\. The largest "
    r"layer is Conv2D 'conv2d', with outputs of shape \(n, 398, 398, 64\)\. Use batch_size=\d+ or "
)


def test_a_batch_that_does_not_fit_says_how_many_do(one_gigabyte):
    model, y = wide(), np.arange(64) % 3
    with pytest.raises(OutOfMemoryError, match=SAYS) as error:
        model.fit(pictures(64, 400), y, batch_size=64, verbose=0)
    most = int(str(error.value).split("batch_size=")[1].split()[0])
    model.need_room(most)
    with pytest.raises(OutOfMemoryError):
        model.need_room(most + 1)
    assert isinstance(error.value, MemoryError)


def test_a_batch_of_an_iterable_that_does_not_fit(one_gigabyte):
    with pytest.raises(OutOfMemoryError, match=SAYS):
        wide().fit([(pictures(64, 400), np.arange(64) % 3)], verbose=0)


def test_a_picture_that_does_not_fit(one_gigabyte):
    x, y = pictures(2, 4000), np.arange(2)
    with pytest.raises(OutOfMemoryError, match=r"one sample needs .* Use smaller samples, or str"):
        wide().fit(x, y, batch_size=1, verbose=0)
    model = wide(4000, 4000, 1)
    with pytest.raises(OutOfMemoryError, match=r"^predict: one sample needs"):
        model.predict(x)
    with pytest.raises(OutOfMemoryError, match=r"^evaluate: one sample needs"):
        model.evaluate(x, y)


def test_predictions_of_so_many_at_once_do_not_fit(one_gigabyte):
    model = wide(400, 400, 1)
    with pytest.raises(OutOfMemoryError, match=r"^predict: 64 samples at once .*batch_size=\d+ or"):
        model.predict(pictures(64, 400), batch_size=64)
    with pytest.raises(OutOfMemoryError, match=r"^evaluate: 64 samples"):
        model.evaluate(pictures(64, 400), np.arange(64) % 3, batch_size=64)


def test_weights_that_do_not_fit(one_gigabyte):
    says = (
        r"of the memory are free\. The largest is dense/W, of shape \(40000000, 100\)\. .*Flatten"
    )
    with pytest.raises(OutOfMemoryError, match=says):
        glassnet.Sequential([Flatten(), Dense(100)]).build((4000, 10000))
    with pytest.raises(OutOfMemoryError, match="The largest is dense/W"):
        Dense(100000).build((100000,))


def test_where_the_system_tells_nothing_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(available, "available_memory", lambda: None)
    wide(400, 400, 1).need_room(10**6)


@pytest.mark.parametrize(
    ("layers", "shape", "rows"),
    [
        ([Dense(100), Dense(10)], (784,), 1024),  # as ever
        ([Flatten(), Dense(10)], (28, 28), 1024),
        ([Conv2D(64, 3, padding="same"), Flatten(), Dense(10)], (32, 32, 3), 127),
        ([Conv2D(64, 1), MaxPooling2D(2)], (64, 64, 1), 25),
        ([Residual([Conv2D(64, 1)]), Reshape((-1,))], (64, 64, 64), 32),
        ([Conv2D(64, 1)], (1000, 2000, 1), 1),
    ],
)
def test_the_parts_are_as_large_as_the_feature_maps_allow(layers, shape, rows):
    model = glassnet.Sequential(layers)
    model.build(shape)
    assert part_of(model, 10**4, None, "predict") == rows
    assert part_of(model, 10**4, 7, "predict") == 7


def test_what_layers_keep_of_a_sample():
    model = glassnet.Sequential([Reshape((4, 4, 1)), Conv2D(3, 3), BatchNormalization(), Flatten()])
    model.build((16,))
    assert [layer.numbers_kept() for layer in model.layers] == [0, 12 + 16, 36, 0]
    assert model.joined.numbers_kept() == 64
    pooled = glassnet.Sequential([_relu(3), MaxPooling2D(2), Residual([Conv2D(3, 1)]), Flatten()])
    pooled.build((10, 10, 1))  # the 8×8×3 numbers before the pooling are never written down
    assert pooled.joined.numbers_kept() == (2 * 48 + 100) + 2 * 2 * 48
    silu = glassnet.Sequential([Conv2D(3, 1, activation="silu"), Flatten()])
    silu.build((4, 4, 1))
    assert silu.joined.numbers_kept() == 2 * 48 + 16  # z beside y


def _relu(filters):
    return Conv2D(filters, 3, activation="relu")


def test_predictions_of_many_pictures_stay_in_memory():
    """1,000 pictures, whose feature maps would be 262 MB at once."""
    script = """
        import resource
        import numpy as np
        import glassnet
        from glassnet.layers import Dense, GlobalAveragePooling2D, UpSampling2D
        model = glassnet.Sequential([UpSampling2D(8), GlobalAveragePooling2D(), Dense(2)])
        model.compile("sgd", "mse")
        x = np.zeros((1000, 4, 4, 64), np.float32)
        model.fit(x[:8], np.zeros((8, 2)), batch_size=8, verbose=0)
        model.predict(x[:8])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert model.predict(x).shape == (1000, 2)
        model.evaluate(x, np.zeros((1000, 2)))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    pytest.importorskip("resource")
    run = [sys.executable, "-c", textwrap.dedent(script)]
    kilobytes = int(subprocess.run(run, capture_output=True, check=True, text=True).stdout)
    assert kilobytes < 130_000


LIMITS = {
    2: {"memory.max": "1000000", "memory.current": "700000", "memory.stat": "inactive_file 50000"},
    1: {
        "memory/memory.limit_in_bytes": "1000000", "memory/memory.usage_in_bytes": "700000",
        "memory/memory.stat": "cache 1 total_inactive_file 50000",
    },
}  # fmt: skip


@pytest.mark.parametrize("version", LIMITS)
def test_the_limit_of_a_container(tmp_path, version):
    (tmp_path / "memory").mkdir()
    for name, text in LIMITS[version].items():
        (tmp_path / name).write_text(text + "\n")
    assert available._of_container(tmp_path) == 350_000


def test_a_container_without_a_limit(tmp_path):
    assert available._of_container(tmp_path) is None
    (tmp_path / "memory.max").write_text("max\n")
    assert available._of_container(tmp_path) is None


@pytest.mark.parametrize(
    ("stack", "shape", "rows"),
    [
        ([Dense(256, "relu"), Dense(256, "relu"), Dense(10, "softmax")], (64,), 2000),
        ([Conv2D(16, 3, padding="same", activation="relu"), MaxPooling2D(), Flatten(),
          Dense(10, "softmax")], (32, 32, 3), 64),
        ([Conv2D(8, 3, padding="same", activation="relu"), Conv2D(8, 3, activation="relu"),
          GlobalAveragePooling2D(), Dense(10, "softmax")], (32, 32, 3), 64),
        ([Conv2D(8, 3, padding="same"), BatchNormalization(), Flatten(), Dense(10, "softmax")],
         (32, 32, 3), 64),
    ],
)  # fmt: skip
def test_what_a_step_is_said_to_take_is_what_fit_takes(stack, shape, rows):
    """The diagnosis, which goes through the layers one by one, and the batch are in it."""
    model = glassnet.Sequential(stack, seed=0)
    model.compile("adam", "sparse_categorical_crossentropy")
    x = np.random.default_rng(0).random((rows, *shape), dtype=np.float32)
    y = np.arange(rows) % 10
    model.fit(x[:2], y[:2], epochs=1, verbose=0)
    twin = model.copy()
    twin.fit(x, y, batch_size=rows, epochs=1, verbose=0)  # compiles the loops of such a batch
    del twin
    each, beside = model.numbers_of_step()
    tracemalloc.start()
    model.fit(x, y, batch_size=rows, epochs=1, verbose=0)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0.75 < taken / (4 * (rows * each + beside)) < 1.1
