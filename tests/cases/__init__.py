"""Recurrent models with faults as people make them, each beside its repaired twin."""
