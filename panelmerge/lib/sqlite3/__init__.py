"""SQLite as Django knows it, through a door that can be shut while the file is exchanged."""
