"""The configuration file: which options of which commands it sets.

Precedence is the same for every setting: option, environment variable, configuration file, default. Must not
read the environment; the command line does, and passes what it found.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

DEFAULT_FILE_NAME = "newsdedup.toml"
DEFAULT_DATABASE_URL = "sqlite:///newsdedup.db"
SHARED_KEYS = frozenset({"database", "format"})
"""Keys that may stand at the top of the file and then hold for every command that has the option."""


class ConfigError(Exception):
    """The configuration file cannot be used; the message names file and key."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a configuration file says; ``path`` is None where there is no file."""

    path: Path | None = None
    values: Mapping[str, object] = field(default_factory=dict)

    def options_of(self, command_path: Sequence[str], option_names: Collection[str]) -> dict[str, object]:
        """The options that the file sets for one command, by option name with underscores.

        ``[crawl]`` holds for ``newsdedup crawl``, ``[db.stats]`` for ``newsdedup db stats``.

        Raises:
            ConfigError: a key is no option of that command.
        """
        shared = {key: self.values[key] for key in SHARED_KEYS & self.values.keys() & set(option_names)}
        own = {
            key.replace("-", "_"): value
            for key, value in self._table(command_path).items()
            if not isinstance(value, Mapping)  # a subcommand's table
        }
        if unknown := sorted(own.keys() - set(option_names)):
            command = " ".join(("newsdedup", *command_path))
            raise ConfigError(
                f"{self.path}: [{'.'.join(command_path)}] {unknown[0]!r} is no option of {command!r}"
            )
        return {**shared, **own}

    def _table(self, command_path: Sequence[str]) -> Mapping[str, object]:
        table: object = self.values
        for name in command_path:
            table = table.get(name, {}) if isinstance(table, Mapping) else {}
        if not isinstance(table, Mapping):
            raise ConfigError(f"{self.path}: {'.'.join(command_path)!r} must be a table of options")
        return table


def load_settings(path: Path | None, *, folder: Path, command_names: Collection[str]) -> Settings:
    """Read the file asked for, else ``newsdedup.toml`` in the folder, else nothing.

    Raises:
        ConfigError: the file asked for is missing, or a file is not TOML, or names an unknown command.
    """
    chosen = path or folder / DEFAULT_FILE_NAME
    if path is None and not chosen.is_file():
        return Settings()
    try:
        values = tomllib.loads(chosen.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot read configuration file {chosen}: {error}") from error
    if unknown := sorted(values.keys() - SHARED_KEYS - set(command_names)):
        raise ConfigError(
            f"{chosen}: {unknown[0]!r} is neither a command nor one of {', '.join(sorted(SHARED_KEYS))}"
        )
    return Settings(chosen, values)
