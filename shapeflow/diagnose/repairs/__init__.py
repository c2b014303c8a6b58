"""Repairs that a competent colleague would think of, each with where it would be written."""
