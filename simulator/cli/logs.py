"""Structured logs on stderr: JSON lines with trace ids and without secrets (QLT-02, QLT-07)."""

import logging
import re
import sys
from collections.abc import MutableMapping
from functools import partial
from typing import TYPE_CHECKING, Any

from simulator.base.lazy import lazy
from simulator.base.log import LEVELS, Level, say_from
from simulator.settings import unknown

if TYPE_CHECKING:
    import structlog
else:
    structlog = lazy("structlog")

_SECRET_NAME = re.compile(r"secret|token|signature|authorization|password|_key$|^key$", re.I)
_SECRET_TEXT = re.compile(r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]+")
MASK = "***"


def mask_secrets(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> Any:
    """Cover what opens something, by name and by look."""
    for name, value in entry.items():
        if _SECRET_NAME.search(name):
            entry[name] = MASK
        elif isinstance(value, str):
            entry[name] = _SECRET_TEXT.sub(rf"\1 {MASK}", value)
    return entry


def configure_logs(level: str) -> None:
    """Send logs of this level and above to stderr."""
    known = next((one for one in LEVELS if one == level), None)
    if known is None:
        raise unknown("--log-level", level, LEVELS)
    say_from(known, partial(_configure, known))
    # The libraries below tell of their starts and stops at "info"; only their troubles are ours.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s %(message)s")


def _configure(level: Level) -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask_secrets,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
