"""Ctrl-C ends the training after the batch that is under way."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class Interrupt:
    """Whether Ctrl-C was pressed."""

    def __init__(self) -> None:
        self.pressed = False

    def asked(self) -> bool:
        """Whether the training is to end."""
        return self.pressed


@contextlib.contextmanager
def deferred_interrupt() -> Iterator[Interrupt]:
    """The first Ctrl-C only asks; the second stops at once.

    So the weights are never half updated.  Signals reach the main thread alone: elsewhere
    this changes nothing.
    """
    interrupt = Interrupt()
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield interrupt
        return

    def ask(number: int, frame: FrameType | None) -> None:
        if interrupt.pressed:
            raise KeyboardInterrupt
        interrupt.pressed = True

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)
