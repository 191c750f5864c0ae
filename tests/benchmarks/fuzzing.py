"""Inputs that coverage leads to: what a new line of the drafting code was reached with is changed further.

`pip install atheris`, then `python -m tests.benchmarks.fuzzing FOLDER [-runs=2000000]`: FOLDER keeps the
inputs that led on, a run begins with them. What raises anything but what is declared is printed and kept.
The options are libFuzzer's.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["tracker.drafting"]):
    from tests.drafts import drafted
    from tracker.drafting import read_bytes
from tests.benchmarks.drafting import ARTICLE, PIECES
from tracker.errors import Invalid


def one(content: bytes) -> None:
    """Draft a text, or refuse it: every string at its span."""
    with contextlib.suppress(Invalid):
        read_bytes(content)
    with contextlib.suppress(Invalid):
        drafted(content.decode("utf-8", "replace"))


def main() -> None:
    """Begin with the benchmark's article, its lines and its pieces, which are the dictionary too."""
    with tempfile.TemporaryDirectory() as folder:
        seeds, words = Path(folder) / "seeds", Path(folder) / "words"
        seeds.mkdir()
        for at, text in enumerate([ARTICLE, *ARTICLE.splitlines(), *PIECES]):
            (seeds / str(at)).write_text(text, encoding="utf-8")
        words.write_text(
            "".join(
                '"' + "".join(f"\\x{byte:02x}" for byte in piece.encode()) + '"\n'
                for piece in PIECES
                if len(piece.encode()) < 60
            ),
            encoding="utf-8",
        )
        atheris.Setup([*sys.argv, str(seeds), f"-dict={words}"], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
