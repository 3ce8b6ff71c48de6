"""A group of commands that imports only the one that is called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

from glassnet._core.habits import unknown
from glassnet.cli.language import in_language, retold, tr
from glassnet.cli.words import customary

Table = Mapping[str, tuple[str, str]]  # name → ("module:function", one-line help)


class LazyGroup(click.Group):
    """Lists its commands from a literal table; imports a command's module when it runs."""

    def __init__(self, table: Table, **options: Any) -> None:
        super().__init__(**options)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.table:
            return None
        module, _, function = self.table[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), function)
        assert isinstance(command, click.Command)
        return in_language(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.table and not args[0].startswith("-"):
            ctx.fail(unknown("command", args[0], self.table))
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None and not isinstance(command, click.Group):
            rest = customary(command, rest)
        return name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(tr("Commands")):
            formatter.write_dl([(name, retold(line)) for name, (_, line) in self.table.items()])
