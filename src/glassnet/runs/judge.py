"""How good a model is on samples that it has not learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from glassnet._core.types import Array
from glassnet.data.image_names import spelled
from glassnet.data.table_formats import JSON_LINES, PARQUET, suffix_of
from glassnet.errors import ConfigError
from glassnet.insight.baseline import Constant, never_answered
from glassnet.insight.surest import order_of_mistakes
from glassnet.metrics import classification_report, regression_report
from glassnet.model import Sequential
from glassnet.runs import samples
from glassnet.runs.folder import Facts
from glassnet.runs.recipes import Settings, is_images


def judge(
    model: Sequential, x: Array, y: Array, facts: Facts, constant: Constant | None = None
) -> dict[str, Any]:
    """All numbers for (x, y): plain data, ready for JSON.

    ``loss`` is that of training, penalties included; the others are scikit-learn's, errors of
    regression in the units of the table. ``always`` is what the one answer ``constant`` reaches
    for all rows; if none is given, the commonest class, or the mean, of y itself.
    ``never_answered`` names the classes that y has and that no row is given.
    """
    loss = model.evaluate(x, y)["loss"]
    return judged(model, model.predict(x), loss, y, facts, constant)


def judged(
    model: Sequential,
    outputs: Array,
    loss: float,
    y: Array,
    facts: Facts,
    constant: Constant | None = None,
) -> dict[str, Any]:
    """As :func:`judge`, of what the network gave."""
    found: dict[str, Any] = {"loss": loss}
    if facts.task == "classification":
        outputs = model.loss.class_probabilities(outputs)
        count = outputs.shape[1]
        given = outputs.argmax(axis=1)
        found |= classification_report(y, given, outputs, list(range(count))).to_dict()
        for row in found["per_class"]:
            row["label"] = facts.label(row["label"])
        one = constant or Constant.of(y, count)
        answer = {"answer": facts.label(int(one.answer))}
        found["always"] = {**one.to_dict(), **answer, **one.scores(y)}
        found["never_answered"] = [facts.label(k) for k in never_answered(y, given, count)]
    else:
        true = in_units(model, y)
        found |= regression_report(true, in_units(model, outputs[:, 0])).to_dict()
        one = constant or Constant.of(true)
        found["always"] = {**one.to_dict(), **one.scores(true)}
    return found


def constant_for(model: Sequential, y: Array, facts: Facts) -> Constant:
    """The one answer that suits the answers ``y`` that were learned from."""
    if facts.task == "classification":
        outputs = (model.layers[-1].output_shape or (1,))[-1]
        return Constant.of(y, max(2, outputs))
    return Constant.of(in_units(model, y))


def measure(model: Sequential, x: Array, y: Array, facts: Facts) -> dict[str, float]:
    """The loss and the one number that says most, for (x, y)."""
    found = model.evaluate(x, y)
    if facts.task == "regression":
        found["r2"] = regression_report(np.asarray(y, float), model.predict(x)[:, 0]).r2 or 0.0
    return found


def in_units(model: Sequential, y: Array) -> Array:
    """Numbers that the network learned or gave, in the units of its table."""
    values: Array = np.asarray(y, np.float64)
    return values if model.preprocessing is None else model.preprocessing.decode_target(values)


@dataclass(frozen=True)
class Found:
    """Samples to judge a model on.

    Attributes:
        x, y: as the network reads and learns them.
        said: what they are, in words.
        rows: of a table in a file, the number of each row there, as a spreadsheet shows it.
        file: the name of that table.
        learned: its other rows that are at hand, x, y and numbers: the network learned from them.
        part: whether they are not all of the others.
        numbering: how the rows are numbered, in words.
        files: of a folder of images, the file of each of ``x``.
    """

    x: Array
    y: Array
    said: str
    rows: Array | None = None
    file: str = ""
    learned: tuple[Array, Array, Array] | None = None
    part: bool = False
    numbering: str = ""
    files: tuple[str, ...] | None = None

    def place(self, row: int) -> int | None:
        """Where among ``x`` the row of that number is; None: it is not there."""
        if self.rows is None:
            return row if 0 <= row < len(self.x) else None
        at = np.flatnonzero(self.rows == row)
        return int(at[0]) if len(at) else None


def find_samples(
    model: Sequential,
    settings: Settings,
    name: str | None = None,
    data_dir: str | None = None,
    encoding: str | None = None,
    home: Path | None = None,
) -> Found:
    """What to judge a run on.

    Args:
        name: None, or the run's own data: the part that was held out. Another data set: its
            held-out part. A table or a folder of images: all of it, read as the model was trained.
        data_dir: where the files of a data set lie, if not where they were at training.
        encoding: of the text of another table; None: UTF-8, or as in training.
        home: the folder of the run.

    Raises:
        ConfigError: a table, for a network that did not learn from one.
    """
    if name is None and not settings.data:
        raise ConfigError(
            "this network was imported and does not say what data it is for: name a data set "
            "to judge it on, as in: glassnet evaluate RUN digits"
        )
    if data_dir is not None:
        settings = replace(settings, data_dir=data_dir)
    if not settings.data and name is not None and not samples.is_table(name):
        found = find_samples(model, replace(settings, data=name), None, data_dir, encoding)
        return replace(found, x=_as_taken(model, found.x, name))
    if name is not None and not same_data(name, settings.data):
        if samples.is_table(name):
            return _all_rows(model, settings, name, encoding)
        if is_images(name):
            from glassnet.runs import photos  # Pillow is of images alone

            other = photos.to_judge(model, name)
            return Found(other.x, other.y, photos.described(other, name), files=other.files)
        settings = replace(settings, data=name, target=None, validation=0.0)
    loaded = samples.load(settings, home)
    x, y = loaded.held_out
    if loaded.data.files_test is not None:
        words = (
            f"{len(x):,} images of {settings.test}"
            if settings.test
            else f"{len(x):,} held-out images of {loaded.data.name}"
        )
        if home is not None and loaded.data.notes and loaded.stream is not None:
            words += f" ({'; '.join(loaded.data.notes)})"
        return Found(x, y, words, files=loaded.data.files_test)
    if settings.test:
        said = f"the {len(x):,} rows of {settings.test}"
        return _in_file(model, Found(x, y, said, loaded.data.rows_test), settings.test)
    kind = "fresh" if loaded.fresh else "held-out"
    found = Found(x, y, f"{len(x):,} {kind} samples of {loaded.data.name}", loaded.data.rows_test)
    if found.rows is None:
        return found
    learned = _learned(loaded)
    found = replace(found, learned=learned, part=loaded.stream is not None)
    return _in_file(model, found, settings.data)


def _in_file(model: Sequential, found: Found, path: str) -> Found:
    """With the name of the file, and how its rows are numbered."""
    from glassnet.data.columns import as_numbered  # PyArrow is slow to import

    nameless = model.table is not None and "names" in model.table.reading
    plain = Path(path).is_dir() or suffix_of(path) in (*PARQUET, *JSON_LINES)
    return replace(found, file=path, numbering=as_numbered(1 if plain or nameless else 2))


def _learned(loaded: samples.Samples) -> tuple[Array, Array, Array] | None:
    """The rows that were learned from or watched, as far as they are at hand."""
    data, watched = loaded.data, loaded.validation
    if data.rows is None:
        return None
    if watched is None or loaded.rows_watched is None:
        return data.x, data.y, data.rows
    both = ((data.x, watched[0]), (data.y, watched[1]), (data.rows, loaded.rows_watched))
    x, y, rows = (np.concatenate(two) for two in both)
    return x, y, rows


def _as_taken(model: Sequential, x: Array, name: str) -> Array:
    """Pictures in the shape in which an imported network takes them.

    Raises:
        ConfigError: bytes, whose scaling nobody has said; or samples of another size.
    """
    shape = model.input_shape or ()
    if prod(x.shape[1:]) != prod(shape):
        raise ConfigError(
            f"the network takes samples of shape {shape}, but those of {name} have {x.shape[1:]}."
        )
    if x.dtype == np.uint8 and not any(la.kind == "rescaling" for la in model.all_layers()):
        raise ConfigError(
            f"the network does not say how the pictures of {name} were scaled when it learned. "
            f"Take it in again, and it is found out: glassnet import FILE --data {name}"
        )
    return x.reshape(len(x), *shape)


def same_data(name: str, other: str) -> bool:
    """Whether both name one data set, or one file."""
    both = all(samples.is_table(each) or is_images(each) for each in (name, other))
    return name == other or (both and Path(name).resolve() == Path(other).resolve())


def _all_rows(model: Sequential, settings: Settings, path: str, encoding: str | None) -> Found:
    rows = model.table
    if rows is None and model.preprocessing is not None:
        raise ConfigError(
            f"this network learned from a folder of images ({settings.data}): name another one, "
            "with a folder inside for each class."
        )
    if rows is None:
        raise ConfigError(
            f"this network learned from {settings.data!r} and not from a table: name a data "
            "set to judge it on."
        )
    from glassnet.runs.new_rows import called, encodings, to_judge  # PyArrow, too

    tried = encodings(encoding, settings.encoding)
    found = to_judge(rows, path, tried, drop=settings.missing == "drop")
    said = f" ({found.strange.rstrip('.')})" if found.strange else ""
    words = f"all {len(found.x):,} rows of {called(path)}{said}"
    return _in_file(model, Found(found.x, found.y, words, found.rows), path)


@dataclass(frozen=True)
class Mistakes:
    """What a model gets wrong: how many, and each as plain data, the worst first."""

    count: int
    rows: list[dict[str, Any]]


def worst(
    model: Sequential,
    x: Array,
    y: Array,
    facts: Facts,
    numbers: Array | None = None,
    files: Sequence[str] | None = None,
) -> Mistakes:
    """The wrong answers by their sureness; of regression, all answers by their error.

    Args:
        numbers: what the rows are called; None: they are counted from 0.
        files: of images, their files, which are named beside.
    """
    numbers = np.arange(len(x)) if numbers is None else numbers
    outputs = model.predict(x)
    if facts.task == "classification":
        outputs = model.loss.class_probabilities(outputs)
        number = outputs.argmax(axis=1)
        sure = outputs[np.arange(len(number)), number]
        rows = [
            {
                **({} if files is None else {"file": spelled(files[i])}),
                "row": int(numbers[i]), "true": facts.label(int(y[i])),
                "predicted": facts.label(int(number[i])), "probability": float(sure[i]),
            }
            for i in order_of_mistakes(y, outputs, True)
        ]  # fmt: skip
        return Mistakes(len(rows), rows)
    true, predicted = in_units(model, y), in_units(model, outputs[:, 0])
    error = predicted - true
    rows = [
        {
            "row": int(numbers[i]), "true": float(true[i]), "predicted": float(predicted[i]),
            "error": float(error[i]),
        }
        for i in order_of_mistakes(true, predicted, False)
    ]  # fmt: skip
    return Mistakes(len(rows), rows)
