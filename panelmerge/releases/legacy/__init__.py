"""Databases that the older Flask application made: recognised here, taken in place by ``adopt_legacy``."""
