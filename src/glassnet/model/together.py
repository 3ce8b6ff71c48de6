"""``fit`` by several processes: what must be the same on all, and checkpoints."""

from __future__ import annotations

import tempfile
import warnings
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numba
import numpy as np

from glassnet import __version__
from glassnet._core.attributes import is_ours
from glassnet._core.storage import PathLike
from glassnet._core.types import Array
from glassnet.distribute.group import Group
from glassnet.model import saving
from glassnet.model.samples import Samples
from glassnet.model.trainable import Trainable
from glassnet.training.run import Run

FEW = 8  # samples of a shard, below which their mean and variance say little


def begin(
    model: Trainable, run: Run, group: Group, measured: Mapping[str, Samples | None],
    settings: dict[str, Any],
) -> None:  # fmt: skip
    """All ranks are the same, or all say in what they differ; all have the first one's weights.

    Args:
        measured: the arrays that are learned from, and those that are judged by, by their names.
        settings: of ``fit``.

    Raises:
        DataError: ranks that differ.
    """
    config = saving.config_of(model)
    facts: dict[str, Any] = {
        "the version of glassnet": __version__,
        "the version of NumPy": np.__version__,
        "the version of Numba": numba.__version__,
        "shards": group.shards,
        "how gradients are added": "Allreduce" if group.fast else "ordered",
        "batch_size": run.batch_size,
        "epochs": run.epochs,
        "where the training stands (epoch, batch)": (run.epoch, run.batch),
        "the number of samples": run.sample_count,
        "steps per epoch": run.steps_per_epoch,
        **settings,
        "dtype": config["dtype"],
        "the layers": repr(config["layers"]),
        "optimizer, loss or metrics": repr(config["compile"]),
        "the classes": config["classes"],
        "parameters": model.parameters.size if model.built else "not built",
        "updates made before": model.optimizer.steps,
        "callbacks": [_said(one) for one in run.callbacks if one.kept and not one.once
                      and is_ours(type(one).__module__)],
    }  # fmt: skip
    for data, samples in measured.items():
        for name, array in zip(("x", "y", "sample_weight"), samples or ()):
            if array is not None:
                facts[f"the {data} {name}: shape and CRC"] = (*array.shape, f"{_crc(array):08x}")
    group.begin(run, facts)
    _take(model, group.share(_given(model) if group.rank == 0 else None))
    rows = (run.batch_size or group.shards * FEW) / group.shards
    if model.built and model.parameters.state.size and rows < FEW and group.rank == 0:
        warnings.warn(
            f"a layer normalizes over the batch, and each of {group.shards} shards has its own "
            f"mean and variance, over {rows:g} samples here: that is few. Take fewer shards or a "
            f"batch_size of at least {FEW * group.shards}.",
            stacklevel=5,
        )


def resume(model: Trainable, run: Run, path: PathLike, group: Group | None) -> None:
    """Go on from a checkpoint; of several ranks the first alone needs to see the file."""
    if group is None or group.ranks == 1:
        saving.resume(model, run, path)
        return
    contents = group.everywhere(lambda: saving.in_folder(path, (saving.CHECKPOINT,)).read_bytes())
    if group.rank == 0:
        saving.resume(model, run, path)
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / saving.CHECKPOINT
        copy.write_bytes(contents)
        saving.resume(model, run, copy)


def _given(model: Trainable) -> dict[str, Any]:
    """What the ranks begin with: the weights, or what they will be drawn from."""
    given: dict[str, Any] = {
        "random": model.rng.bit_generator.state,
        "weights": model._weights_rng.bit_generator.state,
    }
    if model.built:
        given |= {"values": model.parameters.values, "state": model.parameters.state}
    if model.optimizer.size is not None:
        given["optimizer"] = model.optimizer.get_state()
    return given


def _take(model: Trainable, given: dict[str, Any]) -> None:
    model.rng.bit_generator.state = given["random"]
    model._weights_rng.bit_generator.state = given["weights"]
    if model.built:
        model.parameters.values[...] = given["values"]
        model.parameters.state[...] = given["state"]
    if model.optimizer.size is not None:
        model.optimizer.set_state(given["optimizer"])


def _said(callback: Any) -> str:
    """Its class and its settings."""
    plain = {name: value for name, value in vars(callback).items()
             if name[0] != "_" and isinstance(value, int | float | str | None)}  # fmt: skip
    return f"{type(callback).__name__}({', '.join(f'{k}={v!r}' for k, v in plain.items())})"


def _crc(array: Array) -> int:
    """Of all its bytes, a piece at a time: it may lie on disk."""
    found = 0
    for start in range(0, len(array), 4096):
        found = zlib.crc32(np.ascontiguousarray(array[start : start + 4096]).data, found)
    return found
