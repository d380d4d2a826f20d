from __future__ import annotations

import pytest
from click.shell_completion import ShellComplete, get_completion_class

from newsdedup.cli import COMMANDS, main


def completed(*words: str, last: str = "") -> set[str]:
    completion = ShellComplete(main, {}, "newsdedup", "_NEWSDEDUP_COMPLETE")
    return {item.value for item in completion.get_completions(list(words), last)}


def test_commands_options_and_choices_are_completed() -> None:
    assert completed() == set(COMMANDS)
    assert completed(last="cl") == {"clusters"}
    assert {"sources", "spun", "cluster"} <= completed("report")
    assert {"--label", "--since", "--format"} <= completed("clusters", last="--")
    assert completed("clusters", "--format") == {"table", "json", "jsonl", "csv"}
    assert "spun" in completed("clusters", "--label")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_calls_the_program(shell: str) -> None:
    found = get_completion_class(shell)
    assert found is not None
    # `source()` would ask the shell for its version, which need not be installed here.
    script = ShellComplete.source(found(main, {}, "newsdedup", "_NEWSDEDUP_COMPLETE"))
    assert f"_NEWSDEDUP_COMPLETE={shell}_complete" in script
