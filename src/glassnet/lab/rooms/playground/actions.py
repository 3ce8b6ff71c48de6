"""The actions of a page: train and pause, add or remove layers and units, set weights."""

from __future__ import annotations

from glassnet._core.registry import lookup
from glassnet.lab.protocol import Args, RefusedError, by_name
from glassnet.lab.rooms.playground import cures
from glassnet.lab.session import comparing, past
from glassnet.lab.session.building import Origin
from glassnet.lab.session.stack import MOST_LAYERS, MOST_UNITS
from glassnet.lab.session.state import Session
from glassnet.lab.session.until import condition


def play(session: Session, args: Args) -> None:
    """Train on and on."""
    session.trainer.until = None
    session.play()


def until(session: Session, args: Args) -> None:
    """Train to the condition in the fields."""
    values = session.values
    stop = condition(values["until"], values["until_value"], session.trainer)
    session.trainer.until = stop
    session.play()


def pause(session: Session, args: Args) -> None:
    """Stop training; what is said of it is of now."""
    if session.engine.training is session.trainer:
        session.watcher.end(session.trainer, last=True)
    session.engine.pause()


def batch(session: Session, args: Args) -> None:
    """One update."""
    session.engine.pause()
    session.trainer.go_on()
    session.trainer.until = None
    session.trainer.one_batch()


def epoch(session: Session, args: Args) -> None:
    """To the end of the epoch."""
    session.engine.pause()
    session.trainer.go_on()
    session.trainer.until = None
    session.trainer.one_epoch()


def reset(session: Session, args: Args) -> None:
    """The initial weights again."""
    session.engine.pause()
    session.renew()


def look(session: Session, args: Args) -> None:
    """Show the network as it was at an epoch; at the last one, as it is."""
    past.look(session, args.whole("epoch", 0, 10**9))


def branch(session: Session, args: Args) -> None:
    """Go on from the epoch that is shown; what there was stays beside it."""
    past.branch(session, args.whole("epoch", 0, 10**9) if "epoch" in args else None)


def compare(session: Session, args: Args) -> None:
    """Put the network aside as A, and start B anew from the same seed."""
    comparing.begin(session)


def keep(session: Session, args: Args) -> None:
    """Compare no more, and keep one of the two networks."""
    comparing.end(session, args.choice("which", ("a", "b")))


def add_layer(session: Session, args: Args) -> None:
    """A hidden layer before the outputs, as the last one is."""
    layers = list(session.values["layers"])
    if len(layers) >= MOST_LAYERS:
        text = f"At most {MOST_LAYERS} hidden layers."
        raise RefusedError(text, "limit.layers", most=MOST_LAYERS)
    units, activation = (layers[-1][0], layers[-1][1]) if layers else (4, "tanh")
    layers.append((min(units, 4), activation, 0.0, False, False))
    session.set("layers", layers)


def remove_layer(session: Session, args: Args) -> None:
    """Take a hidden layer (the last, if none is named) out.

    The others keep their weights where their neighbours stay.
    """
    layers = list(session.values["layers"])
    last = max(len(layers) - 1, 0)
    gone = args.whole("layer", 0, last, last)
    if not layers:
        raise RefusedError("There is no hidden layer.")
    columns: list[Origin] = _here(session)
    del columns[gone + 1]
    del layers[gone]
    session.restructure(layers, columns)


def add_unit(session: Session, args: Args) -> None:
    """One more unit at the end of a hidden layer; all other weights stay."""
    layers = list(session.values["layers"])
    place = args.whole("layer", 0, len(layers) - 1)
    units, *rest = layers[place]
    if units >= MOST_UNITS:
        text = f"Here a layer can grow to {MOST_UNITS} units; wider ones come from saved runs."
        raise RefusedError(text, "limit.units", most=MOST_UNITS)
    layers[place] = (units + 1, *rest)
    columns = _here(session)
    columns[place + 1] = (place + 1, [*range(units), -1])
    session.restructure(layers, columns)


def remove_unit(session: Session, args: Args) -> None:
    """Take one unit (the last, if none is named) out of a hidden layer."""
    layers = list(session.values["layers"])
    place = args.whole("layer", 0, len(layers) - 1)
    units, *rest = layers[place]
    gone = args.whole("unit", 0, units - 1, units - 1)
    if units == 1:
        raise RefusedError("A layer keeps at least one unit.", "limit.one_unit")
    layers[place] = (units - 1, *rest)
    columns = _here(session)
    columns[place + 1] = (place + 1, [u for u in range(units) if u != gone])
    session.restructure(layers, columns)


def set_layer(session: Session, args: Args) -> None:
    """The activation, dropout, batch norm or skip of one hidden layer."""
    layers = list(session.values["layers"])
    place = args.whole("layer", 0, len(layers) - 1)
    units, activation, dropout, norm, skip = layers[place]
    if "activation" in args:
        activation = args.text("activation")
    if "dropout" in args:
        dropout = args.number("dropout", 0.0, 0.9)
    if "norm" in args:
        norm = args.flag("norm")
    if "skip" in args:
        skip = args.flag("skip")
        before = layers[place - 1][0] if place else len(session.inputs)
        if skip and units != before:
            text = f"x + F(x) needs as many units as come in: {before}, and the layer has {units}."
            raise RefusedError(text, "limit.skip", before=before, units=units)
    layers[place] = (units, activation, dropout, norm, skip)
    session.set("layers", layers)


def set_weight(session: Session, args: Args) -> None:
    """One weight or bias to a value."""
    parameters = session.model.parameters
    index = args.whole("index", 0, parameters.size - 1)
    parameters.values[index] = args.number("value", -1000.0, 1000.0)
    session.trainer.touched()
    session.trainer.by_hand = True


def add_points(session: Session, args: Args) -> None:
    """Points drawn by hand: ``points`` is x, y, class, x, y, class …, x and y in the plane."""
    flat = args.numbers("points", 300, -10.0, 10.0)
    new = [(flat[i], flat[i + 1], int(flat[i + 2])) for i in range(0, len(flat) - 2, 3)]
    session.set("points", [*session.values["points"], *new])


def cure(session: Session, args: Args) -> None:
    """Do what the finding number ``index`` advises."""
    cures.apply(session, args.whole("index", 0, 100))


def _here(session: Session) -> list[Origin]:
    """Every column of units where it is."""
    sizes = [len(session.inputs), *(block.units for block in session.blocks)]
    return [(i, range(size)) for i, size in enumerate(sizes)]


ACTIONS = by_name(
    play, until, pause, batch, epoch, reset, add_layer, remove_layer, add_unit, remove_unit,
    set_layer, set_weight, add_points, cure, look, branch, compare, keep,
)  # fmt: skip


def act(session: Session, name: str, args: Args) -> None:
    """Do the action called ``name`` (UnknownNameError: there is none)."""
    action = lookup("action", ACTIONS, name)
    if name not in ("look", "branch"):
        session.leave()
    action(session, args)
