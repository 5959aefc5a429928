"""How often a read at an address is tried again, and after how long: one rule for all of them.

What passes by itself is tried again: lost, refused or silent connections, bodies that end early,
and the statuses of a server that is busy. What a server says of the request is not.
"""

from __future__ import annotations

import asyncio
import email.utils
import errno
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from nbimage.base.lazy_types import find_type

BUSY = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 525)})
"""Statuses that a server may not answer with the next time."""
_ERRNOS = frozenset(
    getattr(errno, name)
    for name in ("EAGAIN", "EBUSY", "EIO", "EPIPE", "EREMOTEIO", "ETIMEDOUT")
    if hasattr(errno, name)
)
_FINAL = FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError
_STEP = 1.0  # seconds after which a wait looks whether it is still needed

_T = TypeVar("_T")


class PassingError(OSError):
    """What may go well the next time, after as many seconds as the server asks for."""

    def __init__(self, text: str, seconds: float | None = None) -> None:
        super().__init__(text)
        self.seconds = seconds


@dataclass(frozen=True)
class Retries:
    """How often is tried, and when no more."""

    count: int = 5
    """Tries, with the first."""
    seconds: float = 60
    """After which no other try begins."""
    first: float = 0.25
    """Seconds before the second try: twice as many before each further one, at random less."""
    longest_asked: float = 30
    """Seconds that a server may ask to wait for."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    sleep_here: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


DEFAULT = Retries()


class Tries:
    """The tries of one read.

    ``stopped`` says whether nobody waits for it any more; ``answered``, whether the server was ever
    there: one that was never is not looked for again.
    """

    def __init__(self, stopped: Callable[[], bool], answered: Callable[[], bool]) -> None:
        self._rule, self._stopped, self._answered = DEFAULT, stopped, answered
        self._begin = self._rule.clock()
        self.count = 0

    def renew(self) -> None:
        """Count from now on: much came."""
        self.count, self._begin = 0, self._rule.clock()

    async def run(self, work: Callable[[], Awaitable[_T]]) -> _T:
        """Return what work returns, tried again where that may help."""
        while True:
            try:
                return await work()
            except Exception as error:  # each file system has its own
                wait = self._next_wait(error)
            while wait > 0 and not self._stopped():
                await self._rule.sleep(min(wait, _STEP))
                wait -= _STEP

    def run_here(self, work: Callable[[], _T]) -> _T:
        """Do the same for work that is not asynchronous."""
        while True:
            try:
                return work()
            except Exception as error:
                wait = self._next_wait(error)
            self._rule.sleep_here(wait)

    def _next_wait(self, error: Exception) -> float:
        """Return for how many seconds to wait. Raises the error where it is the last one."""
        self.count += 1
        if self._stopped() or not _may_pass(error, answered=self._answered()):
            raise error
        rule, asked = self._rule, _find_asked(error)
        wait = float(rule.first * 2 ** (self.count - 1) * random.uniform(0.5, 1))
        if asked is not None:
            wait = max(wait, asked)
        late = rule.clock() - self._begin + wait > rule.seconds
        if self.count >= rule.count or late or (asked or 0) > rule.longest_asked:
            raise error
        return wait

    def describe(self, error: BaseException) -> str:
        """Return what to add to an error: how often was asked, and for how long to wait."""
        asked = _find_asked(error)
        if asked is not None and asked > self._rule.longest_asked:
            return f", and asks to wait for {asked:.0f} seconds: try again then"
        if self.count > 1:
            return f" (asked {self.count} times): try again later"
        return ""


def find_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a Retry-After header asks to wait for."""
    text = str(headers.get("retry-after", "")).strip()
    if text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


def _find_asked(error: BaseException | None) -> float | None:
    while error is not None:
        if isinstance(error, PassingError):
            return error.seconds
        response = getattr(error, "response", None)
        if isinstance(response, dict):
            return find_wait(response.get("ResponseMetadata", {}).get("HTTPHeaders", {}))
        error = error.__cause__
    return None


def find_status(error: BaseException | None) -> int | None:
    """Return the status that a server answered with, of an error of any file system."""
    while error is not None:
        response = getattr(error, "response", None)
        if isinstance(response, dict):  # of botocore
            found = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        else:
            names = "status", "status_code", "code"
            found = next((getattr(error, name) for name in names if hasattr(error, name)), None)
        if isinstance(found, int) or (isinstance(found, str) and found.isdecimal()):
            return int(found)
        error = error.__cause__
    return None


def _may_pass(error: Exception, *, answered: bool) -> bool:
    if isinstance(error, PassingError):
        return True
    if isinstance(error, _FINAL):
        return False
    if _is(error, "aiohttp", "ClientSSLError", "ServerFingerprintMismatch"):
        return False
    missing = _is(error, "aiohttp", "ClientConnectorError") or _is(
        error, "botocore.exceptions", "EndpointConnectionError"
    )
    if missing or isinstance(error, ConnectionRefusedError):
        return answered
    if is_cut(error):
        return True
    status = find_status(error)
    if status is not None and status >= 400:
        return status in BUSY
    if isinstance(error, (TimeoutError, asyncio.TimeoutError, ConnectionError)):
        return True
    if isinstance(error, OSError) and error.errno in _ERRNOS:
        return True
    return _is(error, "aiohttp", "ClientOSError") or _is(
        error, "botocore.exceptions", "HTTPClientError"
    )


def is_cut(error: BaseException) -> bool:
    """Say whether a connection ended before all bytes came."""
    return _is(error, "aiohttp", "ClientPayloadError", "ServerDisconnectedError") or _is(
        error, "botocore.exceptions", "IncompleteReadError", "ResponseStreamingError"
    )


def _is(error: BaseException | None, module: str, *names: str) -> bool:
    kinds: Any = tuple(find_type(module, name) for name in names)
    while error is not None:
        if isinstance(error, kinds):
            return True
        error = error.__cause__
    return False
