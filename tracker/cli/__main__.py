"""`python -m tracker.cli` does what `tracker` does."""

from tracker.cli import main

if __name__ == "__main__":  # not where another process of this program is made
    main()
