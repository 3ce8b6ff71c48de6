"""Processes that train one network: what each does of a step, and how they agree.

Everything that they do together begins with a header that all exchange: what I am about to do, at
which step, on how many samples with which labels, what I want.  So a rank that failed is heard of
where the others wait for it, and ranks that went apart find it out instead of waiting for ever.
"""

from __future__ import annotations

import contextlib
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from glassnet._core.ending import LEFT
from glassnet._core.team import cores_to_ourselves
from glassnet._core.types import Array
from glassnet.distribute.communicator import Communicator
from glassnet.distribute.shards import Shards
from glassnet.errors import ConfigError, DataError, RankError
from glassnet.training.run import Run

BEGIN, STEP, EPOCH, MEASURE, LAYER, SHARE, END, ERROR = range(8)
DOING = ("beginning", "a step", "the end of an epoch", "measuring", "a loss that is not finite",
         "sharing what it begins with", "the end of the training", "an error")  # fmt: skip
ROUNDING = 1e-3  # of the largest weight: by more they differ for another reason
GO_ON, MODEL_STOPS, RUN_STOPS, CTRL_C = 0, 1, 2, 3  # what a rank wants


class Group:
    """Those who train together; the loop and ``fit`` ask it.

    Args:
        communicator: what connects them.
        shards: in how many parts each batch is cut: a multiple of the ranks.
        fast: add the gradients in whatever order is fastest: other bits for other numbers of ranks.

    Raises:
        ConfigError: shards that are no multiple of the ranks.
    """

    def __init__(self, communicator: Communicator, shards: int, fast: bool = False) -> None:
        ranks = communicator.ranks
        if shards % ranks:
            less, more = shards // ranks * ranks, -(-shards // ranks) * ranks
            near = f"{less} or {more}" if less else f"{more}"
            raise ConfigError(
                f"{shards} shards cannot be shared out evenly among {ranks} ranks: shards must be "
                f"a multiple of the ranks. Give shards={near}, or start another number of ranks."
            )
        self.rank, self.ranks, self.shards, self.fast = communicator.rank, ranks, shards, fast
        self._net = communicator
        self._cut = Shards(communicator, shards, fast)
        self.rows_of = self._cut.rows_of
        self._open = self._inside = False
        self._pressed = False
        self._agreed = False  # that the training ends
        self._run: Run | None = None

    # ---- beginning and end ------------------------------------------------------------

    @contextmanager
    def open(self) -> Iterator[None]:
        """While it lasts an exception of one rank ends all of them, and none waits."""
        self._open = True
        # BLAS rounds in another way with another number of threads
        alone = contextlib.nullcontext() if self.fast else cores_to_ourselves()
        try:
            with alone:
                yield
            self._header(END)
        except (RankError, _ApartError) as found:
            error = DataError(str(found)) if isinstance(found, _ApartError) else found
            setattr(error, LEFT, True)
            raise error from None
        except Exception as error:
            self._leave(error)
            raise
        except BaseException as error:  # Ctrl-C, sys.exit: in the middle of anything
            self._abort(error)
            raise
        finally:
            self._open = False

    def _leave(self, error: Exception) -> None:
        """Tell the others, where they wait next, what went wrong here."""
        if self._inside:
            self._abort(error)
            return
        self._header(ERROR, said=f"{type(error).__name__}: {error}")
        setattr(error, LEFT, True)

    def _abort(self, error: BaseException) -> None:
        if self.ranks == 1:
            return
        if not isinstance(error, KeyboardInterrupt | SystemExit):
            print(f"rank {self.rank} of {self.ranks}: {type(error).__name__}: {error}",
                  file=sys.stderr)  # fmt: skip
        self._net.abort(130 if isinstance(error, KeyboardInterrupt) else 1)

    def begin(self, run: Run, facts: dict[str, Any]) -> None:
        """All are the same, or say in what they differ.

        Raises:
            DataError, ConfigError: data, settings or versions that differ.
        """
        run.rank, run.ranks = self.rank, self.ranks
        self._run, self._pressed, self._agreed = run, False, False
        self._header(BEGIN)
        with self._together():
            heard = self._net.words(facts)
        for name, mine in heard[0].items():
            for other, theirs in enumerate(heard):
                if theirs.get(name) != mine:
                    raise _ApartError(_differ(name, mine, other, theirs.get(name)))

    def share(self, mine: Any) -> Any:
        """What the first rank has, on all."""
        self._header(SHARE)
        with self._together():
            return self._net.words(mine)[0]

    def everywhere(self, contents: Callable[[], bytes]) -> bytes:
        """What the first rank reads, on all: the others need not see its folder."""
        read: bytes = self.share(contents() if self.rank == 0 else None)
        return read

    # ---- what the loop asks -----------------------------------------------------------

    def step(self, model: Any, run: Run) -> Callable[[Array, Array, Array | None], float]:
        cut, begun = self._cut, False

        def step(x: Array, y: Array, weight: Array | None) -> float:
            nonlocal begun
            if not begun:  # the first batch may have built it
                cut.begin(model, gathers=bool(run.metrics))
                begun = True
            losses = cut.gradients(model, x, y, weight)
            labels = zlib.crc32(np.ascontiguousarray(y).data)
            heard = self._header(STEP, len(y), labels, self._wish(model, run), losses)
            with self._together():
                loss = cut.update(model, len(y), heard[:, 6:].reshape(-1))
            self._heed(heard[:, 5], model, run)
            return loss

        return step

    def stops(self, model: Any, run: Run) -> bool:
        return self._agreed

    def agree(self, model: Any, run: Run) -> None:
        values = model.parameters.values
        heard = self._header(EPOCH, wish=self._wish(model, run))
        self._heed(heard[:, 5], model, run)
        sums = self._net.words(zlib.crc32(values.data))
        if len(set(sums)) > 1:
            self._same(values, next(k for k, one in enumerate(sums) if one != sums[0]))

    def _same(self, values: Array, other: int) -> None:
        """The first one's weights on all; other processors may round in another way."""
        first: Array = self.share(values.copy() if self.rank == 0 else None)
        apart = float(np.abs(first - values).max())
        if max(self._net.words(apart)) > ROUNDING * float(np.abs(first).max()):
            raise _ApartError(
                f"the ranks have other weights after an epoch, the first of them rank {other}: a "
                "callback must change them, or the learning rate, on all ranks alike."
            )
        values[...] = first

    def interrupt(self, run: Run) -> None:
        self._pressed = True

    def give_up(self) -> None:
        self._abort(KeyboardInterrupt())

    def bad_layer(self, found: str) -> str:
        self._header(LAYER)
        with self._together():
            heard: list[str] = self._net.words(found)
        return next((one for one in heard if not one.startswith("the loss ")), found)

    def _wish(self, model: Any, run: Run) -> int:
        if self._pressed:
            return CTRL_C
        return MODEL_STOPS if model.stop_training else RUN_STOPS if run.stopped else GO_ON

    def _heed(self, wishes: Array, model: Any, run: Run) -> None:
        most = int(wishes.max())
        self._agreed = most != GO_ON
        if most == CTRL_C:
            run.interrupt()
        elif most == RUN_STOPS:
            run.stop(f"a callback of rank {int(wishes.argmax())} ended it")
        elif most == MODEL_STOPS:
            model.stop_training = True

    # ---- measuring --------------------------------------------------------------------

    def forward(self, through: Callable[[Array], Array], outputs: tuple[int, ...]) -> Any:
        """``through``, a forward pass, with the rows shared out among the ranks."""

        def shared(x: Array) -> Array:
            own = self._cut.forward(through, x, outputs)
            self._header(MEASURE, len(x))
            with self._together():
                return self._cut.gather(own, len(x))

        return shared

    # ---- the header -------------------------------------------------------------------

    @contextmanager
    def _together(self) -> Iterator[None]:
        """In the middle of an exchange: who fails here cannot tell the others any more."""
        self._inside = True
        yield
        self._inside = False

    def _header(
        self, doing: int, n: int = 0, labels: int = 0, wish: int = 0,
        losses: Array | None = None, said: str = "",
    ) -> Array:  # fmt: skip
        """Exchange it; (ranks, 6 + losses).

        Raises:
            RankError: another rank failed.
        """
        run = self._run
        row = np.zeros(6 + self._cut.own)
        row[:6] = doing, *((run.epoch, run.batch) if run else (0, 0)), n, labels, wish
        if losses is not None:
            row[6:] = losses
        heard = self._net.gather(row)
        kinds = heard[:, 0].astype(int)
        if (kinds == ERROR).any():
            with self._together():
                texts = self._net.words(said)
            if doing != ERROR:
                failed = int(np.flatnonzero(kinds == ERROR)[0])
                error = RankError(
                    f"rank {failed} of {self.ranks} failed, and this one, {self.rank}, ends with "
                    f"it: {texts[failed]}"
                )
                error.rank = failed
                raise error
        elif (heard[:, :5] != heard[0, :5]).any():
            raise _ApartError(_went_apart(heard))
        return heard


