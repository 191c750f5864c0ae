"""`python -m tracker` does what `tracker` does."""

from tracker.cli import main

main()
