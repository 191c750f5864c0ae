"""A thread that ends the work of requests whose time is over, or whose client is gone.

The server does not say over which connection a request came. So the connections of a request's client are
looked up that have waited for an answer for as long as the request runs: one of them is its own. When none
of them is left, nobody waits for the answer any more.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tracker.database import budgets
from tracker.database.budgets import Budget

PAUSE = 0.25
"""Seconds between two looks."""
_TCP_INFO = struct.Struct("8B24I")
_SENT, _RECEIVED = 8 + 9, 8 + 11
"""Where Linux's tcp_info has the milliseconds since something was last sent and last received."""


def watch() -> None:
    """Begin to watch the requests of this process."""
    threading.Thread(target=_watch, daemon=True, name="watching").start()


def _watch() -> None:
    waiting: dict[Budget, set[int]] = {}
    while True:
        time.sleep(PAUSE)
        running = budgets.running()
        for budget in waiting.keys() - set(running):
            del waiting[budget]
        end_what_is_over(running, waiting)


def end_what_is_over(running: tuple[Budget, ...], waiting: dict[Budget, set[int]]) -> None:
    """End budgets that are over or whose client is gone; ``waiting`` keeps the connections of each."""
    connections: dict[str, dict[int, int | None]] = {}
    for budget in running:
        age = time.monotonic() - budget.began
        if budget.is_over:
            budget.end()
        elif budget.client and age > PAUSE and hasattr(socket, "TCP_INFO"):
            if budget.client not in connections:
                connections[budget.client] = connections_to(budget.client)
            now = connections[budget.client]
            if budget not in waiting:
                waiting[budget] = _own(now, age)
            if not waiting[budget] & now.keys():
                budget.end()


def _own(now: dict[int, int | None], age: float) -> set[int]:
    """Return the connections of which one is that of a request: which wait as long, else which wait at all.

    One that has sent more since, the next request of a pipeline, seems to wait for less time than it does.
    """
    waiting = {inode: since for inode, since in now.items() if since is not None}
    return {inode for inode, since in waiting.items() if since >= (age - 0.1) * 1000} or set(waiting)


def connections_to(client: str) -> dict[int, int | None]:
    """Return this process's open connections to an address: inode, and for how many ms it waits, None if it does not."""
    result: dict[int, int | None] = {}
    for number, inode in _sockets():
        with suppress(OSError):
            connection = socket.socket(fileno=os.dup(number))
            with connection:
                if connection.family not in (socket.AF_INET, socket.AF_INET6):
                    continue
                if connection.getpeername()[0] != client:
                    continue
                info = _TCP_INFO.unpack(
                    connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
                )
                result[inode] = info[_RECEIVED] if info[_SENT] >= info[_RECEIVED] else None
    return result


def _sockets() -> Iterator[tuple[int, int]]:
    """Yield the open sockets of this process, each with its inode."""
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            target = os.readlink(entry)
            if target.startswith("socket:["):
                yield int(entry.name), int(target[8:-1])
