"""Which of torch's callables have a rule: ``python -m shapeflow.ops``.

The names are taken from the installed torch, and so is what can be said of them, so that a new
torch shows what is new.
"""

from .inventory import Item, inventory
from .printing import main, to_json, to_markdown, to_text

__all__ = ["Item", "inventory", "main", "to_json", "to_markdown", "to_text"]
