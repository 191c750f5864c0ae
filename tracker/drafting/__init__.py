"""From a press article to a draft seed file: offline, deterministic, without guessing, without a database."""

from __future__ import annotations

from tracker.drafting.asking import asked
from tracker.drafting.document import Publication, draft
from tracker.drafting.reading import Article, read_bytes, read_text
from tracker.drafting.yaml_text import yaml_of

__all__ = ["Article", "Publication", "asked", "draft", "read_bytes", "read_text", "yaml_of"]
