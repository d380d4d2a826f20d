"""One small Spark for all tests, tuned to start fast rather than to run long."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from newsdedup.jobs.errors import JobError
from newsdedup.spark.session import require_java, spark_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

SETTINGS = {
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


def lacking() -> str | None:
    if find_spec("pyspark") is None:
        return "needs pyspark: pip install -e '.[spark]'"
    try:
        require_java()
    except JobError as error:
        return str(error)
    return None


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    if reason := lacking():
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with spark_session("local[1]", SETTINGS) as session:
        yield session
