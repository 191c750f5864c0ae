"""The database of record for signed agreements: who promised what to whom, and what became of it."""

__version__ = "0.1.0"
