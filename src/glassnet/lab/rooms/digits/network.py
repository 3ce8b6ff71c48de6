"""The network of the room: made from the fields, or a saved run; its training; its mistakes."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet import Sequential, layers, networks
from glassnet._core.types import Array
from glassnet.errors import GlassnetError
from glassnet.lab.protocol import RefusedError
from glassnet.lab.rooms.digits import pictures
from glassnet.lab.rooms.digits.drawing import FORMS
from glassnet.lab.rooms.digits.pictures import Pictures
from glassnet.lab.session import curves, saved
from glassnet.lab.session.state import Session
from glassnet.lab.session.trainer import Trainer
from glassnet.lab.session.until import condition

PACE = 8.0  # epochs a second at most, so that one sees it learn
BATCH = {"digits": 32, "mnist": 128}
MEASURED = 2000  # training pictures that the curves are measured on
MADE_BY = (
    "digits_data", "digits_network", "digits_units", "digits_copies", "digits_seed", "digits_run",
)  # fmt: skip


class DigitNetwork:
    """A network for pictures of digits, and where its training stands.

    Attributes:
        pictures: None where a saved run learned from pictures that are not here.
        first: the place of the layer that reads the pixels: Dense, or a convolution.
        filters: whether that is a convolution.
        missing: the field asks for MNIST, and its files are not here.
    """

    def __init__(self, session: Session) -> None:
        values = session.values
        self.made_by = _key(session)
        self.run = values["digits_run"]
        self.missing = False
        if self.run:
            self.model, name = open_run(session, self.run)
        else:
            name = values["digits_data"]
        here = name == "digits" or pictures.mnist_is_here(session.data_dir)
        if not self.run and not here:
            self.missing, name, here = True, "digits", True
        self.form = FORMS[name]
        self.white = 16 if name == "digits" else 255
        self.pictures: Pictures | None = None
        self.trainer: Trainer | None = None
        if here:
            self.pictures = pictures.load(name, session.data_dir)
        if not self.run:
            self.model = build(self.white, self.form.side, values)
        dense, filters = (
            find(self.model.layers) for find in (saved.first_dense, saved.first_filters)
        )
        self.filters = filters is not None
        self.first = filters or dense or 0
        self._judged: tuple[int, tuple[Array, Array]] | None = None
        if self.pictures is not None:
            self.trainer = self._trainer(self.pictures, values)
        history = saved.open_named(session, self.run).history if self.run else None
        if self.trainer is not None and history is not None and history.epoch:
            self.trainer.stands_at(history.epoch[-1] + 1, curves.of_history(history))
            self.trainer.touched()

    def _trainer(self, digits: Pictures, values: dict[str, Any]) -> Trainer:
        # a run has learned from the pictures as they are
        copies = values["digits_copies"] and digits.name == "digits" and not self.run
        x, y = digits.x, digits.y
        if copies:
            x, y = pictures.with_copies(digits, values["digits_seed"])
        return Trainer(
            self.model, self.inputs(x), y, self.inputs(digits.x_test), digits.y_test,
            BATCH[digits.name], measured=MEASURED,
        )  # fmt: skip

    def inputs(self, rows: Array) -> Array:
        """Pictures in rows as the network takes them."""
        assert self.model.input_shape is not None
        return rows.reshape(len(rows), *self.model.input_shape)

    @property
    def version(self) -> int:
        """Changes with every update of the weights."""
        return self.model.optimizer.steps if self.trainer is not None else 0

    @property
    def knows(self) -> bool:
        """Whether it has learned anything yet."""
        return bool(self.run) or (self.trainer is not None and not self.trainer.fresh)

    def training(self, session: Session) -> bool:
        """Whether it is being trained now."""
        return self.trainer is not None and session.engine.training is self.trainer

    def train(self, session: Session) -> None:
        """Go on for as many epochs as the fields say."""
        trainer = self._needed()
        trainer.go_on()
        trainer.until = condition("epochs", session.values["digits_epochs"], trainer)
        self.tune(session)
        session.engine.play(trainer, PACE)

    def tune(self, session: Session) -> None:
        """Take the learning rate of the fields, also while it trains."""
        if self.trainer is not None:
            self.model.optimizer.learning_rate = session.values["digits_rate"]

    def _needed(self) -> Trainer:
        if self.trainer is None:
            text = "The pictures that this network learned from are not on this machine."
            raise RefusedError(text, "digits.no_pictures")
        return self.trainer

    def mistakes(self) -> tuple[Array, Array]:
        """Of the test part: the answers (n,) and how sure they were (n,)."""
        assert self.pictures is not None
        if self._judged is None or self._judged[0] != self.version:  # a filter asks again
            with np.errstate(all="ignore"):
                y = self.model.predict(self.inputs(self.pictures.x_test))
            predicted = y.argmax(axis=1)
            self._judged = (self.version, (predicted, y[np.arange(len(y)), predicted]))
        return self._judged[1]


def network_of(session: Session) -> DigitNetwork:
    """The room's network, made again when the fields ask for another."""
    network: DigitNetwork | None = session.room_state.get("digits")
    if network is None or network.made_by != _key(session):
        if network is not None and network.training(session):
            session.engine.pause()
        try:
            network = DigitNetwork(session)
        except GlassnetError:
            session.room_state.pop("digits", None)
            if session.values["digits_run"]:  # it does not fit: the room has its own again
                session.set("digits_run", "")
            raise
        session.room_state["digits"] = network
    return network


