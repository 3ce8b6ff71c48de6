"""The command line: parse, one library call, print."""

from __future__ import annotations

import io
import sys


def main() -> None:
    """The program ``glassnet``.

    A sign that the terminal or the pipe has no place for (∂ in cp949, × in ASCII) becomes a
    question mark, and ends nothing.
    """
    from glassnet.cli.root import root

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    root(prog_name="glassnet")
