"""Tokens and roles: who may have which, and what becomes of them when the role changes. AC-05, BG-18."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions.tokens import create_token
from accounts.models import ApiToken, User

pytestmark = pytest.mark.django_db


def token_for(role: str, scope: str) -> str:
    """A token that was made as USER, of somebody who has this role now."""
    ada = User.objects.create_user("ada", "ada@example.org")
    _, text = create_token(by=ada, name="nightly", scope=scope, expires_at=timezone.now() + timedelta(days=1))
    User.objects.update(role=role)
    return text


@pytest.mark.parametrize(
    ("role", "scope", "status"),
    [
        *(("VIEWER", "read", 401), ("VIEWER", "write", 401), ("USER", "write", 200)),
        *(("AUDITOR", "read", 200), ("AUDITOR", "write", 401), ("ADMIN", "write", 200)),
    ],
)
def test_a_token_goes_with_the_right_to_it(client, role, scope, status):
    text = token_for(role, scope)

    answer = client.get("/api/v1/users/me/", headers={"Authorization": f"Bearer {text}"})

    assert answer.status_code == status


def test_an_auditor_reads_the_record_by_a_program(client):
    text = token_for("AUDITOR", "read")

    answer = client.get("/api/v1/audit/events/", headers={"Authorization": f"Bearer {text}"})

    assert answer.status_code == 200 and answer.json()["results"]


@pytest.mark.parametrize(("role", "scope"), [("VIEWER", "read"), ("AUDITOR", "write")])
def test_the_page_makes_no_token_that_the_role_may_not_have(client, role, scope):
    client.force_login(User.objects.create_user("ada", "ada@example.org", role=role))

    answer = client.post("/account/tokens/", {"name": "nightly", "scope": scope, "days": "30"})

    assert (answer.status_code, ApiToken.objects.count()) == (403, 0)
    assert "Your role" in answer.content.decode()


@pytest.mark.parametrize(("hours", "status"), [(23, 201), (25, 400)])
def test_a_token_makes_none_that_outlives_it(client, hours, status):
    """A token that was lost ends when it says, whatever was made with it."""
    text = token_for("USER", "write")
    asked = {"name": "another", "scope": "write", "expires_at": timezone.now() + timedelta(hours=hours)}

    answer = client.post("/api/v1/tokens/", asked, "application/json", headers={"Authorization": f"Bearer {text}"})

    assert (answer.status_code, ApiToken.objects.filter(name="another").count()) == (status, int(status == 201))
