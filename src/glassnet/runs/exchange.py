"""Trained networks out to other formats, and networks of others into a run's folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

from glassnet import activations, data, interop, layers, losses
from glassnet._core.settings import number
from glassnet._core.storage import PathLike
from glassnet.errors import ConfigError, FileFormatError, GlassnetError
from glassnet.interop import about
from glassnet.interop.torch.bare import WeightsAloneError
from glassnet.interop.torch.layout import stored_shape
from glassnet.model import Sequential
from glassnet.runs import weights
from glassnet.runs.folder import Facts, RunFolder
from glassnet.runs.recipes import Settings, settings_for
from glassnet.runs.weights import Pictures

Shape = tuple[int, ...]

BOOK = Facts(  # what the book's digit networks are for
    "mnist", "classification", tuple(map(str, range(10))), None, (28, 28), 255
)

RUN = "run"  # the note under which a file keeps what the run was


class TakenIn(NamedTuple):
    """What became of a file.

    Attributes:
        stored: the shape of a sample in the file, where it has the channels of images first.
    """

    folder: RunFolder
    model: Sequential
    stored: Shape = ()


def export(source: PathLike, out: PathLike, format: str | None = None) -> dict[str, Any]:
    """Write the network of a run's folder, or of a model file, in another format.

    Args:
        format: one of ``interop.FORMATS``; by default what the suffix of ``out`` says.

    Returns:
        What was written: format, file, bytes, parameters; stored_shape: of a sample there, where
        it has the channels of images first.

    Raises:
        ConfigError, UnknownNameError: no such format, or a layer that it cannot have.
        FileFormatError, FileNotFoundError: no run and no model.
    """
    names, notes = None, None
    if Path(source).is_file():
        if Path(source).suffix.lower() != ".safetensors":
            raise FileFormatError(
                f"{source}: no run, and no model of glassnet. To turn one format into another, "
                f"take it in first: glassnet import {source}"
            )
        model = Sequential.load(source)
    else:
        folder = RunFolder.open(source)
        model, facts = folder.model(), folder.facts()
        names = facts.class_names
        notes = {RUN: {"settings": folder.settings().to_config(), "data": asdict(facts)}}
    chosen = interop.export_model(model, out, format, class_names=names, notes=notes)
    return {
        "format": chosen,
        "file": str(out),
        "bytes": Path(out).stat().st_size,
        "parameters": model.parameters.size,
        "stored_shape": stored_shape(model) if chosen == "torch" else None,
    }


def take_in(
    source: PathLike,
    out: PathLike | None = None,
    format: str | None = None,
    data_name: str | None = None,
    divide: float | None = None,
    data_dir: str | None = None,
    say: Callable[[str], object] = str,
    activation: str | None = None,
    network: str | None = None,
) -> TakenIn:
    """Make a run's folder of a network in another format, to evaluate, predict and plot with.

    A file that ``export`` wrote from a run knows the run's data. For others, ``data_name`` is
    the data set that the network is for; a network of rows that is to see images gets a Flatten
    before it. A network that does not say its loss gets the one that fits its last activation;
    a log_softmax at the end becomes a softmax.

    Args:
        out: the folder; runs/NAME, runs/NAME-2 … when not given.
        format: one of ``interop.FORMATS``; by default what the suffix of ``source`` says.
        divide: what the inputs were divided by when the network learned: 255 for the bytes of
            images. It becomes a Rescaling before the network.
        data_dir: a folder that has the files of a data set that would be downloaded.
        say: is told what was found out.
        activation, network: of weights alone, which say nothing of the network around them: what
            stands behind their hidden layers, and one of ``glassnet.networks`` that they are of
            (by default dense layers). With ``data_name`` the activation is found out.

    How the inputs were scaled belongs to the network: the book's were divided by 255. Of others
    that are for images, both ways are tried on some of them, and the better one is taken.

    Raises:
        ConfigError, UnknownNameError: no such format or data set; data that the network does
            not take; a folder that is not empty.
        FileFormatError, FileNotFoundError: no file of this format, or one that cannot be read.
    """
    try:
        model, notes = interop.import_model(source, format)
    except WeightsAloneError as alone:
        model, notes = (
            weights.network(alone, source, activation, network, data_name, data_dir, say),
            {},
        )
    else:
        if activation is not None or network is not None:
            raise ConfigError(
                f"{source}: says its network itself; --activation and --network are for files of "
                "weights alone."
            )
    *places, channels = model.input_shape or (0,)
    turned = notes.get(about.STORED) == [channels, *places]
    if data_name is None and not notes and _of_the_book(model, source, format):
        settings = settings_for(BOOK.name, {"data_dir": data_dir})
        facts, shape = BOOK, BOOK.image_shape or ()
        if divide is None:
            divide = float(BOOK.image_max or 1)
            say(
                f"It is a digit network of the book, for {BOOK.name}, whose pictures it saw "
                f"divided by {divide:g} (--divide 1, if this one did not)."
            )
    else:
        settings, facts, shape = _known(model, notes, source, data_name, data_dir)
    if divide is None and data_name is not None and facts.image_max is not None:
        divide = _found_divisor(model, facts, data_name, data_dir, say)
    model = _with_entrance(model, shape, divide)
    if notes.get(about.BEHIND):
        say(
            f"Behind the network the file has {', '.join(notes[about.BEHIND])}, which only read "
            "its answer: left out."
        )
    if data_name is not None:
        _agree_on_classes(model, facts, say)
    if model.objective is None:
        _compile(model, facts)
    folder = RunFolder.create(Path(source).stem, out)
    folder.take_in(model, settings, facts, str(source))
    return TakenIn(folder, model, (channels, *places) if turned else ())


def _of_the_book(model: Sequential, source: PathLike, format: str | None) -> bool:
    pickled = format == "dlfs" or (format is None and Path(source).suffix.lower() == ".pkl")
    return pickled and prod(model.input_shape or ()) == 28 * 28 and model.outputs == 10


def _found_divisor(
    model: Sequential, facts: Facts, name: str, data_dir: str | None, say: Callable[[str], object]
) -> float | None:
    """What the bytes of images are best divided by: by their white, or not at all (None)."""
    if any(layer.kind == "rescaling" for layer in model.all_layers()):
        return None
    pictures, white = Pictures.of(name, data_dir), float(facts.image_max or 1)
    right = {divisor: pictures.right(model, divisor) for divisor in (white, 1.0)}
    divided = right[white] >= right[1.0]
    say(
        f"Its inputs {f'are divided by {white:g}' if divided else 'stay as they are'}: of "
        f"{len(pictures.x):,} training pictures {right[white]:.1%} are right divided by {white:g}, "
        f"and {right[1.0]:.1%} as they are."
    )
    return white if divided else None


def _known(
    model: Sequential,
    notes: dict[str, Any],
    source: PathLike,
    data_name: str | None,
    data_dir: str | None,
) -> tuple[Settings, Facts, Shape]:
    """What the network is for: as the user says, as the file says, or as the network looks."""
    if data_name is not None:
        loaded = data.load(data_name, data_dir=data_dir)
        shape = loaded.x.shape[1:]
        answers = loaded.n_classes or 1
        if prod(shape) != prod(model.input_shape or ()) or not (
            model.outputs == answers or (model.outputs, answers) == (1, 2)
        ):
            raise ConfigError(
                f"{source}: takes samples of shape {model.input_shape} and gives {model.outputs} "
                f"outputs, but {data_name} has samples of shape {shape} and {answers} "
                f"{'classes' if loaded.n_classes else 'value'}."
            )
        return settings_for(data_name, {"data_dir": data_dir}), Facts.of(loaded), shape
    if isinstance(notes.get(RUN), dict):
        try:
            run = notes[RUN]
            shape = model.input_shape or ()
            return Settings.from_config(run["settings"]), Facts.from_config(run["data"]), shape
        except (GlassnetError, KeyError) as error:
            raise FileFormatError(f"{source}: its notes are damaged ({error}).") from None
    f = model.output_function()
    classes = model.classes is not None or (f is not None and f.gives != "values")
    names = None if model.classes is None else tuple(map(str, model.classes.tolist()))
    rows = model.preprocessing
    if rows is not None:
        classes, names = rows.target.task == "classification", rows.target.class_names
    task = "classification" if classes else "regression"
    facts = Facts(Path(source).stem, task, class_names=names)
    return Settings(""), facts, model.input_shape or ()


def _agree_on_classes(model: Sequential, facts: Facts, say: Callable[[str], object]) -> None:
    """The labels of the file are those of the data: in the same order, or nobody knows which."""
    if model.classes is None or facts.class_names is None:
        return
    theirs, ours = tuple(map(str, model.classes.tolist())), facts.class_names
    numbers = tuple(map(str, range(len(ours))))
    if set(theirs) == set(ours) and theirs != ours:
        raise ConfigError(
            f"its classes are {', '.join(theirs)}, those of {facts.name} {', '.join(ours)}: the "
            "same in another order."
        )
    if theirs not in (ours, numbers):
        say(f"Its classes {', '.join(theirs)} are taken for {', '.join(ours)}, in this order.")
    model.classes = None  # as the data has them: numbers


def _with_entrance(model: Sequential, shape: Shape, divide: float | None) -> Sequential:
    """The network with what its inputs need before it, and the same weights."""
    before: list[layers.Layer] = []
    if shape != model.input_shape:
        before.append(layers.Flatten() if len(model.input_shape or ()) == 1
                      else layers.Reshape(model.input_shape or ()))  # fmt: skip
    if divide is not None:
        before.append(layers.Rescaling(1 / number("import", "divide", divide, above=0.0)))
    if not before:
        return model
    config = model.get_config()
    known = [layer for layer in config["layers"] if layer["layer"] != "input"]
    config["layers"] = [layer.get_config() for layer in before] + known
    whole = Sequential.from_config({**config, "input_shape": list(shape)})
    whole.parameters.values[...] = model.parameters.values  # none of those before has weights
    whole.parameters.state[...] = model.parameters.state
    return whole


def _compile(model: Sequential, facts: Facts) -> None:
    """Choose the loss that reads the network's output as it is.

    A log_softmax at the end becomes a softmax: glassnet's losses and reports read that.
    """
    last: Any = model.layers[-1]
    f = model.output_function()
    if f == activations.log_softmax and last.function is not None:
        last.activation = f = activations.softmax
    model.compile("adam", losses.for_output(f, facts.task, model.outputs))
