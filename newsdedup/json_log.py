"""Log records as JSON, one object a line, for programs that collect logs; decides not what is logged."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class JsonFormatter(logging.Formatter):
    """One line a record: time, level, logger, message, process, and the crawl's run where there is one."""

    def __init__(self, run_id: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self._run_id = run_id

    def format(self, record: logging.LogRecord) -> str:
        """The record as one JSON object; line breaks and control characters are escaped by JSON itself."""
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process_id": record.process,
            "run_id": self._run_id(),
            "exception": self.formatException(record.exc_info) if record.exc_info else None,
        }
        return json.dumps({name: value for name, value in fields.items() if value is not None})
