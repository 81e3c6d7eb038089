"""A demonstration that is killed while it makes its ledger can be begun again; another's ledger is not replaced."""

from pathlib import Path
from typing import Any

import pytest

from rookery.hub.open import open_demo_hub, open_hub
from rookery.ledger.log import Ledger, LedgerFault
from worlds import place, tiny_network

pytestmark = pytest.mark.sqlite  # a demonstration has a file


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("writes", range(4))
def test_a_demonstration_killed_between_two_commits_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    path, net, count = tmp_path / "demo.ledger", tiny_network(place("A")), 0
    set_meta = Ledger.set_meta

    def killed(self: Ledger, *args: Any, **kwargs: Any) -> None:
        nonlocal count
        count += 1
        if count > writes:
            self.close()
            raise Killed
        set_meta(self, *args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "set_meta", killed)
        try:
            open_demo_hub(net, path).ledger.close()
        except Killed:
            assert path.exists()
    open_demo_hub(net, path).ledger.close()


def test_a_ledger_of_a_hub_is_not_replaced(tmp_path: Path) -> None:
    path, net = tmp_path / "hub.ledger", tiny_network(place("A"))
    open_hub(net, path).ledger.close()
    with pytest.raises(LedgerFault, match="found another"):
        open_demo_hub(net, path)
