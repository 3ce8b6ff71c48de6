"""Progress on the terminal."""

from __future__ import annotations

import sys
import time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

from glassnet.errors import ConfigError
from glassnet.training.callbacks import Callback, Logs

REDRAW = 0.1  # seconds between two drawings: a drawing costs as much as many small steps


class Progress(Callback):
    """A bar with the loss, the metrics, samples a second and the time left; or lines.

    Args:
        bar: a bar on the terminal; else one line for each epoch.
    """

    last = True
    kept = False

    def __init__(self, bar: bool = True) -> None:
        self.bar = bar
        self._shown: Bar | None = None
        self._task = TaskID(0)
        self._logs: Logs = {}
        self._began = self._drawn = 0.0
        self._first_samples = 0
        self._samples = 0

    @staticmethod
    def when_wanted(verbose: str | int) -> list[Progress]:
        """What ``fit(verbose=…)`` asks for: nothing, a bar, or lines.

        Raises:
            ConfigError: not one of "auto", 0, 1, 2.
        """
        if verbose in (0, 1, 2) or isinstance(verbose, bool):
            return [Progress(bar=int(verbose) == 1)] if verbose else []
        if verbose != "auto":
            raise ConfigError(f"verbose {verbose!r}: expected 'auto', 0, 1 (a bar) or 2 (lines).")
        return [Progress()] if sys.stderr.isatty() or _in_notebook() else []

    def on_train_begin(self) -> None:
        self._began = time.perf_counter()
        self._samples = 0
        if not self.bar:
            return
        self._shown = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[numbers]}"),
            console=Console(stderr=True),
            transient=False,
            auto_refresh=False,
        )
        self._task = self._shown.add_task("", total=None, numbers="")
        self._shown.start()

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        if self._shown is None:
            return
        now = time.perf_counter()
        if now - self._drawn < REDRAW:
            return
        self._draw(now)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self._logs = dict(logs)
        self._samples += self.run.samples
        if self._shown is not None:
            self._draw(time.perf_counter())
        elif not self.bar:
            print(f"epoch {epoch + 1}/{self.run.epochs}  {_numbers(logs)}", flush=True)

    def on_train_end(self) -> None:
        if self._shown is not None:
            self._draw(time.perf_counter())
            self._shown.stop()
            self._shown = None

    def _draw(self, now: float) -> None:
        assert self._shown is not None
        self._drawn = now
        run = self.run
        in_epoch = run.batch > 0
        steps = run.steps_per_epoch
        done = run.epoch + (run.batch / steps if steps else 0)
        logs = dict(self._logs)
        if in_epoch and run.samples:
            logs["loss"] = run.loss_sum / run.samples
        spent = now - self._began
        samples = self._samples + (run.samples if in_epoch else 0)
        words = [_numbers(logs)]
        if spent > 0 and samples:
            words.append(f"{_short(samples / spent)} samples/s")
        if 0 < done < run.epochs and not run.stopped:
            words.append(f"{_clock(spent / done * (run.epochs - done))} left")
        elif spent:
            words.append(f"{_clock(spent)}")
        epoch = min(run.epoch + 1, run.epochs) if in_epoch else run.epoch
        self._shown.update(
            self._task,
            description=f"epoch {epoch}/{run.epochs}",
            completed=done,
            total=run.epochs,
            numbers="  ".join(words),
        )
        self._shown.refresh()


def _numbers(logs: dict[str, Any]) -> str:
    return "  ".join(f"{k} {v:.4f}" for k, v in logs.items() if k != "learning_rate")


def _short(rate: float) -> str:
    if rate >= 1e6:
        return f"{rate / 1e6:.1f}M"
    return f"{rate / 1e3:.0f}k" if rate >= 1e3 else f"{rate:.0f}"


def _clock(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    return shell is not None and type(shell.get_ipython()).__name__ == "ZMQInteractiveShell"
