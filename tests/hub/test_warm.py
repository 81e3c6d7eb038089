"""What is compiled ahead is what plans need."""

from rookery.hub.warm import warm


def test_warming_up_makes_plans_so_that_there_is_something_to_compile() -> None:
    warm()
    warm(green=True)
