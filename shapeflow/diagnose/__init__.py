"""From constraints and cores to findings that a person reads."""
