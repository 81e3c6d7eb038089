"""`python -m rookery.cli` is the `rookery` command."""

from rookery.cli import main

main()
