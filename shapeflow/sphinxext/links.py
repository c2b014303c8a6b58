"""Addresses in a picture: classes that a documentation describes lead to where it does so."""

from __future__ import annotations

import re
from html import escape
from typing import Any

CLASS = re.compile(r'<a href="class:([\w.]+)"[^>]*>(.*?)</a>', re.DOTALL)
"""How a kept picture names the class of a module; see ``Style.classes``."""


def linked(svg: bytes, builder: Any) -> bytes:
    """The SVG with each class linked to its description; one that has none is no link."""

    def resolved(match: re.Match[str]) -> str:
        address = _address(match[1], builder)
        return match[2] if address is None else f'<a href="{escape(address)}">{match[2]}</a>'

    return CLASS.sub(resolved, svg.decode()).encode()


def _address(name: str, builder: Any) -> str | None:
    """Where a class is described: in these pages, or in those that intersphinx knows."""
    own = builder.env.get_domain("py").objects.get(name)
    if own is not None:
        page = builder.get_relative_uri(builder.current_docname, own.docname)
        return f"{page}#{own.node_id}"
    others = getattr(builder.env, "intersphinx_inventory", {})
    item = others.get("py:class", {}).get(name)
    return None if item is None else str(getattr(item, "uri", None) or item[2])


__all__ = ["linked"]
