"""`python -m tracker.cli` does what `tracker` does."""

from tracker.cli import main

main()
