from accounts.models.limits import RateWindow
from accounts.models.passwords import PasswordHistory
from accounts.models.people import User, UserManager

from accounts.models.locks import Lock  # isort: skip
from accounts.models.tokens import ApiToken

__all__ = ["ApiToken", "Lock", "PasswordHistory", "RateWindow", "User", "UserManager"]
