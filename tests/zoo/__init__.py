"""Models that nobody here wrote, out of published packages: ``python -m tests.zoo``."""
