"""Accounts: who is made how, and what the table itself refuses. AC-01, AC-04."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from accounts.permissions import Role

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password"


def test_createsuperuser_makes_an_administrator_who_enters_the_back_office(client, monkeypatch):
    """AC-04: Django's own command; no account has a known password."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)

    call_command("createsuperuser", username="root", email="Root@Example.ORG", interactive=False, verbosity=0)

    root = User.objects.get()
    assert (root.role, root.email, root.is_active, root.is_verified) == (Role.ADMIN, "root@example.org", True, True)
    assert client.post("/account/login/", {"login": "root", "password": PASSWORD})["Location"] == "/"
    assert client.get("/admin/").status_code == 200


def test_a_person_without_a_password_cannot_sign_in(client):
    User.objects.create_user("ada", "ada@example.org")

    assert not User.objects.get().has_usable_password()
    assert client.post("/account/login/", {"login": "ada", "password": ""}).status_code == 200
    assert "_auth_user_id" not in client.session


def test_a_new_person_is_a_user_with_the_least_that_is_useful():
    ada = User.objects.create_user("ada", "ada@example.org", PASSWORD)

    ada.refresh_from_db()
    assert (ada.role, ada.is_active, ada.is_verified, ada.is_staff, ada.is_superuser) == (
        Role.USER,
        True,
        False,
        False,
        False,
    )
    assert (ada.timezone_preference, ada.timezone_is_chosen, ada.login_count) == ("UTC", False, 0)
    assert PASSWORD not in ada.password


@pytest.mark.parametrize("role", ["", "admin", "ROOT"])
def test_the_database_refuses_an_unknown_role(role):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ada", "ada@example.org", role=role)


@pytest.mark.parametrize(("name", "email"), [("ada", "other@example.org"), ("other", "ada@example.org")])
def test_the_database_refuses_a_second_one_of_the_same_name_or_address(name, email):
    User.objects.create_user("ada", "ada@example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(name, email)


def test_the_table_keeps_its_reserved_name():
    """AC-01: count users by role, as the guide does."""
    User.objects.create_user("ada", "ada@example.org")

    with connection.cursor() as cursor:
        cursor.execute('SELECT role, COUNT(*) FROM "user" GROUP BY role')
        assert cursor.fetchall() == [("USER", 1)]


def test_names_and_organisation_are_ciphertext_in_their_columns():
    """EN-03: what the older releases called ..._encrypted is encrypted."""
    User.objects.create_user("ada", "ada@example.org", first_name="Ada", last_name="Lovelace", organization="Mill")

    with connection.cursor() as cursor:
        cursor.execute('SELECT first_name_encrypted, last_name_encrypted, organization_encrypted FROM "user"')
        [row] = cursor.fetchall()

    assert all(stored.startswith("pm1:") for stored in row)
    assert not any(name in stored for name in ("Ada", "Lovelace", "Mill") for stored in row)
