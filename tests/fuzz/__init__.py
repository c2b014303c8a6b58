"""Random programs out of all rules, compared with PyTorch: ``python -m tests.fuzz --help``."""
