"""What is wrong with a ledger."""


class LedgerFault(Exception):
    """What is named cannot serve as this ledger, or serves no more; the text says why and what to do."""
