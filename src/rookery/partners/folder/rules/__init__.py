"""The rules of a network folder beyond the types of its cells, by what they look at."""
