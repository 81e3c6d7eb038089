"""The floor is measured in the right unit: no machine reads a gigabyte a minute, none a terabyte a second."""

from bench import machine


def test_memory_is_neither_impossibly_slow_nor_fast() -> None:
    for value in (machine.read_gb_per_s(8), machine.copy_gb_per_s(8), machine.first_touch_gb_per_s(8)):
        assert 0.02 < value < 2_000
    assert 0.1 < machine.load_ns(1) < 5_000
