"""The roof: what knows every app's migrations and names the state they stand for."""
