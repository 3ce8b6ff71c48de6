"""Progress on the terminal and in notebooks."""

from __future__ import annotations

import sys
import time
from typing import Any

from glassnet.callbacks.bars import Bar, bar_for_here, in_notebook
from glassnet.callbacks.base import Callback, Logs
from glassnet.errors import ConfigError
from glassnet.texts import word


class Progress(Callback):
    """A bar with the loss, the metrics, samples a second and the time left; or lines.

    Args:
        bar: a bar, on the terminal or below the cell of a notebook; else a line for each epoch.
        log: instead, on standard error, a line for the last epoch and now and then one before:
            10 seconds after the first, then after each tenth of the time spent.
    """

    PAUSE = 10.0  # seconds between two lines of a log, at least

    last = True
    once = True
    kept = False

    def __init__(self, bar: bool = True, log: bool = False) -> None:
        self.bar = bar and not log
        self.log = log
        self._shown: Bar | None = None
        self._logs: Logs = {}
        self._began = self._drawn = 0.0
        self._first = 0.0  # epochs done before this run
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
        # None: a program without a console
        terminal = sys.stderr is not None and sys.stderr.isatty()
        if sys.stderr is None:
            return []
        return [Progress(log=not (terminal or in_notebook()))]

    def on_train_begin(self) -> None:
        self._began = time.perf_counter()
        self._samples, self._drawn = 0, 0.0
        self._first = self._done()
        if self.bar:
            self._shown = bar_for_here()

    def on_train_batch_end(self, batch: int, logs: Logs) -> None:
        self._draw_in_time()

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self._logs = dict(logs)
        self._samples += self.run.samples
        self._draw_in_time()
        if not self.bar and (not self.log or self._is_due(epoch)):
            line = f"{_place(epoch + 1, self.run.epochs)}  {_numbers(logs)}"
            spent = time.perf_counter() - self._began
            ending = f"  {_clock(spent)}" if self.log else ""
            print(line + ending, file=sys.stderr if self.log else sys.stdout, flush=True)

    def _is_due(self, epoch: int) -> bool:
        """Whether a log gets a line now; a short training gets one."""
        now = time.perf_counter()
        last = epoch + 1 >= self.run.epochs or bool(self.run.stopped)
        pause = max(self.PAUSE, (now - self._began) / 10)
        if not last and now - max(self._drawn, self._began) < pause:
            return False
        self._drawn = now
        return True

    def on_train_end(self) -> None:
        if self._shown is not None:
            self._draw(time.perf_counter())
            self._shown.close()
            self._shown = None

    def _done(self) -> float:
        """Epochs, the part of the one under way as well."""
        steps = self.run.steps_per_epoch
        return self.run.epoch + (self.run.batch / steps if steps else 0)

    def _draw_in_time(self) -> None:
        if self._shown is not None:
            now = time.perf_counter()
            if now - self._drawn >= self._shown.pause:
                self._draw(now)

    def _draw(self, now: float) -> None:
        assert self._shown is not None
        self._drawn = now
        run, done = self.run, self._done()
        in_epoch = run.batch > 0
        logs = dict(self._logs)
        if in_epoch and run.samples:
            logs["loss"] = run.loss_sum / run.samples
        spent = now - self._began
        samples = self._samples + (run.samples if in_epoch else 0)
        words = [_numbers(logs)]
        if spent > 0 and samples:
            words.append(word("{rate} samples/s", rate=_short(samples / spent)))
        made = done - self._first
        if made > 0 and done < run.epochs and not run.stopped:
            left = _clock(spent / made * (run.epochs - done))
            words.append(word("{time} left", time=left))
        elif spent:
            words.append(f"{_clock(spent)}")
        epoch = min(run.epoch + 1, run.epochs) if in_epoch else run.epoch
        self._shown.draw(_place(epoch, run.epochs), done, run.epochs, "  ".join(words))


def _numbers(logs: dict[str, Any]) -> str:
    return "  ".join(f"{_called(k)} {v:.4f}" for k, v in logs.items() if k != "learning_rate")


def _called(metric: str) -> str:
    """A metric by its name: ``val_loss``."""
    own = metric.removeprefix("val_")
    return word(own) if own == metric else word("val_{metric}", metric=word(own))


def _place(epoch: int, epochs: int) -> str:
    return word("epoch {n}/{all}", n=epoch, all=epochs)


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
