"""Machine code for plain functions over flat arrays, by numba."""

from collections.abc import Callable
from typing import Any


def native(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function compiled at its first call, kept on disk where that is allowed."""
    from numba import njit  # slow to import: only where an instance is large enough

    try:
        return njit(cache=True)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # no writable place for the cache: compile once per process
        return njit(function)  # type: ignore[no-any-return]
