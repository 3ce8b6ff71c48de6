"""Let frozen layers learn from an epoch on: the second half of starting from a trained network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from glassnet import schedules
from glassnet._core.habits import unknown
from glassnet._core.settings import number, whole_number
from glassnet.callbacks.base import Callback
from glassnet.errors import ConfigError, UnknownNameError
from glassnet.layers import Layer
from glassnet.schedules import Schedule


class Unfreeze(Callback):
    """Frees the frozen layers at the beginning of an epoch, and goes on at a smaller rate.

    While the kept layers are frozen, the new last layer learns alone; its first, large gradients
    would spoil them. Then all learn together, in small steps. The optimizer begins anew, with no
    memory of the first phase (as after a second ``compile`` in Keras): its means of the freed
    weights are 0, and so is t, without which Adam's first steps would be three times too long.

    Layers with running values (BatchNormalization) stay frozen and normalise by what they have
    learned before, as Keras's guide to fine-tuning advises: the means of a few new samples would
    spoil them. ``layers`` frees them where they are named.

    EarlyStopping waits: it ends nothing in the frozen phase, and begins to count with the second.
    The best weights are those of the best epoch of both.

    Args:
        epoch: how many epochs they stay frozen.
        learning_rate: from then on; a number or a schedule of the updates since. A tenth of the
            first is customary.
        layers: the names of those to free; None: all that are frozen, without running values.

    Raises:
        ConfigError: nothing is frozen, or the training ends before.
        UnknownNameError: no layer of that name.

    Source: Chollet, Deep Learning with Python (2nd edition, 2021), section 8.3; Keras's guide
    "Transfer learning & fine-tuning".
    """

    def __init__(
        self,
        epoch: int,
        learning_rate: float | Schedule | Mapping[str, Any] | Callable[[int], float],
        layers: Sequence[str] | None = None,
    ) -> None:
        self.epoch = whole_number("Unfreeze", "epoch", epoch)
        self.learning_rate: float | Schedule = (
            schedules.get(learning_rate)
            if isinstance(learning_rate, Mapping) or callable(learning_rate)
            else number("Unfreeze", "learning_rate", learning_rate, above=0.0)
        )
        self.layers = [layers] if isinstance(layers, str) else layers and list(layers)
        self.freed = False

    def on_train_begin(self) -> None:
        run = self.run
        if run.epoch == 0 and run.batch == 0:  # a fit that begins anew
            self.freed = False
        if self.freed:
            return
        if not self._frozen():
            raise ConfigError(
                "Unfreeze: no layer is frozen: set layer.trainable = False before fit, as "
                "networks.start_from does. Where they are free already, leave Unfreeze out."
            )
        if self.epoch >= run.epochs:
            raise ConfigError(
                f"Unfreeze: {self.epoch} frozen epochs, but the training has {run.epochs}: give it "
                "more epochs, or leave Unfreeze out."
            )
        run.patient_until = max(run.patient_until, self.epoch)

    def on_epoch_begin(self, epoch: int) -> None:
        if self.freed or epoch < self.epoch:
            return
        self._free()
        parameters, optimizer = self.model.parameters, self.model.optimizer
        optimizer.learning_rate = self.learning_rate
        # no memory of the first phase
        places = list(parameters.slices.values())
        optimizer.initialize(parameters.size, parameters.dtype, places)

    def _free(self) -> None:
        model: Any = self.model
        model.set_trainable(self._frozen(), True)
        self.freed = True

    def _frozen(self) -> list[Layer]:
        """Those that would be freed."""
        model: Any = self.model
        every = list(model.all_layers())
        if self.layers is not None:
            names = [layer.name for layer in every]
            for name in self.layers:
                if name not in names:
                    raise UnknownNameError("Unfreeze: " + unknown("layer", name, names))
            every = [layer for layer in every if layer.name in self.layers]
        return [
            layer
            for layer in every
            if not layer.trainable and (self.layers is not None or not layer.keeps_running_values)
        ]

    def get_state(self) -> dict[str, Any]:
        return {"freed": self.freed}

    def set_state(self, state: dict[str, Any]) -> None:
        if state["freed"]:
            self._free()
