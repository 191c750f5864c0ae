"""Several processes that serve one socket, and the one above them that starts and stops them."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from tracker.cli.errors import say
from tracker.cli.running import GRACE, run

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PAUSE = 1.0
"""Seconds before a worker that died is replaced: one that dies at once must not keep a core busy."""
WATCH = 0.1
"""Seconds between two looks of a worker at whether the process above it is still there."""


def run_workers(
    app: Callable[[], WSGIApplication], listening: socket.socket, ready: Callable[[], None], count: int
) -> None:
    """Serve ``app()``, made in each of ``count`` processes, until SIGINT or SIGTERM.

    ``ready`` is called when all of them answer. A worker that dies is replaced; when the process above
    them is gone, however that came, they end as well.
    """
    above = os.getpid()
    numbers = {signal.SIGINT, signal.SIGTERM, signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    started: dict[int, int] = {}  # the process and where it says that it answers

    def start() -> None:
        answers, says = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(answers)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            _work(app, listening, says, above)
        os.close(says)
        started[process] = answers

    for _ in range(count):
        start()
    if all(os.read(answers, 1) for answers in started.values()):
        ready()
    while True:
        number = signal.sigwait(numbers)
        if number != signal.SIGCHLD:
            break
        for process in _dead(started):
            os.close(started.pop(process))
            say(f"worker {process} died; another one takes its place")
            time.sleep(PAUSE)
            start()
    listening.close()
    _end(started)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(app: Callable[[], WSGIApplication], listening: socket.socket, says: int, above: int) -> None:
    """Be a worker, in a process of its own; never returns."""
    code = 1
    try:
        threading.Thread(target=_watch, args=(above,), daemon=True).start()
        run(app(), listening, lambda: os.close(says) if os.write(says, b"1") else None)
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it is, this process must not go on as its parent would
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _watch(above: int) -> None:
    """End this process as soon as the one above it is gone."""
    while os.getppid() == above:
        time.sleep(WATCH)
    os._exit(1)


def _dead(started: dict[int, int]) -> list[int]:
    return [process for process in started if os.waitpid(process, os.WNOHANG)[0]]


def _end(started: dict[int, int]) -> None:
    """Let every worker answer what it has begun; what is not over then is over."""
    for process in started:
        os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + GRACE + 1
    left = set(started)
    while left and time.monotonic() < deadline:
        left -= {process for process in left if os.waitpid(process, os.WNOHANG)[0]}
        time.sleep(0.01)
    for process in left:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
