"""Faulty programs, and how much the findings on them are worth."""
