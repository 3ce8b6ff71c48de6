"""What the room shows of its network, as plain data; pictures are bytes in base64."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.explain import explain_prediction
from glassnet.lab.frames import signed_bytes
from glassnet.lab.rooms.digits import pictures
from glassnet.lab.rooms.digits.drawing import Stroke, picture
from glassnet.lab.rooms.digits.network import DigitNetwork
from glassnet.lab.rooms.digits.strokes import END, Line
from glassnet.lab.session.state import Session
from glassnet.vision.covering import fall, side_of
from glassnet.vision.subject import Subject

SURE = 0.99  # a probability beyond which covering a pixel hardly moves it
UNITS_SHOWN = 128  # of the first layer
GALLERY = 60  # mistakes that are shown at once


def packed(values: Array) -> str:
    """Bytes as the page takes them."""
    return base64.b64encode(np.ascontiguousarray(values, np.uint8).tobytes()).decode()


def grey(values: Array) -> str:
    """Pixels from 0 to 1."""
    return packed(np.rint(np.clip(values, 0, 1) * 255))


def strokes_of(lines: tuple[Line, ...]) -> list[Stroke]:
    """The field's whole numbers as strokes."""
    return [
        Stroke(np.array(flat).reshape(-1, 2) / END, width / END, erases)
        for width, erases, flat in lines
    ]


def look(
    network: DigitNetwork, session: Session, lines: tuple[Line, ...], effect: bool = True
) -> dict[str, Any]:
    """A drawing, as the network gets it, and everything that the network says of it.

    ``blank``: nothing is drawn, and the rest is left out but the paper.

    Args:
        effect: also which pixels mattered, which takes most of the time.
    """
    ground = ground_of(network, session.values["digits_base"])
    small = picture(strokes_of(lines), network.form, ground)
    reply = {"side": network.form.side, "picture": grey(small), "version": network.version,
             "knows": network.knows, "blank": not small.max() > 0.05,
             "ground": None, "truth": None}  # fmt: skip
    if ground is not None and network.pictures is not None:
        truth = int(network.pictures.y_test[session.values["digits_base"]])
        reply |= {"ground": grey(ground), "truth": truth}
    if reply["blank"]:
        return reply
    row = network.inputs(rows_of(network, small[None]))
    outputs = network.model.predict(row)[0].astype(float)
    digit = session.values["digits_about"]
    about = int(outputs.argmax()) if digit < 0 else digit
    reply |= {"outputs": outputs.tolist(), "says": int(outputs.argmax()), "about": about}
    if effect:
        reply |= effect_of(network, session, row, about)
    return reply | first_layer(network, row)


def effect_of(network: DigitNetwork, session: Session, row: Array, about: int) -> dict[str, Any]:
    """Which pixels of a picture mattered for the answer ``about``.

    ``of_score``: covering was measured by the score, because the probability hardly moves.
    """
    side = network.form.side
    why = explain_prediction(
        network.model, row, label_of(network, about), image_shape=(side, side)
    )  # fmt: skip
    occlusion = session.values["digits_way"] == "occlusion"
    p = why.probability
    of_score = occlusion and p is not None and not 1 - SURE <= p <= SURE
    effect = why.occlusion if occlusion else why.gradient_times_input
    if of_score:
        subject = Subject(why.about, why.output, 1.0)
        covered = side_of(None, (side, side), "the lab")
        effect = fall(network.model.copy(), why.x, np.zeros_like(why.x), subject, (side, side),
                      covered, scores=True)  # fmt: skip
    effect = effect.reshape(side, side)
    scale = float(np.abs(effect).max())
    return {
        "effect": packed(signed_bytes(effect, scale or 1.0)),
        "scale": scale,
        "of_score": of_score,
    }


def rows_of(network: DigitNetwork, small: Array) -> Array:
    """Pictures from 0 to 1 as rows of bytes up to the data's white."""
    rows: Array = np.rint(small.reshape(len(small), -1) * network.white)
    return rows.astype(np.uint8)


def ground_of(network: DigitNetwork, index: int) -> Array | None:
    """The test picture that is drawn on, if there is one."""
    if index < 0 or network.pictures is None or index >= len(network.pictures.x_test):
        return None
    return network.pictures.test_picture(index)


def label_of(network: DigitNetwork, digit: int) -> Any:
    """What the model calls a digit."""
    classes = network.model.classes
    return digit if classes is None else classes[digit].item()


