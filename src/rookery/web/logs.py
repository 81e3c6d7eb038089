"""Structured logs of a server: one JSON object a line on the error stream. Secrets and bodies never stand in them."""

import logging
import sys
from typing import Any

import structlog

from rookery.web.access import LOG


def start_logs(level: int = logging.INFO, *, requests: bool = False) -> None:
    """Send what the program logs, and what its libraries do, to the error stream as JSON. `requests`: these, too."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    lines = logging.StreamHandler(sys.stderr)  # they are JSON already, which costs a fifth of what the others do
    LOG.handlers[:], LOG.propagate = [lines], False
    LOG.setLevel(logging.INFO if requests else logging.WARNING)
