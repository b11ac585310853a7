"""The language server: what editors ask for, answered by the same engine."""
