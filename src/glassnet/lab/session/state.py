"""The state of one page: plain data, and the network that it describes.

Everything here runs in the session's own thread (:mod:`.engine`); nothing here knows of
the web.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glassnet import Sequential
from glassnet._core.types import Array
from glassnet.errors import GlassnetError
from glassnet.lab import fields
from glassnet.lab.session import building, features, samples
from glassnet.lab.session.engine import Engine
from glassnet.lab.session.plane import Plane, plane_of
from glassnet.lab.session.stack import Hidden
from glassnet.lab.session.table import Table
from glassnet.lab.session.trainer import Trainer
from glassnet.lab.session.watcher import Watcher


class Session:
    """One page.

    Attributes:
        values: every field of the table, by name.
        samples: the data that they describe, and ``plane``, where they are drawn.
        model, blocks: the network, and its columns of units.
        trainer: where its training stands; ``watcher``, what is wrong with it.
        room_state: what each room remembers, by its name.
        versions: counts the changes of "values", "structure" and "data".
        run, data_dir, runs: a saved run, a folder of data, and a folder of saved runs, that the
            lab was started with.
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
        runs: str = "runs",
    ) -> None:
        self.engine = engine
        self.run, self.data_dir, self.runs = run, data_dir, runs
        self.values: dict[str, Any] = fields.defaults()
        self.table: Table | None = None  # that was dropped on the page
        self.watcher = Watcher()
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
        self.values[name] = checked
        try:
            self._follow(name, field.rebuild, before)
        except GlassnetError:
            self.values[name] = before
            raise
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
            self._make_network()
        elif rebuild == "network":
            self.change(self._origins(name, before))
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

    # ---- making ------------------------------------------------------------------------

    def _make_data(self, same_kind: bool = False) -> None:
        """New samples, and a network for them; ``same_kind`` keeps the weights."""
        data = samples.make(self.values, self.table)
        fits = (
            same_kind and self._ready
            and (data.columns, data.classes) == (self.samples.columns, self.samples.classes)
        )  # fmt: skip
        self.samples = data
        self._make_plane()
        if fits:
            self.trainer = self._trainer(self.model)
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
        model = building.build(self.values, self.samples, len(self.inputs))
        self._take(model)
        self.trainer = self._trainer(model)
        self._tune("learning_rate")  # a schedule counts in the trainer's steps
        if playing:
            self.play()

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
        trainer = Trainer(model, x, y, x_test, y_test, self.values["batch_size"], self.watcher)
        self.watcher.renew()
        if self._ready and self.engine.training is self.trainer:
            self.engine.training = trainer
        return trainer

    def _features(self) -> tuple[Array, Array]:
        chosen = self.values["features"]
        return features.apply(self.samples.x, chosen), features.apply(self.samples.x_test, chosen)

    def change(self, origins: Sequence[building.Origin]) -> None:
        """Make the network again from the fields; the weights go where ``origins`` says."""
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
            self.trainer = self._trainer(model)
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
        self.versions["values"] += 1

    def renew(self) -> None:
        """The same network with its initial weights."""
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

    # ---- running -----------------------------------------------------------------------

    def play(self) -> None:
        """Train from now on, at the pace of the fields."""
        self.trainer.go_on()
        pace = self.values["pace"]
        self.engine.play(self.trainer, 0.0 if pace == "free" else float(pace))

    @property
    def playing(self) -> bool:
        """Whether the playground's network is being trained."""
        return self._ready and self.engine.training is self.trainer

    def tell(self, key: str, text: str = "", **values: Any) -> None:
        """Something for the person at the page: a key of the catalogues, or plain text."""
        self.notice = {"key": key, "text": text, "values": values}

    # ---- what the page is told ---------------------------------------------------------

    @property
    def inputs(self) -> list[str]:
        """The network's inputs, by name."""
        return features.names_for(self.samples.columns, self.values["features"])
