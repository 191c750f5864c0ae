"""Seed files: read with positions, checked as a whole, written as the difference."""

from tracker.loading.loader import load, validate
from tracker.loading.spreadsheets.sheets import Sheets
from tracker.loading.writing import Outcome

__all__ = ["Outcome", "Sheets", "load", "validate"]
