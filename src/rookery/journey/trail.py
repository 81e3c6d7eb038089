"""Which rows of a table have changed, for whoever keeps something in step with it."""


class Trail:
    """The keys that changed, in order, for whoever keeps arrays in step with a table; `base`: how many were dropped."""

    __slots__ = ("base", "keys")

    def __init__(self) -> None:
        self.base = 0
        self.keys: list[bytes | str] = []

    def cut(self, keep: int) -> None:
        """Forget all when they are more than `keep`: who has not followed begins anew."""
        if len(self.keys) > keep:
            self.base += len(self.keys)
            self.keys.clear()

    def restart(self) -> None:
        """Everything may have changed: who follows begins anew."""
        self.base += len(self.keys) + 1
        self.keys.clear()
