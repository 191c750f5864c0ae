"""Seed files: read with positions, checked as a whole, written as the difference."""

from tracker.loading.loader import Outcome, load, validate

__all__ = ["Outcome", "load", "validate"]
