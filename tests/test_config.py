"""Settings: the environment first, then tracker.toml, then the defaults; every fault at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.app import create_app
from tracker.config import Settings, settings
from tracker.errors import Invalid


def test_without_anything_the_defaults_hold() -> None:
    assert settings() == Settings()


def test_the_environment_stands_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tracker.toml").write_text('time_zone = "Europe/Paris"\nmax_body = 1000\nprepare = false\n')
    monkeypatch.setenv("TRACKER_TIME_ZONE", "Asia/Tokyo")
    chosen = settings()
    assert (chosen.time_zone, chosen.max_body, chosen.prepare) == ("Asia/Tokyo", 1000, False)


def test_every_wrong_setting_is_named_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tracker.toml").write_text('tme_zone = "Asia/Seoul"\n')
    for name, text in {
        "DATABSE_URL": "x",
        "READ_ACCESS": "nobody",
        "TIME_ZONE": "Asia/Nowhere",
        "CORS_ORIGINS": "*",
        "MAX_BODY": "much",
        "PREPARE": "maybe",
    }.items():
        monkeypatch.setenv(f"TRACKER_{name}", text)
    with pytest.raises(Invalid) as caught:
        settings()
    assert {str(fault) for fault in caught.value.faults} == {
        f"{tmp_path / 'tracker.toml'}: `tme_zone` is not a setting; did you mean `time_zone`?",
        "TRACKER_DATABSE_URL is not a setting; did you mean `TRACKER_DATABASE_URL`?",
        "TRACKER_READ_ACCESS is 'nobody': say public or token",
        "TRACKER_TIME_ZONE is 'Asia/Nowhere': no such IANA time zone",
        "TRACKER_CORS_ORIGINS is '*': name the origins; a wildcard would let any page use a visitor's token",
        "TRACKER_MAX_BODY is 'much': say a number of bytes",
        "TRACKER_PREPARE is 'maybe': say true or false",
    }


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "tracker.toml").write_text("time_zone = \n")
    with pytest.raises(Invalid, match=r"tracker\.toml cannot be read"):
        settings()


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite://", "sqlite:///:memory:"])
def test_an_application_is_not_made_for_a_database_that_cannot_be(url: str) -> None:
    with pytest.raises(Invalid, match=r"sqlite:///tracker\.db"):
        create_app(Settings(database_url=url))


@pytest.mark.parametrize(("name", "text"), [("PUBLIC_URL", "foo"), ("CORS_ORIGINS", "https://a.org foo")])
def test_addresses_have_to_be_addresses(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"TRACKER_{name}", text)
    with pytest.raises(Invalid) as caught:
        settings()
    assert [fault.detail.partition(" is ")[0] for fault in caught.value.faults] == [f"TRACKER_{name}"]
