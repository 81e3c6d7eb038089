"""The garbage collector while a hub works."""

import gc

import pytest

from rookery.hub.steady import OLD, steady

pytestmark = pytest.mark.sqlite  # above the store: nothing here depends on which one it is


def test_what_is_there_is_not_looked_at_again_and_afterwards_all_is_as_usual() -> None:
    usual = gc.get_threshold()
    with steady():
        assert gc.get_threshold()[2] == OLD and gc.get_freeze_count() > 0
    assert gc.get_threshold() == usual and gc.get_freeze_count() == 0