def _key(session: Session) -> tuple[Any, ...]:
    return tuple(session.values[name] for name in MADE_BY)


def build(white: int, side: int, values: dict[str, Any]) -> Sequential:
    """The network that the fields ask for, over pictures of ``side`` × ``side`` up to ``white``."""
    make = convolutional if values["digits_network"] == "convolution" else dense
    model = make(white, side, values)
    optimizer = {"name": "adam", "learning_rate": values["digits_rate"]}
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.classes = np.arange(10)
    return model


def dense(white: int, side: int, values: dict[str, Any]) -> Sequential:
    """Pixels, scaled to 0 … 1 → ReLU units → a softmax over the ten digits."""
    model = Sequential(
        [
            layers.Rescaling(1 / white, name="pixels"),
            layers.Dense(values["digits_units"], "relu", kernel_initializer="he_normal",
                         name="hidden1"),
            layers.Dense(10, "softmax", name="output"),
        ],
        seed=values["digits_seed"],
        name="digits",
    )  # fmt: skip
    model.build((side**2,))
    return model


def convolutional(white: int, side: int, values: dict[str, Any]) -> Sequential:
    """LeNet-5 for MNIST; for smaller pictures Keras's first example with half of its filters.

    Of 210 drawings by lines like a hand's, this one read 95 % after 20 epochs on the 8×8 digits and
    their copies (the mean of two seeds), LeNet 91 %, as many as the dense network does.
    """
    shape, seed = (side, side), values["digits_seed"]
    if side >= 28:
        return networks.lenet(shape, image_max=white, seed=seed)
    return networks.cnn(shape, width=0.5, dropout=0.0, image_max=white, seed=seed)


def open_run(session: Session, name: str) -> tuple[Sequential, str]:
    """A saved run whose network reads pictures of digits, and which pictures.

    Raises:
        RefusedError: it reads something else; says what.
    """
    run = saved.open_named(session, name)
    reason = why_not(run)
    if reason is not None:
        raise reason
    return run.model.copy(), "mnist" if run.inputs == 28 * 28 else "digits"


def why_not(run: saved.Saved) -> RefusedError | None:
    """Why the room of digits cannot show it; None: it can."""
    name = None if run.facts is None else run.facts.name
    if name not in (None, "digits", "mnist"):
        if not name:
            text = (
                "It learned from data of your program, and what is drawn in this room are digits."
            )
            return RefusedError(text, "model.no_digits_given")
        text = f"It learned from {name}, and what is drawn in this room are digits."
        return RefusedError(text, "model.no_digits_data", data=name)
    if run.inputs not in (64, 784):
        text = f"It reads {run.inputs} numbers; a picture of a digit has 64 (8×8) or 784 (28×28)."
        return RefusedError(text, "model.no_picture", inputs=run.inputs)
    f, classes = run.model.output_function(), run.model.classes
    digits = classes is None or [str(c) for c in classes.tolist()] == list("0123456789")
    if run.model.outputs != 10 or f is None or f.name != "softmax" or not digits:
        text = "It does not answer with ten probabilities, one for each digit."
        return RefusedError(text, "model.no_ten")
    found = [find(run.model.layers) for find in (saved.first_dense, saved.first_filters)]
    if found == [None, None]:
        text = "Its first layer is neither a Dense layer nor a convolution on the pixels."
        return RefusedError(text, "model.no_dense")
    return None
