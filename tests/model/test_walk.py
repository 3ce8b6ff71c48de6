"""The walk of a number from ``fit`` to the update: few files, and none is come back to."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet import Sequential, layers
from glassnet.callbacks import EarlyStopping

ROOT = str(Path(glassnet.__file__).parent) + "/"
X = np.random.default_rng(0).normal(size=(90, 2)).astype(np.float32)
Y = np.arange(90) % 3
VALIDATION = (X[:30], Y[:30])

# Where the order of things is decided. The rest of what a fit enters are tools (_core), what
# happens beside (callbacks, diagnosis), and the kinds that a step asks (layers, losses …).
WAY = ("model/", "training/", "data/")
MOST = 8

Call = tuple[str, str]  # file, function
Stack = list[Call]


def network(built: bool = True) -> Sequential:
    model = Sequential([layers.Dense(4, "relu"), layers.Dense(3, "softmax")], seed=0)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    if built:
        model.build(2)
        model.classes = np.arange(3)
    return model


def calls_of(action: Callable[[], Any]) -> list[Stack]:
    """For each call of one of our functions: the stack of ours, from the outermost on."""
    stacks: list[Stack] = []

    def record(frame: FrameType, event: str, argument: object) -> None:
        if event != "call" or not frame.f_code.co_filename.startswith(ROOT):
            return
        stack: Stack = []
        at: FrameType | None = frame
        while at is not None:
            if at.f_code.co_filename.startswith(ROOT):
                stack.append((at.f_code.co_filename.removeprefix(ROOT), at.f_code.co_name))
            at = at.f_back
        stacks.append(stack[::-1])

    action()  # kernels that are compiled while the recorder listens take minutes
    before = sys.getprofile()
    sys.setprofile(record)
    try:
        action()
    finally:
        sys.setprofile(before)
    return stacks


def arrays(model: Sequential) -> None:
    model.fit(X, Y, validation_data=VALIDATION, verbose=0, callbacks=[EarlyStopping()])


def batches(model: Sequential) -> None:
    model.fit([(X[:45], Y[:45]), (X[45:], Y[45:])], validation_data=VALIDATION, verbose=0)


FITS = pytest.mark.parametrize("fit", [arrays, batches])
BUILT = pytest.mark.parametrize("built", [True, False])


@FITS
@BUILT
def test_from_fit_to_the_loop_it_is_eight_files(fit: Any, built: bool) -> None:
    walk: list[str] = []
    for stack in calls_of(lambda: fit(network(built))):
        if any(function == "train_step" for _, function in stack):
            break
        file = stack[-1][0]
        if file.startswith(WAY) and file not in walk and ("model/sequential.py", "fit") in stack:
            walk.append(file)
    else:
        pytest.fail("no step was made")
    assert walk[0] == "model/sequential.py" and "training/loop.py" in walk
    assert len(walk) <= MOST, " → ".join(walk)


@FITS
@BUILT
def test_no_call_of_a_whole_fit_climbs_back(fit: Any, built: bool) -> None:
    """A climb: one file calls another that is further up on the way already."""
    climbs = []
    for stack in calls_of(lambda: fit(network(built))):
        if ("model/sequential.py", "fit") not in stack:
            continue
        calls = [call for call in stack if not call[0].startswith("_core/")]  # tools know nobody
        files = [file for file, _ in calls[calls.index(("model/sequential.py", "fit")) :]]
        back = len(files) > 2 and files[-1] != files[-2] and files[-1] in files[:-2]
        # a class and its base, in the folder of a kind, are one thing in two files
        relatives = back and Path(files[-1]).parent == Path(files[-2]).parent
        if back and (files[-1].startswith(WAY) or not relatives):
            climbs.append(" → ".join(f"{file}:{function}" for file, function in stack[-4:]))
    assert not climbs, "\n".join(dict.fromkeys(climbs))


def test_from_the_step_down_it_is_the_optimizer_s_turn_at_once() -> None:
    """fit → the loop → the step → the optimizer: four files lie between the call and the update."""
    for stack in calls_of(lambda: arrays(network())):
        if stack[-1][0] == "optimizers/base.py" and ("model/trainable.py", "train_step") in stack:
            files = list(dict.fromkeys(file for file, _ in stack))
            assert files[files.index("model/sequential.py") :] == [
                "model/sequential.py", "training/loop.py", "model/trainable.py",
                "optimizers/base.py",
            ]  # fmt: skip
            return
    pytest.fail("no step was made")
