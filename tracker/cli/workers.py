"""Several processes that serve one socket, and the one above them that starts and stops them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from typing import TYPE_CHECKING

from tracker.cli.errors import say
from tracker.cli.running import GRACE, run

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PAUSE = 1.0
"""Seconds before a worker that died is replaced: one that dies at once must not keep a core busy."""

Signals = set[signal.Signals]


def run_workers(
    app: Callable[[], WSGIApplication], listening: socket.socket, ready: Callable[[], None], count: int
) -> None:
    """Serve ``app()``, made in each of ``count`` processes, until SIGINT or SIGTERM.

    ``ready`` is called when all of them answer. A worker that dies is replaced; when the process above
    them is gone, however that came, they end as well.
    """
    fork = multiprocessing.get_context("fork")  # workers inherit the socket, whatever ``app`` closes over
    numbers = {signal.SIGINT, signal.SIGTERM, signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    workers: dict[ForkProcess, Connection] = {}  # with the pipe that tells when it answers

    def start() -> None:
        answers, sender = fork.Pipe(duplex=False)
        worker = fork.Process(target=_work, args=(app, listening, sender, before), daemon=True)
        worker.start()
        sender.close()
        workers[worker] = answers

    for _ in range(count):
        start()
    if all(_answers(pipe) for pipe in workers.values()):
        ready()
    while signal.sigwait(numbers) == signal.SIGCHLD:
        for worker in [each for each in workers if not each.is_alive()]:
            workers.pop(worker).close()
            say(f"worker {worker.pid} died; another one takes its place")
            time.sleep(PAUSE)
            start()
    listening.close()
    _end(list(workers))
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(
    app: Callable[[], WSGIApplication], listening: socket.socket, sender: Connection, mask: Signals
) -> None:
    """Serve in a process of its own, which ends as soon as the one above it is gone."""
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    threading.Thread(target=_end_with_the_process_above, daemon=True).start()
    run(app(), listening, lambda: sender.send_bytes(b"1"))


def _end_with_the_process_above() -> None:
    above = multiprocessing.parent_process()
    assert above is not None
    above.join()
    os._exit(1)


def _answers(pipe: Connection) -> bool:
    """Wait until a worker answers, or has died."""
    try:
        return pipe.recv_bytes() == b"1"
    except EOFError:
        return False


def _end(workers: list[ForkProcess]) -> None:
    """Let every worker answer what it has begun; kill those that take too long."""
    for worker in workers:
        worker.terminate()
    deadline = time.monotonic() + GRACE + 1
    for worker in workers:
        worker.join(max(deadline - time.monotonic(), 0))
        if worker.is_alive():
            worker.kill()
            worker.join()
