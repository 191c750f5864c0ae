"""The report on paper: an installed Chromium prints it, poppler reads it back."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import city
from tests.loads import FILE
from tests.test_report import DAY, run_report
from tracker.database.engine import Database
from tracker.loading import load

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None or shutil.which("pdftotext") is None, reason="needs Chromium and poppler"
    ),
    pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True),
]


def printed(page: Path, folder: Path) -> list[str]:
    """Print a page as PDF and return the text of each sheet of paper."""
    paper = folder / "report.pdf"
    assert CHROMIUM is not None
    subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", f"--user-data-dir={folder / 'profile'}",
         "--no-pdf-header-footer", f"--print-to-pdf={paper}", page.as_uri()],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    text = subprocess.run(
        ["pdftotext", "-layout", str(paper), "-"], check=True, capture_output=True, timeout=60
    )
    sizes = subprocess.run(
        ["pdfinfo", str(paper)], check=True, capture_output=True, timeout=60
    ).stdout.decode()
    assert re.search(r"Page size: .*\(A4\)", sizes)
    return text.stdout.decode().split("\f")[:-1]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_sheet_has_its_number_and_tables_repeat_their_headings(
    database: Database, database_url: str, tmp_path: Path, lang: str
) -> None:
    Path("city.json").write_text(json.dumps(city.register(60), ensure_ascii=False), "utf-8")
    load(database, ["city.json"], FILE)
    assert run_report(database_url, "--as-of", DAY, "--lang", lang, "-o", "report.html").code == 0
    sheets = printed(tmp_path / "report.html", tmp_path)
    assert len(sheets) > 20
    for number, sheet in enumerate(sheets, 1):
        last = sheet.rstrip().splitlines()[-1]
        assert re.search(rf"{DAY}\s+{number} / {len(sheets)}$", last), last
    headings = {"en": "Main contents and where each stands", "ko": "주요내용 및 조항별 상태"}[lang]
    title = {"en": "Register of agreements", "ko": "업무협약 관리대장"}[lang]
    first = next(number for number, sheet in enumerate(sheets) if title in sheet)
    assert all(headings in sheet for sheet in sheets[first:])
