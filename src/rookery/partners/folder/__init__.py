"""The network folder: a network as plain CSV files, read, checked, written and described."""
