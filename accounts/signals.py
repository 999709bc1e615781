"""News that other apps may need to act on, in the same transaction."""

from django.dispatch import Signal

# An account is about to be closed. Arguments: person, by.
account_closing = Signal()

# Somebody may do less than before: switched off, of a lesser role, or their account is closed. Arguments: person, by.
rights_ended = Signal()

# Somebody wants to see what is held about them. Argument: person. Receivers answer {name: JSON value}.
account_data_wanted = Signal()
