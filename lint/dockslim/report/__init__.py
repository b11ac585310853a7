"""Findings and fixes as text: one module for each output format."""
