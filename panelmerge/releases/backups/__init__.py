"""Backups that are proven by restoring them, and restoring that changes nothing until it is sure."""
