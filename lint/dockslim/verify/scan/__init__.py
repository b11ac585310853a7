"""Vulnerabilities: reports read in bounded memory, counted, and attributed to the lines that brought the packages."""
