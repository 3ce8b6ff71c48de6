"""Ctrl-C asks for the end, and leaves the place of it to whoever is interrupted."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from types import FrameType
from typing import Any


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


_all = ContextVar("_all", default=False)


@contextlib.contextmanager
def ends_all() -> Iterator[None]:
    """A Ctrl-C in one of the trainings inside ends not only it: what it would go on to is no more.

    A training that Ctrl-C ended returns as it is; where it is but a part, that would be taken for
    a whole one.
    """
    before = _all.set(True)
    try:
        yield
    finally:
        _all.reset(before)


def pass_on() -> None:
    """Raises KeyboardInterrupt after an interrupted training, inside of :func:`ends_all`."""
    if _all.get():
        raise KeyboardInterrupt


@contextlib.contextmanager
def heard_at_last() -> Iterator[None]:
    """Raise the KeyboardInterrupt of a Ctrl-C that was lost inside.

    While LLVM compiles it calls back into Python, and what is raised there ctypes only prints: a
    Ctrl-C in that moment would be forgotten, or become an error about code that is not there.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    raised = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal raised
        try:
            before(number, frame)
        except KeyboardInterrupt:
            raised = True
            raise

    def unraisable(lost: Any) -> None:
        if not isinstance(lost.exc_value, KeyboardInterrupt):
            told(lost)

    told, sys.unraisablehook = sys.unraisablehook, unraisable
    signal.signal(signal.SIGINT, handle)
    try:
        yield
    except Exception as error:
        if raised:
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.signal(signal.SIGINT, before)
        sys.unraisablehook = told
    if raised:
        raise KeyboardInterrupt
