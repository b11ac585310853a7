"""Placeholder until the fixer is written."""
