"""The entries of the catalogue, a file for each kind."""
