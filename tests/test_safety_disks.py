"""A disk that fills up, and one that turns read-only, under a server at work.

Reads go on, writes are told to come back, what was acknowledged stays, and no restart is needed after it.
The disks are small ones of the test's own, which only root can mount.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from tests import servers
from tests.api import fill
from tests.servers import Client, Server, is_honest_503, say, serving, wait_until
from tests.test_safety_kills import WRITERS, Crowd, Writer, acknowledged, check_nothing_lost, have_at_least
from tests.test_safety_races import Reader, write
from tracker.database import migrations
from tracker.database.engine import open_database
from tracker.services.checking import problems

pytestmark = [
    pytest.mark.safety,
    pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root mounts disks"),
]


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty folder to mount on, whose path is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="tracker-disk-"))
    yield folder
    while subprocess.run(["umount", "--lazy", folder], capture_output=True, check=False).returncode == 0:
        pass
    folder.rmdir()


def mounted(*arguments: str | Path) -> None:
    """Mount a disk, or skip the test: a container may forbid it even to root."""
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this system mounts nothing: {done.stderr.strip()}")


@contextmanager
def database_on(place: Path, engine_name: str) -> Iterator[str]:
    """Yield the URL of a database on a disk, with a small world in it."""
    with ExitStack() as stack:
        if engine_name == "sqlite":
            url = f"sqlite:///{place / 'tracker.db'}"
        else:
            url = stack.enter_context(servers.own_postgres(place)).url
        with closing(open_database(url)) as database:
            migrations.upgrade(database)
            fill(database)
        yield url
        with closing(open_database(url)) as database:
            assert list(problems(database)) == []


def test_a_full_disk_is_read_and_every_write_is_told_to_come_back(
    engine_name: str, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    mounted("-t", "tmpfs", "-o", f"size={'8m' if engine_name == 'sqlite' else '192m'}", "tmpfs", place)
    with database_on(place, engine_name) as url:
        token = servers.editor(url)
        with serving(url, tmp_path / "server.log") as server:
            writers = [Writer(server, token, number) for number in range(WRITERS)]
            reader = Reader(server, token)
            with (
                closing(Probe(server, token, WRITERS)) as probe,
                closing(Crowd([*writers, reader])),
                closing(Client(server, token)) as client,
            ):
                for _ in range(3):
                    wait_until(partial(have_at_least, acknowledged(writers) + 20, writers))
                    _fill_disk(place / "ballast")
                    wait_until(probe.is_refused, patience=120)
                    before = reader.statuses.copy()
                    wait_until(partial(reader.has_seen, 200, before[200] + 50))
                    assert client.ask("GET", "/readyz").status == 200
                    refused = write(client)
                    assert is_honest_503(refused.status, refused.headers), refused.raw
                    assert reader.statuses[503] == before[503] == 0
                    (place / "ballast").unlink()
                    freed = time.monotonic()
                    wait_until(probe.succeeds)
                    say(f"writes again after {time.monotonic() - freed:.2f} s")
            _check(server, token, [*writers, probe])


def test_a_disk_that_turned_read_only_is_read_and_written_again_once_it_is_mounted_anew(
    place: Path, tmp_path: Path
) -> None:
    image = tmp_path / "disk.img"
    with image.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("there is no mkfs.ext4")
    subprocess.run(["mkfs.ext4", "-q", image], check=True, capture_output=True)
    mounted("-o", "loop,errors=remount-ro", image, place)
    with database_on(place, "sqlite") as url:
        token = servers.editor(url)
        with serving(url, tmp_path / "server.log") as server:
            # A commit that failed while it went to the disk may be found there when the log is read again.
            writers = [Writer(server, token, number, refusals_are_sure=False) for number in range(WRITERS)]
            reader = Reader(server, token)
            with (
                closing(Probe(server, token, WRITERS, refusals_are_sure=False)) as probe,
                closing(Crowd([*writers, reader])),
                closing(Client(server, token)) as client,
            ):
                wait_until(partial(have_at_least, 50, writers))
                _break(place)
                wait_until(probe.is_refused)
                wait_until(partial(reader.has_seen, 200, reader.statuses[200] + 50))
                refused = write(client)
                assert is_honest_503(refused.status, refused.headers), refused.raw
                assert reader.statuses[503] == 0
                subprocess.run(["umount", "--lazy", place], check=True)
                mounted("-o", "loop", image, place)
                back = time.monotonic()
                wait_until(probe.succeeds)
                say(f"writes again after {time.monotonic() - back:.2f} s")
            _check(server, token, [*writers, probe])


class Probe(Writer):
    """A client that the test itself sends writes with, one after the other."""

    turns = 0

    def succeeds(self) -> bool:
        """Return whether one more write is taken."""
        before = len(self.acknowledged)
        self.write(self.turns)
        self.turns += 1
        assert self.wrong == []
        return len(self.acknowledged) > before

    def is_refused(self) -> bool:
        """Return whether ten writes in a row are refused: the rest of a page or a log may take one more."""
        return not any(self.succeeds() for _ in range(10))


def _check(server: Server, token: str, writers: list[Writer]) -> None:
    with closing(Client(server, token)) as client:
        check_nothing_lost(client, writers)
    assert server.stop() == 0
    assert "Traceback" not in server.log


def _fill_disk(ballast: Path) -> None:
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def _break(place: Path) -> None:
    """Make a disk read-only under open files, as an error on it does."""
    mount = subprocess.run(["findmnt", "-no", "SOURCE", place], capture_output=True, text=True, check=True)
    trigger = Path("/sys/fs/ext4") / Path(mount.stdout.strip()).name / "trigger_fs_error"
    if not trigger.exists():
        pytest.skip("the kernel breaks no disk on request")
    trigger.write_text("a test")