class _ApartError(Exception):
    """All ranks know at once that they differ."""


def _differ(name: str, mine: Any, rank: int, theirs: Any) -> str:
    mine, theirs = (text if len(text := str(one)) < 100 else text[:97] + " …"
                    for one in (mine, theirs))  # fmt: skip
    return (
        f"the ranks differ in {name}: rank 0 has {mine}, rank {rank} has {theirs}. Give all the "
        "same script, data and versions."
    )


def _went_apart(heard: Array) -> str:
    other = int(np.flatnonzero((heard[:, :5] != heard[0, :5]).any(axis=1))[0])
    mine, theirs = heard[0], heard[other]
    if mine[0] != theirs[0] or (mine[1:3] != theirs[1:3]).any():
        at = [f"{DOING[int(r[0])]} (epoch {int(r[1]) + 1}, batch {int(r[2]) + 1})"
              for r in (mine, theirs)]  # fmt: skip
        what = f"rank 0 is at {at[0]}, rank {other} at {at[1]}"
    elif mine[3] != theirs[3]:
        what = f"rank 0 has {int(mine[3])} samples, rank {other} {int(theirs[3])}"
    else:
        what = f"rank 0 and rank {other} have other labels in the same batch"
    return (
        f"the ranks went apart in epoch {int(mine[1]) + 1}, batch {int(mine[2]) + 1}: {what}. "
        "Each must be given the same batches in the same order."
    )
