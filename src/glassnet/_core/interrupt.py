"""Ctrl-C asks for the end, and leaves the place of it to whoever is interrupted."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType


@contextlib.contextmanager
def deferred_interrupt(ask: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl-C only calls ``ask``; the second stops at once (KeyboardInterrupt).

    So weights are never half updated.  Signals reach the main thread alone: elsewhere this
    changes nothing.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    pressed = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True
        ask()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
