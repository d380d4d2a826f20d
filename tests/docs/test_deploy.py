"""What docs/deploy and the container files promise: units that systemd takes, commands that exist, a valid manifest."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes_validate import validate

from tests.docs.test_documents import parse

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"
_PROGRAM = "/opt/newsdedup/bin/newsdedup"


@pytest.mark.parametrize("name", ["newsdedup.service", "newsdedup-crawl.service", "newsdedup-crawl.timer"])
def test_systemd_takes_the_units(name: str, tmp_path: Path) -> None:
    verifier = shutil.which("systemd-analyze")
    if verifier is None:
        pytest.skip("systemd-analyze is not installed (Debian: apt-get install systemd)")
    for unit in DEPLOY.glob("newsdedup*.*"):
        # systemd asks whether the program is there; here it is elsewhere.
        here = unit.read_text().replace(_PROGRAM, str(Path(sys.executable).with_name("newsdedup")))
        (tmp_path / unit.name).write_text(here)
    result = subprocess.run(
        [verifier, "verify", "--man=no", str(tmp_path / name)], capture_output=True, text=True, check=False
    )
    said = [line for line in result.stderr.splitlines() if str(tmp_path) in line or "newsdedup" in line]
    assert said == []


def _calls() -> list[str]:
    units = "\n".join(path.read_text() for path in sorted(DEPLOY.glob("newsdedup*")))
    return re.findall(rf"{_PROGRAM} ([^\n]+)", units)


@pytest.mark.parametrize("call", _calls())
def test_the_units_call_commands_that_exist(call: str) -> None:
    parse(shlex.split(call))


def test_the_cron_job_is_valid_and_calls_a_command_that_exists() -> None:
    job = yaml.safe_load((DEPLOY / "kubernetes.yaml").read_text())
    validate(job, "1.31", strict=True)
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    parse(container["args"])


def test_the_manifests_schema_refuses_a_misspelt_key() -> None:
    job = yaml.safe_load((DEPLOY / "kubernetes.yaml").read_text())
    job["spec"]["concurencyPolicy"] = job["spec"].pop("concurrencyPolicy")
    with pytest.raises(Exception, match="concurencyPolicy"):
        validate(job, "1.31", strict=True)


def _instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_image_is_pinned_copies_what_the_wheel_needs_and_runs_without_rights() -> None:
    instructions = _instructions()
    bases = [rest.split()[0] for word, rest in instructions if word == "FROM"]
    assert all(re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", base) for base in bases), bases
    last = len(instructions) - 1 - [word for word, _ in reversed(instructions)].index("FROM")
    users = [rest for word, rest in instructions[last:] if word == "USER"]
    assert users
    assert int(users[-1].split(":")[0]) > 0
    copied = {name for word, rest in instructions if word == "COPY" for name in rest.split()[:-1]}
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    needed = {
        *project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"],
        "pyproject.toml",
        "README.md",
    }
    assert needed <= copied
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {name for name in copied if not name.startswith(("-", "/"))} <= kept
    assert not [rest for word, rest in instructions if word == "ADD"]


def test_the_image_starts_commands_that_exist() -> None:
    said = {word: rest for word, rest in _instructions() if word in {"CMD", "ENTRYPOINT", "HEALTHCHECK"}}
    assert yaml.safe_load(said["ENTRYPOINT"]) == ["newsdedup"]
    parse(yaml.safe_load(said["CMD"]))
    check = yaml.safe_load(said["HEALTHCHECK"].partition("CMD ")[2])
    assert check[0] == "newsdedup"
    parse(check[1:])


def test_the_compose_file_is_pinned_and_hands_out_no_password() -> None:
    compose: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    database, crawl = compose["services"]["database"], compose["services"]["crawl"]
    assert re.fullmatch(r"postgres:\d+\.\d+-\w+", database["image"])
    assert "POSTGRES_PASSWORD" not in database["environment"]
    assert "@" in crawl["environment"]["NEWSDEDUP_DATABASE_URL"]
    assert ":" not in crawl["environment"]["NEWSDEDUP_DATABASE_URL"].partition("//")[2].partition("@")[0]
    assert crawl["read_only"]
    assert crawl["cap_drop"] == ["ALL"]
    parse(crawl["command"])


def test_hadolint_finds_nothing() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("hadolint is not installed")
    result = subprocess.run([hadolint, str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False)
    assert result.stdout == ""
