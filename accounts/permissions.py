"""Who may do what: permissions as an enumeration, roles as data."""

from enum import StrEnum

from django.db import models


class Role(models.TextChoices):
    """The words of the ``role`` column. AUDITOR stands beside the four of the older releases."""

    VIEWER = "VIEWER", "Viewer"
    USER = "USER", "User"
    EDITOR = "EDITOR", "Editor"
    ADMIN = "ADMIN", "Administrator"
    AUDITOR = "AUDITOR", "Auditor"


class Permission(StrEnum):
    """Named as Django names permissions, so that ``user.has_perm`` and the admin understand them."""

    ENTER_BACK_OFFICE = "accounts.enter_back_office"
    VIEW_USERS = "accounts.view_user"
    CHANGE_USERS = "accounts.change_user"
    ADD_USERS = "accounts.add_user"
    VIEW_LOCKS = "accounts.view_lock"
    CHANGE_LOCKS = "accounts.change_lock"
    READ_BY_TOKEN = "accounts.read_by_token"
    WRITE_BY_TOKEN = "accounts.write_by_token"
    VIEW_AUDIT = "audit.view_auditlog"
    VIEW_BLOCKS = "audit.view_blockedaddress"
    ADD_BLOCKS = "audit.add_blockedaddress"
    CHANGE_BLOCKS = "audit.change_blockedaddress"
    VIEW_CATALOGUE = "panels.view_cataloguepanel"
    VIEW_CATALOGUE_LOADS = "panels.view_generation"
    VIEW_GENES = "panels.view_gene"
    VIEW_GENE_LOADS = "panels.view_generelease"
    VIEW_UPLOADS = "panels.view_upload"
    VIEW_DOWNLOADS = "panels.view_paneldownload"
    VIEW_SAVED_PANELS = "panels.view_savedpanel"
    VIEW_TEAMS = "panels.view_team"
    LOAD_CATALOGUE = "panels.load_catalogue"
    OWN_PANELS = "library.own_panels"
    PUBLISH_PANELS = "library.publish_panels"
    FOUND_TEAMS = "library.found_teams"
    EVERY_PANEL = "library.every_panel"
    VIEW_ANNOUNCEMENTS = "announcements.view_adminmessage"
    CHANGE_ANNOUNCEMENTS = "announcements.change_adminmessage"


_READ_BACK_OFFICE = frozenset(
    {
        Permission.ENTER_BACK_OFFICE,
        Permission.VIEW_CATALOGUE,
        Permission.VIEW_CATALOGUE_LOADS,
        Permission.VIEW_GENES,
        Permission.VIEW_GENE_LOADS,
        Permission.VIEW_TEAMS,
        Permission.VIEW_ANNOUNCEMENTS,
    }
)

_USE_TOKENS = frozenset({Permission.READ_BY_TOKEN, Permission.WRITE_BY_TOKEN})

ROLES: dict[str, frozenset[Permission]] = {
    Role.VIEWER: frozenset(),
    # Who may own panels may change those shared with them; the others only look at them.
    Role.USER: _USE_TOKENS | {Permission.OWN_PANELS},
    Role.EDITOR: _READ_BACK_OFFICE
    | _USE_TOKENS
    | {Permission.LOAD_CATALOGUE, Permission.CHANGE_ANNOUNCEMENTS}
    | {Permission.OWN_PANELS, Permission.PUBLISH_PANELS, Permission.FOUND_TEAMS},
    # Reads everything and changes nothing, by a program neither.
    Role.AUDITOR: _READ_BACK_OFFICE
    | {Permission.VIEW_AUDIT, Permission.VIEW_BLOCKS, Permission.VIEW_USERS, Permission.VIEW_LOCKS}
    | {Permission.VIEW_UPLOADS, Permission.VIEW_DOWNLOADS, Permission.VIEW_SAVED_PANELS, Permission.READ_BY_TOKEN},
    Role.ADMIN: frozenset(Permission),
}


def role_allows(role: str, permission: str) -> bool:
    """Whether the role holds the permission; an unknown role holds none."""
    return permission in ROLES.get(role, frozenset())


def role_allows_app(role: str, app_label: str) -> bool:
    return any(permission.startswith(f"{app_label}.") for permission in ROLES.get(role, frozenset()))
