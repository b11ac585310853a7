"""Rules of somebody else's."""
