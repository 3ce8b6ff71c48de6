"""The state of one page: plain data, and the network that it describes.

Everything here runs where :mod:`.engine` lets it, one thing at a time; nothing here knows of
the web.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from glassnet import Sequential
from glassnet._core.types import Array
from glassnet.errors import GlassnetError
from glassnet.lab import fields
from glassnet.lab.protocol import worded
from glassnet.lab.session import building, comparing, features, samples
from glassnet.lab.session.engine import Engine
from glassnet.lab.session.plane import Plane, plane_of
from glassnet.lab.session.stack import Hidden
from glassnet.lab.session.table import Table
from glassnet.lab.session.timeline import Moment, Timeline, showing
from glassnet.lab.session.trainer import Trainer
from glassnet.lab.session.watcher import Watcher

# What makes the network or its data anew: it is not the past that is changed.
ENDS_LOOKING = ("data", "network", "weights", "compare")


class Session:
    """One page.

    Attributes:
        values: every field of the table, by name.
        samples: the data that they describe, and ``plane``, where they are drawn.
        model, blocks: the network, and its columns of units.
        trainer: where its training stands; ``watcher``, what is wrong with it.
        other: the network that this one is compared with, if it is.
        looking: the moment of the past that is shown, if one is; ``waiting``: settings that
            were changed meanwhile; ``looked_from``: all of them as they were before.
        room_state: what each room remembers, by its name.
        versions: counts the changes of "values", "structure" and "data".
        run, data_dir, runs: a saved run, a folder of data, and a folder of saved runs, that the
            lab was started with; ``given``, networks that a program shows, by name.
        keeps: what was done in lessons is kept in the user's folder; else ``done`` has it, by
            lesson, as long as the page is there.
        notice: something to tell the person, once.
    """

    model: Sequential
    samples: samples.Samples
    plane: Plane
    trainer: Trainer
    blocks: list[building.Block]

    def __init__(
        self,
        engine: Engine,
        run: str | None = None,
        data_dir: str | None = None,
        runs: str | None = "runs",
        given: Mapping[str, Any] | None = None,
        keeps: bool = True,
    ) -> None:
        self.engine = engine
        self.run, self.data_dir, self.runs = run, data_dir, runs
        self.given = given or {}
        self.keeps = keeps
        self.done: dict[str, dict[str, Any]] = {}
        self.values: dict[str, Any] = fields.defaults()
        self.table: Table | None = None  # that was dropped on the page
        self.watcher = Watcher()
        self.other: comparing.Other | None = None
        self.looking: Moment | None = None
        self.waiting: list[str] = []
        self.looked_from: dict[str, Any] = {}
        self.room_state: dict[str, Any] = {}
        self.versions = {"values": 1, "structure": 1, "data": 1}
        self.notice: dict[str, Any] | None = None
        self._ready = False

    def start(self) -> None:
        """Make the data and the network; the first call takes the time of the imports."""
        if not self._ready:
            self._make_data()
            self._ready = True

    # ---- setting -----------------------------------------------------------------------

    def open(self, address: str) -> None:
        """Take the state that an address asks for; what it does not name is at its default."""
        values, wrong = fields.from_address(address)
        self.adopt(fields.defaults() | values)
        if wrong:
            self.tell("notice.address", "\n".join(wrong))

    def adopt(self, values: dict[str, Any]) -> None:
        """Take these values for all fields, and start again."""
        before = self.values
        self.looking, self.waiting = None, []
        self.values = {**values}
        self.engine.pause()
        try:
            self._make_data()
        except GlassnetError as error:
            self.values["data"] = before["data"] if self._ready else "moons"
            self._make_data()
            self.tell("notice.data", str(error))
        self._ready = True
        self.versions["values"] += 1

    def take(self, table: Table) -> None:
        """Learn from a dropped table from now on.

        Raises:
            DataError: it cannot be learned from; everything stays as it was.
        """
        values = {**self.values, "data": "own", "target": "", "axis_x": 0, "axis_y": 0,
                  "own_task": "auto", "own_header": "auto", "own_left": ()}  # fmt: skip
        samples.first_fit(values, table)
        self.table = table
        self.adopt(values)

    def set(self, name: str, value: Any) -> None:
        """Set one field, and make again what depends on it.

        Raises:
            UnknownNameError: no such field.
            ConfigError, DataError: a value that the field, or the data, cannot have.
        """
        field = fields.field(name)
        checked = field.check(value)
        before = self.values[name]
        if checked == before:
            return
        if field.rebuild in ENDS_LOOKING or name == "room":
            self.leave()
        self.values[name] = checked
        try:
            self._follow(name, field.rebuild, before)
        except GlassnetError:
            self.values[name] = before
            raise
        comparing.note(self, name)
        self.versions["values"] += 1

    def _follow(self, name: str, rebuild: str, before: Any) -> None:
        if name == "own_header" and self.table is not None:
            table = self.table
            try:
                self.table = Table.from_text(
                    table.name, table.text, table.encoding, self.values["own_header"]
                )
                self._make_data()
            except GlassnetError:
                self.table = table
                raise
        elif rebuild == "data":
            if name == "points" and self.values["data"] != "drawn":
                return
            self._make_data(same_kind=name != "data")
        elif rebuild == "weights":
            if name == "seed":
                self.other = comparing.make(self)
            self._make_network()
        elif rebuild == "compare":
            self.other = comparing.make(self)
            self._make_network()
        elif rebuild == "network":
            self.change(self._origins(name, before))
        elif rebuild == "live" and self.looking is not None:
            self.waiting.append(name)
        elif rebuild == "live":
            self._tune(name)
        elif name in ("axis_x", "axis_y"):
            self._make_plane()
        elif name == "pace" and self.engine.training is self.trainer:
            self.play()

    def _tune(self, name: str) -> None:
        """Change how it learns, without a new start."""
        if name == "batch_size":
            self.trainer.set_batch_size(self.values["batch_size"])
        if name == "optimizer":
            optimizer = building.optimizer(self.values, self.trainer.steps_per_epoch)
            parameters = self.model.parameters
            places = list(parameters.slices.values())
            optimizer.initialize(parameters.size, parameters.dtype, places)
            self.model.optimizer = optimizer
        elif name in ("l1", "l2"):
            for block in self.blocks:
                block.dense.kernel_regularizer = building.penalty(self.values)
        else:
            rate = building.rate(self.values, self.trainer.steps_per_epoch)
            self.model.optimizer.learning_rate = rate
        self.watcher.renew(after=len(self.trainer.history.get("loss", ())))
        if self.trainer.timeline is not None:
            self.trainer.timeline.learning = self.trainer_learning

    def leave(self) -> None:
        """Look at the past no more; settings that were changed meanwhile count from now on."""
        waiting, self.looking, self.waiting = self.waiting, None, []
        for name in waiting:
            self._tune(name)

    def shown(self) -> AbstractContextManager[None]:
        """The network with the weights that the page shows: its own, or those of the past."""
        return showing(self.model, self.looking)

    # ---- making ------------------------------------------------------------------------

    def _make_data(self, same_kind: bool = False) -> None:
        """New samples, and a network for them; ``same_kind`` keeps the weights."""
        data = samples.make(self.values, self.table)
        fits = (
            same_kind and self._ready and not self.values["compared"]
            and (data.columns, data.classes) == (self.samples.columns, self.samples.classes)
        )  # fmt: skip
        self.samples = data
        self._make_plane()
        self.other = comparing.make(self)
        if fits:
            kept, by_hand = not self.pristine, self.trainer.by_hand
            self.trainer = self._trainer(self.model)
            self.trainer.kept, self.trainer.by_hand = kept, by_hand
        else:
            self._make_network()

    def _make_plane(self) -> None:
        data, values = self.samples, self.values
        drawn = values["data"] == "drawn"
        axes = (values["axis_x"], values["axis_y"])
        self.plane = plane_of(data.x, data.columns, *axes, fixed=drawn, units=data.units)
        self.versions["data"] += 1
        self.versions["structure"] += 1

    def _make_network(self) -> None:
        """New initial weights; the training starts again."""
        playing = self._ready and self.engine.training is self.trainer
        self.adopt_network(building.build(self.values, self.samples, len(self.inputs)))
        if self.other is not None:
            self.other.start, self.other.since = 0, {}
        if playing:
            self.play()

    def adopt_network(self, model: Sequential, trainer: Trainer | None = None) -> None:
        """Go on with another network, and with its training if it has one."""
        self._take(model)
        if trainer is None:
            self.trainer = self._trainer(model)
            self._tune("learning_rate")  # a schedule counts in the trainer's steps
        else:
            self.trainer, trainer.watcher = trainer, self.watcher
            self.watcher.renew()

    def _take(self, model: Sequential) -> None:
        self.model, self.blocks = model, building.blocks_of(model)
        self.versions["structure"] += 1
        self._drop_skips()

    def _drop_skips(self) -> None:
        """A skip that did not fit any more is switched off, and the person is told."""
        asked, inputs = self.values["layers"], len(self.inputs)
        self.values["layers"] = fitting = building.fitting(asked, inputs)
        sizes = [inputs, *(units for units, *_ in fitting)]
        for i, (was, now) in enumerate(zip(asked, fitting, strict=True)):
            if was != now:
                self.tell("notice.skip", layer=i + 1, units=sizes[i + 1], before=sizes[i])

    def _trainer(self, model: Sequential) -> Trainer:
        x, x_test = self._features()
        y, y_test = building.targets(self.samples, model.loss)
        trainer = Trainer(
            model, x, y, x_test, y_test, self.values["batch_size"], self.watcher,
            timeline=Timeline(self.trainer_learning),
        )  # fmt: skip
        trainer.beside = None if self.other is None else self.other.trainer
        self.watcher.renew()
        if self._ready and self.engine.training is self.trainer:
            self.engine.training = trainer
        return trainer

    def _features(self) -> tuple[Array, Array]:
        chosen = self.values["features"]
        return features.apply(self.samples.x, chosen), features.apply(self.samples.x_test, chosen)

    def change(self, origins: Sequence[building.Origin]) -> None:
        """Make the network again from the fields; the weights go where ``origins`` says.

        Before the first update there is nothing to keep: the weights are drawn anew, so that
        the page shows what its link, its script and a new start have.
        """
        if self.pristine:
            self._make_network()
            return
        old = self.model
        model = building.build(self.values, self.samples, len(self.inputs))
        building.carry(old, model, origins)
        model.rng = old.rng
        same_answers = model.loss.target == old.loss.target
        self._take(model)
        x, x_test = self._features()
        if same_answers:
            self.trainer.replace(model, x, x_test)
            self.watcher.renew()
        else:
            by_hand = self.trainer.by_hand
            self.trainer = self._trainer(model)
            self.trainer.by_hand = by_hand
        self.trainer.kept = True
        rate = building.rate(self.values, self.trainer.steps_per_epoch)
        model.optimizer.learning_rate = rate

    def restructure(self, layers: Sequence[Hidden], origins: Sequence[building.Origin]) -> None:
        """Set the hidden layers, saying where each column of units was before."""
        before = self.values["layers"]
        self.values["layers"] = fields.field("layers").check(layers)
        try:
            self.change(origins)
        except GlassnetError:
            self.values["layers"] = before
            raise
        comparing.note(self, "layers")
        self.versions["values"] += 1

    def renew(self) -> None:
        """The same network with its initial weights."""
        self.leave()
        self._make_network()

    def _origins(self, name: str, before: Any) -> list[building.Origin]:
        """Where each column of units was, when ``layers`` or ``features`` is set as a whole."""
        inputs = self.inputs
        old_inputs = (
            features.names_for(self.samples.columns, before) if name == "features" else inputs
        )
        origins: list[building.Origin] = [
            (0, [old_inputs.index(n) if n in old_inputs else -1 for n in inputs])
        ]
        old_layers = before if name == "layers" else self.values["layers"]
        for i, (units, *_) in enumerate(self.values["layers"]):
            was = old_layers[i][0] if i < len(old_layers) else 0
            origins.append((i + 1, [u if u < was else -1 for u in range(units)]) if was else None)
        outputs = building.head_for(self.samples, self.values["loss"])[0]
        origins.append((len(old_layers) + 1, range(outputs)))
        return origins

    @property
    def pristine(self) -> bool:
        """Whether the weights are those that the seed gives: no update, none set by hand."""
        return self.trainer.fresh and not self.trainer.kept

    # ---- running -----------------------------------------------------------------------

    def play(self) -> None:
        """Train from now on, at the pace of the fields."""
        self.leave()
        self.trainer.go_on()
        pace = self.values["pace"]
        self.engine.play(self.trainer, 0.0 if pace == "free" else float(pace))

    @property
    def ready(self) -> bool:
        """Whether there are data and a network yet."""
        return self._ready

    @property
    def playing(self) -> bool:
        """Whether the playground's network is being trained."""
        return self._ready and self.engine.training is self.trainer

    def tell(self, key: str, text: str = "", **values: Any) -> None:
        """Something for the person at the page: a key of the catalogues, or plain text."""
        self.notice = worded(key, text, values)

    @property
    def trainer_learning(self) -> tuple[Any, ...]:
        """The settings that the network learns with, by name."""
        return comparing.learning(self.values)

    # ---- what the page is told ---------------------------------------------------------

    @property
    def inputs(self) -> list[str]:
        """The network's inputs, by name."""
        return features.names_for(self.samples.columns, self.values["features"])
