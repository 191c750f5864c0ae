"""What this program's commands share: examples at the head of their help, groups that import late."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from tracker.errors import nearest


class Command(click.Command):
    """A command whose help begins with examples."""

    def __init__(self, *args: Any, examples: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.examples = examples

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, then the text."""
        write_examples(self.examples, formatter)
        super().format_help_text(ctx, formatter)


class Group(click.Group):
    """A group whose help begins with examples, and that suggests a name for a mistyped one."""

    command_class = Command

    def __init__(self, *args: Any, examples: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.examples = examples

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, then the text."""
        write_examples(self.examples, formatter)
        super().format_help_text(ctx, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return a command, or fail with the one that may be meant."""
        known = self.list_commands(ctx)
        if args[0] not in known and not args[0].startswith("-"):
            hint = nearest(args[0], known)
            ctx.fail(f"there is no command `{args[0]}`" + (f"; {hint}" if hint else ""))
        return super().resolve_command(ctx, args)


class LazyGroup(Group):
    """A group that imports a command's module only when the command is called."""

    def __init__(
        self, *args: Any, sections: Mapping[str, Mapping[str, tuple[str, str]]], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.sections = sections
        self.paths = {name: path for section in sections.values() for name, (path, _) in section.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """Return the names of all commands, as help lists them."""
        return list(self.paths)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - Click's signature
        """Import a command."""
        path = self.paths.get(cmd_name)
        if path is None:
            return None
        module, _, attribute = path.partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):  # one function that makes several commands
            command = command(cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - Click's signature
        """Write each section with one line for each command, without importing any."""
        widest = max(map(len, self.paths))
        for title, section in self.sections.items():
            with formatter.section(title):
                # The same column in every section; write_dl looks at one section at a time.
                formatter.write_dl([(name.ljust(widest), summary) for name, (_, summary) in section.items()])


def write_examples(examples: str, formatter: click.HelpFormatter) -> None:
    """Write example lines as they are, never wrapped: they are there to be copied."""
    lines = inspect.cleandoc(examples).splitlines()
    if not lines:
        return
    with formatter.section("Examples"):
        for line in lines:
            formatter.write(f"{'':{formatter.current_indent}}{line}\n")
