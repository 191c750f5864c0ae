"""Seed files: read with positions, planned against the database, applied."""
