"""The floor of the house: what every app may use and what knows no app and no model."""
