"""Processor time, so that a busy machine disturbs little, and without the collector of garbage, as `timeit` has it."""

import gc
from collections.abc import Callable, Sequence
from time import process_time
from typing import TypeVar

Item = TypeVar("Item")


def seconds(run: Callable[[], object]) -> float:
    """How long one run takes."""
    gc.collect()
    gc.disable()
    started = process_time()
    run()
    took = process_time() - started
    gc.enable()
    return took


def microseconds_each(run: Callable[[Item], object], items: Sequence[Item]) -> float:
    """How long one item takes, the mean of all."""
    return seconds(lambda: [run(item) for item in items]) / len(items) * 1e6
