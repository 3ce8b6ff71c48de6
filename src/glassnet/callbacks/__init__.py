"""What may happen beside the training: stop early, keep checkpoints, lower the rate, log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glassnet._core.habits import missing
from glassnet.callbacks.base import Callback, Logs
from glassnet.callbacks.checkpoint import Checkpoint, ModelCheckpoint
from glassnet.callbacks.csv_logger import CSVLogger
from glassnet.callbacks.early_stopping import EarlyStopping
from glassnet.callbacks.lambda_callback import LambdaCallback
from glassnet.callbacks.learning_rate import LearningRateScheduler, ReduceLROnPlateau
from glassnet.callbacks.monitor import Monitor
from glassnet.callbacks.pruning import OptunaPruning
from glassnet.callbacks.tensorboard import TensorBoard
from glassnet.callbacks.unfreeze import Unfreeze
from glassnet.training.run import Run

__all__ = [
    "CSVLogger",
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "LambdaCallback",
    "LearningRateScheduler",
    "Logs",
    "ModelCheckpoint",
    "Monitor",
    "OptunaPruning",
    "ReduceLROnPlateau",
    "Run",
    "TensorBoard",
    "Unfreeze",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Says what to write for a name that there is not."""
        raise missing(__name__, name, __all__)
