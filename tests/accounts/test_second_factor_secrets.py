"""Secrets of second factors lie encrypted and follow the keys. EN-03, F-16"""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as project

from accounts import second_factor_secrets
from accounts.models import User
from panelmerge.rotation import count_by_key, rotate_keys

pytestmark = pytest.mark.django_db
NEW = "bmV3ZXIga2V5IG5ld2VyIGtleSBuZXdlciBrZXkgISE="


@pytest.fixture
def codes():
    person = User.objects.create_user("ada", "ada@example.org")
    Authenticator.objects.create(user=person, type="totp", data={"secret": second_factor_secrets.encrypt("JBSWY3DP")})
    Authenticator.objects.create(
        user=person,
        type="recovery_codes",
        data={
            "migrated_codes": [second_factor_secrets.encrypt("one"), second_factor_secrets.encrypt("two")],
            "used_mask": 1,
        },
    )


def test_rotation_brings_every_secret_under_the_first_key(codes, settings):
    settings.ENCRYPTION_KEYS = [NEW, *project.ENCRYPTION_KEYS]

    rotate_keys()

    settings.ENCRYPTION_KEYS = [NEW]
    totp, recovery = Authenticator.objects.order_by("pk").values_list("data", flat=True)
    assert second_factor_secrets.decrypt(totp["secret"]) == "JBSWY3DP"
    assert [second_factor_secrets.decrypt(code) for code in recovery["migrated_codes"]] == ["one", "two"]
    assert recovery["used_mask"] == 1


def test_counting_tells_how_many_secrets_are_under_which_key(codes):
    counted = [one for one in count_by_key() if one.table == "mfa_authenticator"]

    assert [(one.column, one.values) for one in counted] == [("data", 3)]


def test_a_secret_that_no_key_opens_is_named_and_kept(codes, settings):
    before = list(Authenticator.objects.order_by("pk").values_list("data", flat=True))
    settings.ENCRYPTION_KEYS = [NEW]

    done = rotate_keys()

    assert [one.table for one in done.unreadable if one.table != "audit_log"] == ["mfa_authenticator"] * 2
    assert list(Authenticator.objects.order_by("pk").values_list("data", flat=True)) == before
