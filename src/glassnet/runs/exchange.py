"""Trained networks out to other formats, and networks of others into a run's folder."""

from __future__ import annotations

from dataclasses import asdict
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

from glassnet import activations, data, interop, layers, losses
from glassnet._core.settings import number
from glassnet._core.storage import PathLike
from glassnet.errors import ConfigError, FileFormatError, GlassnetError
from glassnet.interop import about
from glassnet.interop.torch.layout import stored_shape
from glassnet.model import Sequential
from glassnet.runs.folder import Facts, RunFolder
from glassnet.runs.recipes import Settings, settings_for

Shape = tuple[int, ...]

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

    Raises:
        ConfigError, UnknownNameError: no such format or data set; data that the network does
            not take; a folder that is not empty.
        FileFormatError, FileNotFoundError: no file of this format, or one that cannot be read.
    """
    model, notes = interop.import_model(source, format)
    *places, channels = model.input_shape or (0,)
    turned = notes.get(about.STORED) == [channels, *places]
    settings, facts, shape = _known(model, notes, source, data_name, data_dir)
    model = _with_entrance(model, shape, divide)
    if model.objective is None:
        _compile(model, facts)
    folder = RunFolder.create(Path(source).stem, out)
    folder.take_in(model, settings, facts, str(source))
    return TakenIn(folder, model, (channels, *places) if turned else ())


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
    f = model.output_activation()
    classes = model.classes is not None or (f is not None and f.gives != "values")
    names = None if model.classes is None else tuple(map(str, model.classes.tolist()))
    rows = model.preprocessing
    if rows is not None:
        classes, names = rows.target.task == "classification", rows.target.class_names
    task = "classification" if classes else "regression"
    facts = Facts(Path(source).stem, task, class_names=names)
    return Settings(""), facts, model.input_shape or ()


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
    f = model.output_activation()
    if f == activations.log_softmax:
        last.activation = f = activations.softmax
    model.compile("adam", losses.for_output(f, facts.task, model.outputs))
