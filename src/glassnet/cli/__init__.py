"""The command line: parse, one library call, print."""

from __future__ import annotations


def main() -> None:
    """The program ``glassnet``."""
    from glassnet.cli.root import root

    root(prog_name="glassnet")
