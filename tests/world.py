"""A small world for tables of addresses: a panel, announcements, somebody, and somebody else with their things."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from allauth.usersessions.models import UserSession
from django.contrib.admin import site
from django.test import Client
from django.utils import timezone

from accounts.actions.tokens import create_token
from accounts.models import User
from announcements.actions import publish
from audit.watching import block
from panels.actions.catalogue import load_catalogue
from panels.actions.uploads import add_text, add_upload
from panels.models import PanelDownload, Upload
from tests.accounts.acting import PASSWORD, Browser
from tests.asking import Asker
from tests.fakes.panelapp import demo_bodies
from tests.panels.actions.mirror import listing, written
from tests.panels.library_world import library_things

ANYWHERE = {
    "source": "uk",
    "symbol": "BRCA1",
    "gene": "BRCA1",
    "format_name": "csv",
    "provider_id": "oidc",
    "key": "no-such-key",
    "uidb36": "1",
    "app_label": "panels",
    "content_type_id": "1",
    "url": "nothing/",
    "object_id": "0",
    "pk": "0",
}


def settled(role: str, folder: Path) -> Asker:
    """Somebody of that role, signed in through the door; ``anonymous`` for a browser that brought a list."""
    [body] = demo_bodies("uk", 1)
    load_catalogue(path=written(folder, listing(body), body), source="uk")
    root = User.objects.create_superuser("root", "root@example.org", PASSWORD)
    bob = User.objects.create_user("bob", "bob@example.org", PASSWORD, is_verified=True)
    things = {"": {**ANYWHERE, "panel_id": body["id"]}, "that write": {}}
    things |= {"for everyone": {"pk": publish(by=root, title="Tonight", message="We move.").pk}}
    things |= {"for staff": {"pk": publish(by=root, title="Staff", message="We move.", audience="staff").pk}}
    theirs = add_text(text="TP53", owner=bob, by=bob)
    things["another's"] = {"upload_id": theirs.pk, "pk": theirs.pk}
    things["another's token"], things["another's session"] = {"pk": token_of(bob)}, {"pk": session_of(bob)}
    PanelDownload.objects.create(ip_address="local", panel_ids="uk:1@1.0", list_types="green", user=bob)
    block(network="198.51.100.7", extent="all", reason="test", ends_at=soon(), by=root, own_network=None)
    Client().post("/account/login/", {"login": "bob", "password": "wrong"})
    browser = Browser(raise_request_exception=False)
    if role == "anonymous":
        browser.post("/uploads/", {"text": "BRCA1"})
        own = Upload.objects.get(owner=None)
        library = library_things(bob, None)
    else:
        ada = User.objects.create_user("ada", "ada@example.org", PASSWORD, is_verified=True)
        own = add_upload(name="two.csv", content=b"gene,other\nBRCA1,TP53\n", owner=ada, by=ada)
        library = library_things(bob, ada)
        # From before, where the role has none.
        things["own token"], things["own session"] = {"pk": token_of(ada)}, {"pk": session_of(ada)}
        User.objects.filter(pk=ada.pk).update(role=role)
        browser.sign_in("ada")
        browser.prove()
    things["own"] = {"upload_id": own.pk, "pk": own.pk}
    things[""] |= library.pop("")
    things |= library
    things |= {model._meta.label_lower.replace(".", "/"): {"object_id": one_of(model)} for model in site._registry}
    for missing in ("own token", "own session"):
        things.setdefault(missing, {})
    return Asker(browser, things)


def soon() -> datetime:
    return timezone.now() + timedelta(days=30)


def token_of(person: User) -> int:
    return create_token(by=person, name="old", scope="write", expires_at=soon())[0].pk


def session_of(person: User) -> int:
    browser = Client()
    browser.post("/account/login/", {"login": person.username, "password": PASSWORD})
    return UserSession.objects.get(user=person).pk


def one_of(model) -> object:
    """The key of something to look at."""
    found = model._default_manager.values_list("pk", flat=True).first()
    return 0 if found is None else found
