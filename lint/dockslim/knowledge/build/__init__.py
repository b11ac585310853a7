"""The compiler of the package knowledge; nothing here is imported by a look-up."""
