"""Files in and out: one reader or writer a file, found by a registry."""
