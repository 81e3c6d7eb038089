"""Benchmarks: each module prints one table and writes build/bench/NAME.json; `python -m bench` runs them all.

A target that does not hold is a row that says so, and the exit status stays 0. It is not 0 where a benchmark itself
breaks: its data is missing, a command fails, or two answers that must be equal are not.
"""
