"""Names the first problems of an input on standard error, and counts the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsdedup.plural import counted

if TYPE_CHECKING:
    from newsdedup.cli.frame import Program

_SHOWN = 20


class Problems:
    """Listens to problems; what is said of each is the problem's own text."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.count = 0

    def hear(self, problem: object) -> None:
        """Name a problem, or only count it when many were named already."""
        self.count += 1
        if self.count <= _SHOWN:
            self.program.warn(str(problem))

    def summarise(self) -> None:
        """Say how many problems were not named."""
        if self.count > _SHOWN:
            self.program.warn(f"{counted(self.count - _SHOWN, 'more problem')} of this input")
