"""Spreadsheets, where registers live: an office's own columns in, templates and yearly worksheets out."""
