"""A model traced under every way its branches and loops can go."""

from .explore import PATHS, SECONDS, Exploration, Way, explore

__all__ = ["PATHS", "SECONDS", "Exploration", "Way", "explore"]
