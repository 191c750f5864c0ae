"""Benchmarks, run by hand: figures are ratios from one run, never asserted by timed tests."""
