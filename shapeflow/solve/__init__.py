"""Which sizes satisfy a set of constraints: for all, under conditions, or never, and why."""

from .facts import Facts, Memory
from .solve import Core, Residual, Solution, solve
from .witness import find

__all__ = ["Core", "Facts", "Memory", "Residual", "Solution", "find", "solve"]
