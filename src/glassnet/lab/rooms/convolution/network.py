"""The network of the room: LeNet, trained here, or a saved run with convolutions."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet import Sequential, networks
from glassnet._core.types import Array
from glassnet.errors import GlassnetError
from glassnet.lab.protocol import RefusedError
from glassnet.lab.rooms.convolution.pictures import data_name, drawn
from glassnet.lab.rooms.convolution.subject import Subject
from glassnet.lab.rooms.digits import pictures
from glassnet.lab.rooms.digits.drawing import FORMS
from glassnet.lab.session import saved
from glassnet.lab.session.state import Session
from glassnet.lab.session.trainer import Trainer

BATCH = {"digits": 32, "mnist": 16}  # small: between two batches the page is answered
LEARNED = 10_000  # pictures that are learned from, at most
MEASURED = 500  # pictures of each part that the curves are measured on
MADE_BY = ("conv_data", "conv_seed", "conv_run")


class ConvNetwork:
    """A network with convolutions, and where its training stands.

    Attributes:
        number: of this network among those of the page.
        data: the form of its pictures, "digits" or "mnist".
        trainer: None until :meth:`prepare`, and where the pictures that a run learned from are
            not here.
        classes: what its outputs are called.
    """

    def __init__(self, session: Session, number: int) -> None:
        values = session.values
        self.made_by, self.number = _key(session), number
        self.run = values["conv_run"]
        self.trainer: Trainer | None = None
        if self.run:
            self.model, self.data, learned = open_run(session, self.run)
        else:
            self.data = learned = data_name(session)
            self.model = build(self.data, values["conv_seed"], values["conv_rate"])
        self.side = FORMS[self.data].side
        self.white = _white(self.data)
        classes = self.model.classes
        names = range(self.model.outputs) if classes is None else classes.tolist()
        self.classes = [str(name) for name in names]
        here = learned == "digits" or (
            learned == "mnist" and pictures.mnist_is_here(session.data_dir)
        )
        self.learns_from = learned if here and self.model.objective is not None else ""

    def prepare(self, session: Session) -> Trainer | None:
        """Its training; what it learns from is read when this is first asked."""
        if self.trainer is None and self.learns_from:
            digits = pictures.load(self.learns_from, session.data_dir)
            self.trainer = self._trainer(digits, session)
        return self.trainer

    def _trainer(self, digits: pictures.Pictures, session: Session) -> Trainer:
        x, y = digits.x, digits.y
        if digits.name == "digits":
            x, y = pictures.with_copies(digits, session.values["conv_seed"])
        learned, measured = self.inputs(x[:LEARNED]), self.inputs(digits.x_test[:MEASURED])
        return Trainer(
            self.model, learned, y[:LEARNED], measured, digits.y_test[:MEASURED],
            BATCH[digits.name], measured=MEASURED,
        )  # fmt: skip

    def inputs(self, rows: Array) -> Array:
        """Pictures in rows as the network takes them."""
        assert self.model.input_shape is not None
        return rows.reshape(len(rows), *self.model.input_shape)

    def subject(self, session: Session) -> Subject:
        """The picture of the fields, in the network."""
        picture, ground, about = drawn(session, self.data)
        rows = np.rint(picture.reshape(1, -1) * self.white).astype(np.uint8)
        key = ("network", self.number)
        return Subject(self.model, picture, ground, about, self.inputs(rows), key)

    @property
    def knows(self) -> bool:
        """Whether it has learned anything yet."""
        return bool(self.run) or (self.trainer is not None and not self.trainer.fresh)

    def training(self, session: Session) -> bool:
        """Whether it is being trained now."""
        return self.trainer is not None and session.engine.training is self.trainer

    def tune(self, session: Session) -> None:
        """Take the learning rate of the fields, also while it trains."""
        if self.trainer is not None:
            self.model.optimizer.learning_rate = session.values["conv_rate"]

    def needed(self, session: Session) -> Trainer:
        """Its training.

        Raises:
            RefusedError: the pictures are not here.
        """
        trainer = self.prepare(session)
        if trainer is None:
            text = "The pictures that this network learned from are not on this machine."
            raise RefusedError(text, "digits.no_pictures")
        return trainer


def network_of(session: Session) -> ConvNetwork:
    """The room's network, made again when the fields ask for another."""
    network: ConvNetwork | None = session.room_state.get("conv_network")
    if network is None or network.made_by != _key(session):
        number = 1 if network is None else network.number + 1
        if network is not None and network.training(session):
            session.engine.pause()
        try:
            network = ConvNetwork(session, number)
        except GlassnetError:
            session.room_state.pop("conv_network", None)
            if session.values["conv_run"]:  # it does not fit: the room has its own again
                session.set("conv_run", "")
            raise
        session.room_state["conv_network"] = network
    return network


def _key(session: Session) -> tuple[Any, ...]:
    return tuple(session.values[name] for name in MADE_BY)


def _white(data: str) -> int:
    return 16 if data == "digits" else 255


def build(data: str, seed: int, rate: float) -> Sequential:
    """LeNet for the pictures of ``data``, compiled."""
    side = FORMS[data].side
    model = networks.lenet((side, side), image_max=_white(data), seed=seed)
    optimizer = {"name": "adam", "learning_rate": rate}
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.classes = np.arange(10)
    return model


def open_run(session: Session, name: str) -> tuple[Sequential, str, str]:
    """A saved run: its network, the form of its pictures, and what it learned from.

    Raises:
        RefusedError: it has no convolution, or reads other pictures; says what.
    """
    run = saved.open_named(session, name)
    reason = why_not(run)
    if reason is not None:
        raise reason
    learned = "" if run.facts is None else run.facts.name
    return run.model.copy(), "mnist" if run.inputs == 28 * 28 else "digits", learned


def why_not(run: saved.Saved) -> RefusedError | None:
    """Why the room cannot show it; None: it can."""
    if run.inputs not in (64, 784):
        text = f"It reads {run.inputs} numbers; a picture of a digit has 64 (8×8) or 784 (28×28)."
        return RefusedError(text, "model.no_picture", inputs=run.inputs)
    if not any(len(getattr(layer, "windows", ())) == 2 for layer in run.model.layers):
        return RefusedError("It has no convolution.", "model.no_convolution")
    return None
