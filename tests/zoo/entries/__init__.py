"""The models: a module for each kind, with a list ``ENTRIES``."""
