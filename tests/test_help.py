"""Every command's help: examples first, a sentence, every option explained, on a page of a hundred columns."""

from __future__ import annotations

import inspect
import re

import click
import pytest

from tests.test_cli import every_command, tracker

WIDEST = 100


def parameters(command: click.Command) -> list[click.Parameter]:
    return command.get_params(click.Context(command))


@pytest.mark.parametrize("path", every_command(), ids=" ".join)
def test_a_page_of_help_fits_and_begins_with_examples(path: tuple[str, ...]) -> None:
    result = tracker(*path, "--help")
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert [line for line in lines if len(line) > WIDEST] == []
    assert lines[0].startswith("Usage: tracker")
    assert lines[2] == "Examples:"
    assert re.match(r"  \S", lines[3])


@pytest.mark.parametrize("path", every_command(), ids=" ".join)
def test_a_command_says_in_a_sentence_what_it_does(path: tuple[str, ...]) -> None:
    lines = inspect.cleandoc(every_command()[path].help or "").splitlines()
    sentence = lines[0] if len(lines) == 1 or not lines[1] else " ".join(lines[:3])
    assert re.fullmatch(r"[A-Z].*\.", sentence), lines


@pytest.mark.parametrize("path", every_command(), ids=" ".join)
def test_every_option_and_argument_is_explained(path: tuple[str, ...]) -> None:
    command = every_command()[path]
    page = tracker(*path, "--help").out.partition("Examples:")[2]
    for parameter in parameters(command):
        if isinstance(parameter, click.Option):
            help = parameter.help or ""
            assert re.fullmatch(r"(?s)[A-Zv].*\.", help), (path, parameter.name, help)
            takes_a_word = not parameter.is_flag and not isinstance(parameter.type, click.Choice)
            assert not takes_a_word or parameter.metavar, (path, parameter.name)
            has_default = not parameter.is_flag and not parameter.multiple and parameter.default is not None
            if has_default and not callable(parameter.default) and "UNSET" not in repr(parameter.default):
                assert f"default: {parameter.default}" in " ".join(page.split()), (path, parameter.name)
        else:
            metavar = parameter.make_metavar(click.Context(command)).strip("[]….")
            assert re.search(rf"\b{metavar}\b", page), (path, metavar)


def test_the_root_names_the_exit_codes_and_the_settings() -> None:
    page = " ".join(tracker("--help").out.split())
    assert (
        "Exit codes: 0 done, 1 failure, 2 usage, 3 invalid input, 4 refused access, 5 not found, 6 conflict."
        in page
    )
    assert "TRACKER_DATABASE_URL" in page
