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
    connections: dict[str, dict[int, int]] = {}
    for budget in running:
        age = time.monotonic() - budget.began
        if budget.is_over:
            budget.end()
        elif budget.client and age > PAUSE and hasattr(socket, "TCP_INFO"):
            if budget.client not in connections:
                connections[budget.client] = waiting_connections(budget.client)
            now = connections[budget.client]
            own = waiting.setdefault(budget, {each for each, ago in now.items() if ago >= (age - 0.1) * 1000})
            if not own & now.keys():
                budget.end()


def waiting_connections(client: str) -> dict[int, int]:
    """Return this process's connections to an address that wait for an answer: inode, milliseconds since when."""
    result = {}
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
                if info[_SENT] >= info[_RECEIVED]:
                    result[inode] = info[_RECEIVED]
    return result


def _sockets() -> Iterator[tuple[int, int]]:
    """Yield the open sockets of this process, each with its inode."""
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            target = os.readlink(entry)
            if target.startswith("socket:["):
                yield int(entry.name), int(target[8:-1])
