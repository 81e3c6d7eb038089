"""Rookery: an open logistics network in one program."""

__version__ = "0.1.0"
