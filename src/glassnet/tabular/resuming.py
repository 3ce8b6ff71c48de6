"""The training of an ensemble as a file, and back: it goes on to the bits of the unbroken one.

The file holds where each network stands: its weights, its optimizer, its random state, its best
epoch so far. It is no model: that is made of the networks when all have come to their end.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Protocol

import numpy as np

from glassnet._core.storage import PathLike, read_tensors, write_tensors
from glassnet._core.strict_json import to_json
from glassnet._core.types import Array
from glassnet.errors import ConfigError, DataError, FileFormatError
from glassnet.model.saving import NETWORKS_IN_TRAINING
from glassnet.tabular.members import Member
from glassnet.tabular.recipe import Recipe
from glassnet.training.run import Run

OF_GROUP = ("loss", "epoch", "waited", "last")


class Stands(Protocol):
    """What is asked of the rows that networks learn from: to go on from a chunk."""

    chunks: int

    def go_on(self, chunks: int) -> None:
        """The next chunk is number ``chunks`` of the training, from 0."""


class Trained(Protocol):
    """What is written of a training: where it stands, and what it was made of."""

    run: Run
    task: str
    seed: int
    recipe: Recipe

    @property
    def rows(self) -> Stands:
        """What the networks learn from."""

    @property
    def groups(self) -> Sequence[Any]:
        """Each with ``loss``, ``epoch``, ``waited`` and ``last``."""

    @property
    def members(self) -> Sequence[Member]:
        """All networks."""


def write(training: Trained, path: PathLike) -> None:
    """Write where the training stands, whole or not at all."""
    values, arrays = training.run.get_state()
    tensors = {f"run/{name}": array for name, array in arrays.items()}
    members = []
    for number, member in enumerate(training.members):
        known, own = _state(member)
        members.append(known)
        tensors |= {f"{number}/{name}": array for name, array in own.items()}
    contents = {
        NETWORKS_IN_TRAINING: _about(training),
        "training": values,
        # Text, for JSON has no infinity.
        "groups": [{n: repr(getattr(group, n)) for n in OF_GROUP} for group in training.groups],
        "members": members,
    }
    write_tensors(path, tensors, contents)


def read(training: Trained, path: PathLike) -> None:
    """Put the training where the file was written.

    Raises:
        FileFormatError: none that :func:`write` wrote.
        ConfigError: of another recipe, task or seed.
        DataError: of another table.
    """
    tensors, contents = read_tensors(path, "checkpoint")
    if NETWORKS_IN_TRAINING not in contents:
        raise FileFormatError(
            f"{path}: does not say where the training of an ensemble stood; expected a file that "
            "Checkpoint wrote while one was trained."
        )
    for name, value in _about(training).items():
        if contents[NETWORKS_IN_TRAINING].get(name) != value:
            raise ConfigError(
                f"{path}: was made with another {name}. Resume with the same settings."
            )
    known = contents["members"]
    try:
        for number, (member, values) in enumerate(zip(training.members, known, strict=True)):
            _put(member, values, _below(f"{number}/", tensors))
    except ValueError:
        raise DataError(
            f"{path}: was made with another table: its networks differ. Resume with the same data."
        ) from None
    for group, found in zip(training.groups, contents["groups"]):
        group.loss, group.last = float(found["loss"]), float(found["last"])
        group.epoch, group.waited = int(found["epoch"]), int(found["waited"])
    training.run.set_state(contents["training"], _below("run/", tensors))
    training.rows.go_on(training.run.epoch * training.rows.chunks + training.run.batch)


def _about(training: Trained) -> dict[str, Any]:
    """What a resumed training must share with the one before, as JSON gives it back."""
    about = {"task": training.task, "seed": training.seed, "recipe": asdict(training.recipe)}
    found: dict[str, Any] = json.loads(to_json(about))
    return found


def _state(member: Member) -> tuple[dict[str, Any], dict[str, Array]]:
    network = member.network
    values, arrays = member.run.get_state()
    optimizer = network.optimizer.get_state()
    vectors = optimizer.pop("vectors")
    tensors = {
        "weights": network.parameters.values,
        "best": member.best,
        "best_outputs": member.best_outputs,
        **{f"optimizer/{name}": vector for name, vector in vectors.items()},
        **{f"run/{name}": array for name, array in arrays.items()},
    }
    random = network.rng.bit_generator.state
    return {"run": values, "optimizer": optimizer, "random": random}, tensors


def _put(member: Member, values: dict[str, Any], tensors: dict[str, Array]) -> None:
    """Raises ValueError where the network is of another size, or judged by other rows."""
    network = member.network
    own = network.parameters.values
    best, outputs = tensors["best"], tensors["best_outputs"]
    if best.shape != own.shape or outputs.shape != member.best_outputs.shape:
        raise ValueError
    own[...] = tensors["weights"]
    member.best, member.best_outputs = np.array(best), np.array(outputs)
    vectors = _below("optimizer/", tensors)
    network.optimizer.set_state({**values["optimizer"], "vectors": vectors})
    network.rng.bit_generator.state = values["random"]
    member.run.set_state(values["run"], _below("run/", tensors))


def _below(start: str, tensors: dict[str, Array]) -> dict[str, Array]:
    return {k.removeprefix(start): v for k, v in tensors.items() if k.startswith(start)}
