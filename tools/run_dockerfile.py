"""Runs the Dockerfile's own commands in an empty folder, where no container can be built, and starts what they install.

    python -m tools.run_dockerfile

Of the build stage: what it copies is copied, what it runs is run, with its folders below a temporary one. Then the
program answers as the image would be asked to.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, word and rest, in order."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def main() -> int:
    said = instructions()
    stages = [number for number, (word, _) in enumerate(said) if word == "FROM"]
    with tempfile.TemporaryDirectory(prefix="newsdedup-image-") as folder:
        place = Path(folder)
        build = place / "build"
        build.mkdir()
        for word, rest in said[stages[0] : stages[1]]:
            if word == "COPY":
                *names, target = rest.split()
                for name in names:
                    _copy(ROOT / name, build / target)
            elif word == "RUN":
                command = rest.replace("/opt/newsdedup", str(place / "opt")).replace(
                    "python -m venv", "python3 -m venv"
                )
                print(f"+ {command}", flush=True)
                subprocess.run(["/bin/sh", "-ec", command], cwd=build, check=True)  # noqa: S603  # the file's own words
        (place / "data").mkdir()
        for arguments in (["--version"], *_asked(said)):
            print(f"+ newsdedup {' '.join(arguments)}", flush=True)
            _start(place, arguments)
    return 0


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target / source.name if target.is_dir() else target)


def _asked(said: list[tuple[str, str]]) -> list[list[str]]:
    """The health check, once there is a database."""
    (check,) = (rest for word, rest in said if word == "HEALTHCHECK")
    return [["db", "upgrade"], json.loads(check.partition("CMD ")[2])[1:]]


def _start(place: Path, arguments: list[str]) -> None:
    program = place / "opt" / "bin" / "newsdedup"
    environment = {
        "PATH": f"{program.parent}:{os.defpath}",
        "NEWSDEDUP_DATABASE_URL": f"sqlite:///{place}/data/news.db",
    }
    subprocess.run([str(program), *arguments], cwd=place / "data", env=environment, check=True)  # noqa: S603  # as above


if __name__ == "__main__":
    sys.exit(main())
