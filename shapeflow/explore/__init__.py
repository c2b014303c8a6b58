"""A model traced under every way its branches and loops can go."""

from .explore import Exploration, Way, explore

__all__ = ["Exploration", "Way", "explore"]
