"""One process that serves a socket, until a signal ends it and what it has begun is answered."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

GRACE = 10.0
"""Seconds in which requests that have begun are answered after a server was stopped."""
SETTLE = 0.2
"""Seconds in which a server that was stopped still reads what had reached this machine by then."""


def run(app: WSGIApplication, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve a WSGI application in this process until SIGINT or SIGTERM; ``ready`` is called when it answers."""
    from tracker.cli.granian_engine import GranianEngine

    with stop_signals() as wait_for_one:
        engine = GranianEngine(app, listening)
        ready()
        wait_for_one()
        time.sleep(SETTLE)
        listening.close()
        if not engine.stop(GRACE):
            # Threads that wait for a client's next byte would hold up the interpreter's end.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)


@contextmanager
def stop_signals() -> Iterator[Callable[[], None]]:
    """Yield what waits for SIGINT or SIGTERM; then a second Ctrl-C ends the program at once, SIGTERM does not.

    Threads that are started in the block leave both signals to the thread that waits: a handler would run
    in the main thread alone, which does not wake for a signal that another one took.
    """
    numbers = [signal.SIGINT, signal.SIGTERM]
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _: came.append(number)) for number in numbers}
    waits = hasattr(signal, "sigwait")  # not on Windows
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, numbers) if waits else None

    def wait() -> None:
        if waits:
            signal.sigwait(numbers)
        while not waits and not came:
            time.sleep(0.2)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        del before[signal.SIGTERM]  # so to the end of the process, which is near
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    try:
        yield wait
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
