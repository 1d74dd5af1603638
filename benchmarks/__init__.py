"""Benchmarks: side-by-side measurements in one run. None of them is a test."""
