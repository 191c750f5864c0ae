"""The council report: one content, written as HTML, Markdown, CSV, a workbook or JSON."""
