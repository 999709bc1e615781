"""The back office of people."""

from accounts.admin.locks import LockAdmin
from accounts.admin.people import UserAdmin

__all__ = ["LockAdmin", "UserAdmin"]
