"""From a press article to a draft seed file: offline, deterministic, without guessing, without a database."""

from __future__ import annotations

from tracker.drafting.document import draft
from tracker.drafting.publication import Publication
from tracker.drafting.reading import Article, read_bytes, read_text
from tracker.drafting.request import request_of
from tracker.drafting.yaml_text import yaml_of

__all__ = ["Article", "Publication", "draft", "read_bytes", "read_text", "request_of", "yaml_of"]
