"""Rules are found, run and heard here; fixes are applied and written here."""
