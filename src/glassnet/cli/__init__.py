"""The command line: parse, one library call, print."""

from __future__ import annotations

import gc
import io
import sys


def main() -> None:
    """The program ``glassnet``.

    A sign that the terminal or the pipe has no place for (∂ in cp949, × in ASCII) becomes a
    question mark, and ends nothing.
    """
    from glassnet.cli import failures
    from glassnet.cli.root import root

    failures.the_program = True

    # What Numba and Matplotlib make while they are imported stays: looking through it for
    # garbage after every 700 objects takes 0.19 s of a training, and once more at the end 0.1.
    gc.set_threshold(200_000)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        root(prog_name="glassnet")
    finally:
        gc.freeze()
