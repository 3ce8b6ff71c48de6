"""What the room of saved runs can be asked, and told to do."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import data, plots
from glassnet.errors import FileFormatError, GlassnetError
from glassnet.lab.frames import signed_bytes
from glassnet.lab.protocol import Args, RefusedError, by_name
from glassnet.lab.rooms.convolution import network as convolution
from glassnet.lab.rooms.digits import network
from glassnet.lab.rooms.digits.showing import first_layer_pictures, packed
from glassnet.lab.rooms.model.learned import learned, one_row, use_table
from glassnet.lab.rooms.model.one_row import form, try_row
from glassnet.lab.rooms.playground import exporting, measure, opening
from glassnet.lab.rooms.step import explaining, subject
from glassnet.lab.session import saved
from glassnet.lab.session.plane import LARGE, plane_of
from glassnet.lab.session.saved import Saved
from glassnet.lab.session.state import Session
from glassnet.plots.maps import has_maps
from glassnet.runs.folder import RunFolder
from glassnet.runs.recipes import MADE_UP, Settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure


PICTURES = 64  # units whose weights are shown as pictures
MOST_INPUTS = 64  # of data that a map is cut through
DRAWN_UNITS = 8  # of a layer in the drawing
HERE = (*MADE_UP, "iris", "wine", "breast_cancer", "diabetes", "digits")  # nothing to download


def runs(session: Session, args: Args) -> dict[str, Any]:
    """The saved runs, each in a line."""
    rows = [_brief(name, path) for name, path in saved.listed(session).items()]
    return {"runs": rows, "chosen": session.values["run"]}


def _brief(name: str, path: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "data": "", "network": "", "number": None, "kind": ""}
    if isinstance(path, Saved):
        return row | {"kind": "given"}
    if not path.is_dir():
        return row | {"kind": "file"}
    try:
        folder = RunFolder.open(path)
        settings = folder.settings()
        row |= {"data": folder.facts().name, "network": _network(settings)}
        if not folder.finished:
            return row | {"kind": "unfinished"}
        row |= _number(folder.report())
    except (GlassnetError, OSError):
        row["kind"] = "damaged"
    return row


def _network(settings: Settings) -> str:
    """The units of dense layers, the name of another network, or that of the run it began with."""
    if settings.start is not None:
        return f"← {settings.start}"
    dense = "-".join(str(units) for units in settings.layers)
    return dense if settings.network == "mlp" else settings.network


def _number(report: dict[str, Any]) -> dict[str, Any]:
    """The one number that says most of a run."""
    test = report.get("held_out")
    for name in ("accuracy", "r2"):
        value = test.get(name) if isinstance(test, dict) else None
        if isinstance(value, (int, float)):
            return {"kind": name, "number": float(value)}
    return {}


def look(session: Session, args: Args) -> dict[str, Any]:
    """Everything that is shown of the chosen run."""
    run = saved.open_named(session, session.values["run"])
    return {
        "name": run.name,
        "data": "" if run.facts is None else run.facts.name,
        "parameters": run.model.parameters.size,
        "layers": _layers(run),
        "members": subject.members_of(run.model),
        "settings": None if run.settings is None else run.settings.to_config(),
        "report": {} if run.report is None else _number(run.report),
        "history": _history(run),
        "weights": _weights(run),
        "pictures": _pictures(run),
        "map": _map(run),
        "drawing": _drawing(run, args.choice("language", exporting.LANGUAGES, "en")),
        "fits": {"playground": _reason(opening.why_not(run)),
                 "step": _reason(not_step(run)),
                 "digits": _reason(network.why_not(run)),
                 "convolution": _reason(convolution.why_not(run))},
    }  # fmt: skip


def open_playground(session: Session, args: Args) -> dict[str, Any]:
    """The run in the playground, and from there in the room of one step."""
    opening.into_playground(session, saved.open_named(session, session.values["run"]))
    session.set("step_run", "")
    return {"room": "playground"}


def open_step(session: Session, args: Args) -> dict[str, Any]:
    """One step of the run, or of one network of its ensemble, on its own data."""
    run = saved.open_named(session, session.values["run"])
    session.set("step_run", run.name)
    session.set("step_member", args.whole("member", 0, 199, 0))
    session.set("step_at", 0)
    subject.subject_of(session)
    session.set("room", "step")
    return {"room": "step"}


def not_step(run: Saved) -> RefusedError | None:
    """Why One step cannot take it apart; None: it can."""
    reason = subject.why_not(run)
    if reason is not None:
        return reason
    one = run.model.member(0) if subject.members_of(run.model) else run.model
    return explaining.too_large(one)


def open_digits(session: Session, args: Args) -> dict[str, Any]:
    """The run in the room of digits."""
    run = saved.open_named(session, session.values["run"])
    reason = network.why_not(run)
    if reason is not None:
        raise reason
    session.set("digits_run", run.name)
    session.set("room", "digits")
    return {"room": "digits"}


def open_convolution(session: Session, args: Args) -> dict[str, Any]:
    """The run in the room of convolution, layer by layer."""
    run = saved.open_named(session, session.values["run"])
    reason = convolution.why_not(run)
    if reason is not None:
        raise reason
    session.set("conv_run", run.name)
    session.set("conv_view", "network")
    session.set("room", "convolution")
    return {"room": "convolution"}


def _reason(reason: RefusedError | None) -> dict[str, Any] | None:
    if reason is None:
        return None
    return {"key": reason.key, "text": str(reason), "values": reason.values}


# ---- what is shown -------------------------------------------------------------------------------


def _layers(run: Saved) -> list[dict[str, Any]]:
    return [
        {"name": layer.name, "kind": layer.kind, "shape": list(layer.output_shape or ()),
         "activation": layer.function.name if layer.function is not None else "",
         "parameters": sum(run.model.parameters.view(name).size
                           for name in run.model.parameters.slices
                           if name.startswith(f"{layer.name}/"))}
        for layer in run.model.layers
    ]  # fmt: skip


def _history(run: Saved) -> dict[str, Any] | None:
    """The curves: epochs, and training and held-out numbers of the loss and the accuracy."""
    history = run.history
    if history is None or not history.epoch:
        return None
    every = max(1, len(history.epoch) // 500)
    rows = {name: values[::every] for name, values in history.history.items()
            if name in ("loss", "val_loss", "accuracy", "val_accuracy")}  # fmt: skip
    return {"epochs": [epoch + 1 for epoch in history.epoch][::every], **rows}


def _weights(run: Saved) -> list[dict[str, Any]]:
    """A histogram of each matrix of weights."""
    rows = []
    for name in run.model.parameters.slices:
        layer, _, weight = name.rpartition("/")
        if weight == "W":
            W = np.asarray(run.model.parameters.view(name), np.float64)
            counts, end = measure.histogram(W)
            rows.append(
                {"name": layer.rpartition("/")[2], "shape": list(W.shape), "end": end,
                 "counts": counts.tolist(), "mean": float(W.mean()), "spread": float(W.std())}
            )  # fmt: skip
    return rows


def _pictures(run: Saved) -> dict[str, Any] | None:
    """What the first layer sees: filters of grey pictures, or units that read square ones."""
    layers, shape = run.model.layers, run.model.input_shape or ()
    place = saved.first_filters(layers)
    if place is not None:
        grey = (layers[place].input_shape or ())[2:] == (1,)
        return {"version": 0} | first_layer_pictures(layers[place], 0, PICTURES) if grey else None
    if run.facts is not None and run.facts.image_shape is not None:
        shape = run.facts.image_shape
    place = saved.first_dense(layers)
    if place is None or len(shape) != 2 or shape[0] != shape[1] or shape[0] > 64:
        return None
    return {"version": 0} | first_layer_pictures(layers[place], shape[0], PICTURES)


def _map(run: Saved) -> dict[str, Any] | None:
    """What it answers over the plane, or over a cut through its data; None: not known here."""
    facts, settings = run.facts, run.settings
    if facts is None or settings is None or facts.name not in HERE or run.inputs > MOST_INPUTS:
        return None
    dataset = data.load(facts.name, seed=settings.seed)
    x = np.asarray(dataset.x, np.float64).reshape(len(dataset.x), -1)
    if x.shape[1] != run.inputs:
        raise FileFormatError(f"{run.name}: it reads other inputs than {facts.name} has.")
    names = facts.feature_names or tuple(f"x{i + 1}" for i in range(x.shape[1]))
    plane = plane_of(x, names)
    grid = plane.grid(LARGE)
    shape = run.model.input_shape or ()
    with np.errstate(all="ignore"):
        y = run.model.forward(grid.reshape(len(grid), *shape).astype(run.model.dtype))
    regression = facts.task == "regression"
    truth = dataset.y
    if regression and run.model.preprocessing is not None:  # as the network learned them
        target = run.model.preprocessing.target
        truth = (truth - target.mean) / target.scale
    scale = (float(np.abs(truth).max()) or 1.0) if regression else 1.0
    points = plane.points(x, truth)
    structure = {"plane": plane.describe(), "value_scale": scale,
                 "task": facts.task, "classes": list(facts.class_names or ())}  # fmt: skip
    shown: dict[str, Any] = {"structure": structure, "points": points}
    if plane.kind == "line":
        return shown | {"line": y[:, 0].tolist()}
    if regression:
        return shown | {"kinds": 1, "map": packed(signed_bytes(y[:, 0], scale))}
    classes, sure = measure.decide(run.model, y)
    both = np.stack([classes, np.rint(np.nan_to_num(sure) * 255)])
    return shown | {"kinds": 2, "map": packed(both)}


def _drawing(run: Saved, language: str) -> str | None:
    """The network as a drawing, SVG in base64; None: neither Dense layers nor feature maps."""
    model = run.model
    if subject.members_of(model):  # all of an ensemble have one form: the first is drawn
        one = model.member(0)
        model = subject.behind(one, subject.first_of(one.layers))
    columns = opening.columns_of(model.layers)
    if isinstance(columns, RefusedError) and not has_maps(model):
        return None

    def draw() -> Figure:
        return plots.network_drawing(model, max_units=DRAWN_UNITS, title=run.name)

    return base64.b64encode(exporting.figure(draw, "svg", language)).decode()


QUESTIONS = by_name(
    runs, look, learned, one_row, form, try_row, use_table, open_playground, open_step, open_digits,
    open_convolution,
)  # fmt: skip
