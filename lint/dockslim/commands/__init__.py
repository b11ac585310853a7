"""The commands beside check and fix, each imported when it is called, and the options that several share."""
