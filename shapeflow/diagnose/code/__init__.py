"""The user's source as syntax: where an expression's value comes from, without running anything."""