def first_layer(network: DigitNetwork, row: Array) -> dict[str, Any]:
    """What the first layer gives for one picture: a number for each unit, a map for each filter."""
    x: Array = network.model.take_input(row)
    with np.errstate(all="ignore"):
        for layer in network.model.layers[: network.first + 1]:
            x = layer.forward(x)
    numbers = x[0].astype(np.float64)
    if not network.filters:
        return {"activations": numbers[:UNITS_SHOWN].tolist()}
    return {"maps": map_pictures(numbers, UNITS_SHOWN)}


def map_pictures(numbers: Array, most: int) -> dict[str, Any]:
    """Maps (rows, columns, channels) as pictures, channel by channel, on one scale."""
    maps = np.moveaxis(numbers[..., :most], -1, 0)
    scale = float(np.abs(maps).max(initial=0.0)) or 1.0
    return {"shape": list(maps.shape), "scale": scale, "pixels": packed(signed_bytes(maps, scale))}


def units(network: DigitNetwork) -> dict[str, Any]:
    """What the first layer sees: the weights of its units, or its filters."""
    layer = network.model.layers[network.first]
    shown = first_layer_pictures(layer, network.form.side, UNITS_SHOWN)
    return {"version": network.version} | shown


def first_layer_pictures(layer: Any, side: int, most: int) -> dict[str, Any]:
    """The weights of units that read ``side`` × ``side`` pixels, or of filters, on one scale.

    ``shape``: of each picture, (rows, columns).
    """
    W = np.asarray(layer.W, np.float64)
    shape = W.shape[:2] if W.ndim == 4 else (side, side)
    weights = W.reshape(-1, W.shape[-1])[:, :most].T
    scale = float(np.abs(weights).max()) or 1.0
    biases = layer.b[:most].tolist() if layer.use_bias else []
    return {"filters": W.ndim == 4, "shape": list(shape), "count": W.shape[-1],
            "weights": packed(signed_bytes(weights, scale)), "scale": scale, "biases": biases,
            "activation": layer.activation.name}  # fmt: skip


def progress(network: DigitNetwork, session: Session) -> dict[str, Any]:
    """Where the training stands."""
    trainer = network.trainer
    reply: dict[str, Any] = {
        "version": network.version, "knows": network.knows, "missing": network.missing,
        "run": network.run,
        "mnist": pictures.mnist_is_here(session.data_dir), "training": False,
        "parameters": network.model.parameters.size, "side": network.form.side,
        "data": "digits" if network.form.side == 8 else "mnist", "filters": network.filters,
    }  # fmt: skip
    if trainer is None:
        return reply
    return reply | {
        "training": network.training(session),
        "stopped": trainer.stopped,
        "epoch": trainer.epoch,
        "share": trainer.batch / trainer.steps_per_epoch,
        "measured": trainer.measured,
        "curves": trainer.curves.array().tolist(),
        "n_train": len(trainer.x),
        "n_test": len(trainer.x_test),
        "seconds": trainer.seconds,
    }


def mistakes(network: DigitNetwork, session: Session) -> dict[str, Any]:
    """The confusion matrix of the test part, and the mistakes that the filter leaves."""
    if network.pictures is None:
        return {"total": 0, "shown": [], "matrix": [], "side": network.form.side, "wrong": 0}
    truth = network.pictures.y_test
    predicted, sure = network.mistakes()
    matrix = np.zeros((10, 10), int)
    np.add.at(matrix, (truth, predicted), 1)
    wrong = predicted != truth
    values = session.values
    for wanted, labels in ((values["mistake_true"], truth), (values["mistake_said"], predicted)):
        if wanted >= 0:
            wrong = wrong & (labels == wanted)
    places = np.flatnonzero(wrong)
    surest = places[np.argsort(-sure[places], kind="stable")][:GALLERY]
    shown = [
        {"index": int(i), "true": int(truth[i]), "said": int(predicted[i]), "sure": float(sure[i]),
         "picture": grey(network.pictures.test_picture(int(i)))}
        for i in surest
    ]  # fmt: skip
    return {"matrix": matrix.tolist(), "total": len(places), "shown": shown,
            "side": network.form.side, "wrong": int((predicted != truth).sum()),
            "tested": len(truth), "version": network.version}  # fmt: skip
