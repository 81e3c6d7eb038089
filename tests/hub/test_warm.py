"""What is compiled ahead is what plans need."""

import pytest

from rookery.hub.warm import warm

pytestmark = pytest.mark.sqlite  # above the store: nothing here depends on which one it is


def test_warming_up_makes_plans_so_that_there_is_something_to_compile() -> None:
    warm()
    warm(green=True)
