"""Starts Spark, or says in one line what it lacks; the only place that sets Spark's own settings.

Must not read or write data.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from newsdedup.jobs.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyspark.sql import SparkSession

_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    # times before 1582 as they are
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.ui.enabled": "false",
}


def require_java() -> None:
    """Refuse to go on without Java, which Spark would say in forty lines.

    Raises:
        JobError: there is no Java here.
    """
    home = os.environ.get("JAVA_HOME")
    if (home and Path(home, "bin", "java").exists()) or shutil.which("java"):
        return
    raise JobError(
        "Spark needs Java 17 or newer, and there is none; install: apt-get install openjdk-17-jre-headless"
    )


@contextmanager
def spark_session(master: str | None, settings: Mapping[str, str]) -> Iterator[SparkSession]:
    """A session; ``master`` None leaves it to Spark's own configuration, else all processors of this machine.

    One that is there already is used as it is; one that was started ends with the block.

    Raises:
        JobError: Java or pyspark is missing, or Spark does not start.
    """
    require_java()
    try:
        from pyspark import SparkConf  # noqa: PLC0415  an extra, and slow to load
        from pyspark.errors import PySparkException  # noqa: PLC0415
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise JobError(
            "Spark is not installed; run where newsdedup was cloned: pip install -e '.[spark]'"
        ) from error

    if (running := SparkSession.getActiveSession()) is not None:
        yield running
        return
    # The workers' Python is this one, where nothing else was said: another may lack this package.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    conf = SparkConf()
    if master is not None:
        conf.setMaster(master)
    elif not conf.contains("spark.master"):
        conf.setMaster("local[*]")
    if conf.get("spark.master", "").startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    shown = {"spark.ui.showConsoleProgress": str(sys.stderr.isatty()).lower()}
    for name, value in (_SETTINGS | shown | dict(settings)).items():
        conf.set(name, value)
    try:
        session = SparkSession.builder.appName("newsdedup-spark").config(conf=conf).getOrCreate()
    except PySparkException as error:
        raise JobError(f"Spark does not start: {first_line(error)}") from error
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


def first_line(error: Exception) -> str:
    """What an error of Spark says before it shows where."""
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
