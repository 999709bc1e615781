"""Rows of every kind for each release: empty, NULL, odd letters, long and doubled words."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction

from panelmerge.lib.crypto import keyring
from panelmerge.releases.manifest import NEWEST, RELEASES
from tests.releases.installing import go_to

THEN = datetime(2025, 3, 30, 0, 59, 59, 123456, tzinfo=UTC)
ORDER = list(RELEASES)
NAMES = ("ada", "Ada", "ünïcode'; drop", "grace")


def encrypted(text: str, table: str, column: str) -> str:
    return keyring().encrypt(text.encode(), f"{table}.{column}")


def fill(release: str) -> None:
    """Bring an empty database to the release, with rows in every table of ours that it has."""
    apps = go_to(release)
    people = apps.get_model("accounts", "User").objects
    for place, name in enumerate(NAMES):
        person = {"username": name, "password": "scrypt$x" if place else ""}
        if ORDER.index(release) >= ORDER.index("1.4.0"):
            person |= {
                # Capitals are lowered on the way to the newest release.
                "email": f"{name}@Example.org" if place == 3 and release != NEWEST else f"p{place}@example.org",
                "role": ("ADMIN", "USER", "VIEWER", "EDITOR")[place],
                "first_name": encrypted(f"First {name}", "user", "first_name_encrypted") if place else None,
                "created_at": THEN,
            }
        people.create(**person)
    downloads = apps.get_model("panels", "PanelDownload").objects
    downloads.create(ip_address="::1", panel_ids="1,2", list_types="", gene_count=None, download_date=THEN)
    if ORDER.index(release) >= ORDER.index("1.4.0"):
        fill_1_4_0(apps)
    if ORDER.index(release) >= ORDER.index("1.5.0"):
        fill_1_5_0(apps)
    if release == NEWEST:
        # Packages, triggers, and the proof of what is there.
        call_command("migrate", verbosity=0)
        fill_2_0_0()


def fill_1_4_0(apps) -> None:
    ada = apps.get_model("accounts", "User").objects.get(username="ada")
    for place, word in enumerate(("LOGIN", "SYSTEM_SECURITY", "ADMIN_ACTION")):
        apps.get_model("audit", "AuditLog").objects.create(
            action_type=word,
            action_description="d" * 480,
            ip_address="local",
            timestamp=THEN,
            user_id=99999 if place else ada.pk,
        )
    apps.get_model("announcements", "AdminMessage").objects.create(
        title="t", message="", created_by=ada, created_at=THEN
    )


def fill_1_5_0(apps) -> None:
    ada = apps.get_model("accounts", "User").objects.get(username="ada")
    apps.get_model("audit", "AuditLog").objects.create(
        action_type="PANEL_SHARE", action_description="shared", ip_address="::1", timestamp=THEN
    )
    moment = {"created_at": THEN, "updated_at": THEN, "last_accessed_at": THEN}
    panel = apps.get_model("panels", "SavedPanel").objects.create(name="P", owner=ada, gene_count=2, **moment)
    version = apps.get_model("panels", "PanelVersion").objects.create(
        panel=panel, version_number=1, created_by=ada, created_at=THEN, gene_count=2
    )
    panel.current_version = version
    panel.save()
    genes = apps.get_model("panels", "PanelGene").objects
    genes.create(panel=panel, gene_symbol="GBA", confidence_level="3", user_notes='it\'s; "odd"', added_at=THEN)
    genes.create(panel=panel, gene_symbol="gba", phenotype="", is_modified=None, added_at=THEN)
    apps.get_model("panels", "PanelShare").objects.create(panel=panel, shared_by=ada, share_token="t", created_at=THEN)
    apps.get_model("panels", "PanelChange").objects.create(
        panel=panel, version=version, change_type="PANEL_CREATED", target_type="panel", changed_by=ada, changed_at=THEN
    )


@transaction.atomic
def fill_2_0_0() -> None:
    """What only this release has, by its own models."""
    from allauth.account.models import EmailAddress

    from accounts.models import ApiToken, User
    from audit.events import Action
    from audit.record import record

    ada = User.objects.get(username="ada")
    for person in User.objects.all():
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    kim = User.objects.create_user("kim", "kim@example.org", role="AUDITOR", timezone_preference="Europe/London")
    ApiToken.objects.create(
        user=ada, name="nightly", digest="0" * 64, beginning="pm_", created_at=THEN, expires_at=THEN
    )
    record(Action.USER_CREATE, target=kim, description="Created", new={"role": "AUDITOR"})
    fill_library(ada, kim)


def fill_library(ada, kim) -> None:
    """A panel with two versions, a region whose marks are long, and everything that hangs on a panel."""
    from panels.actions.discussion import add_comment
    from panels.actions.keeping_versions import add_tag, set_retention
    from panels.actions.library import change_panel, create_panel
    from panels.actions.sharing import share_panel
    from panels.actions.symbols import load_gene_names
    from panels.actions.teams import add_member, found_team
    from panels.actions.templates import make_template

    with tempfile.TemporaryDirectory() as folder:
        names = Path(folder) / "names.tsv"
        names.write_text(
            "hgnc_id\tsymbol\tname\tstatus\nHGNC:1100\tBRCA1\tBRCA1 DNA repair\tApproved\n"
            "HGNC:11998\tTP53\ttumor protein p53\tApproved\nHGNC:7551\tMYBPC3\tmyosin\tApproved\n"
        )
        load_gene_names(paths=[names], allow_small=True)
    team = found_team(by=ada, name="Cardiology")
    add_member(team=team.pk, by=ada, user=kim.pk)
    panel = create_panel(by=ada, name="Heart", genes=["BRCA1", "TP53"], tags=["a", "b"]).panel
    change_panel(panel=panel.pk, by=ada, genes=["BRCA1", "MYBPC3"], expected=1, comment="second")
    share_panel(panel=panel.pk, by=ada, team=team.pk)
    share_panel(panel=panel.pk, by=ada, user="nobody-yet@example.org")
    share_panel(panel=panel.pk, by=ada, link=True)
    add_tag(panel=panel.pk, by=ada, number=1, tag_name="first", tag_type="RELEASE")
    set_retention(panel=panel.pk, by=ada, max_versions=3)
    add_comment(panel=panel.pk, by=ada, text="why MYBPC3?", gene="MYBPC3")
    make_template(by=ada, name="mine", format="xlsx")
    with connection.cursor() as cursor:
        for name, length in (("short", 10), ("long", 180)):
            cursor.execute(
                "INSERT INTO panel_genes (panel_id, gene_symbol, entity_type, own_name, grch38, gene_name) "
                "VALUES (%s, %s, 'region', %s, '1:100-200', %s)",
                [panel.pk, f"R-{name}", "n" * length, "g" * length],
            )
        cursor.execute("UPDATE saved_panels SET gene_count = gene_count + 2 WHERE id = %s", [panel.pk])


def one(statement: str):
    """The single value of a SELECT on the default database."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        [(value,)] = cursor.fetchall()
    return value
