"""Values stay readable under every key that is given, and are never misread under another. EN-01, EN-03."""

from __future__ import annotations

import base64

import pytest

from panelmerge.lib.crypto import KeyMalformed, Keyring, Undecryptable, check_key, key_id, keyed_digest

# The same in every process that runs these tests, since they name some.
OLD, NEW = (base64.urlsafe_b64encode(bytes([number]) * 32).decode() for number in (1, 254))
PLACE = "user.first_name_encrypted"


@pytest.mark.parametrize("plain", [b"Ada", b"", "Zoë 王 \0".encode(), b"x" * 100_000])
def test_decrypt_gives_back_what_was_encrypted(plain):
    ring = Keyring([OLD])

    stored = ring.encrypt(plain, PLACE)

    assert stored.startswith(f"pm1:{key_id(OLD)}:")
    assert ring.decrypt(stored, PLACE) == plain


def test_encrypt_twice_gives_different_texts():
    ring = Keyring([OLD])

    assert ring.encrypt(b"Ada", PLACE) != ring.encrypt(b"Ada", PLACE)


def test_a_ring_of_two_encrypts_with_the_first_and_reads_both():
    """EN-01: a comma list, first encrypts, all decrypt."""
    before = Keyring([OLD]).encrypt(b"Ada", PLACE)
    ring = Keyring([NEW, OLD])

    after = ring.encrypt(b"Ada", PLACE)

    assert after.startswith(f"pm1:{key_id(NEW)}:")
    assert (ring.decrypt(before, PLACE), ring.decrypt(after, PLACE)) == (b"Ada", b"Ada")


def test_decrypt_under_another_key_names_the_key_that_is_needed():
    stored = Keyring([OLD]).encrypt(b"Ada", PLACE)

    with pytest.raises(Undecryptable, match=f"key {key_id(OLD)}, which ENCRYPTION_KEY does not hold"):
        Keyring([NEW]).decrypt(stored, PLACE)


@pytest.mark.parametrize("position", [20, 60, -10])
def test_decrypt_a_damaged_token_is_an_error(position):
    ring = Keyring([OLD])
    stored = list(ring.encrypt(b"Ada", PLACE))
    stored[position] = "A" if stored[position] != "A" else "B"

    with pytest.raises(Undecryptable, match="damaged"):
        ring.decrypt("".join(stored), PLACE)


@pytest.mark.parametrize("stored", ["", "Ada", "pm1", "pm1:", "pm1:12345678", "pm1:12345678:", "pm2:12345678:abc"])
def test_decrypt_what_is_not_ours_is_an_error(stored):
    with pytest.raises(Undecryptable, match="not in the form"):
        Keyring([OLD]).decrypt(stored, PLACE)


@pytest.mark.parametrize("elsewhere", ["user.last_name_encrypted", "other.first_name_encrypted", "user.first_name", ""])
def test_decrypt_in_another_place_is_refused(elsewhere):
    """EN-03: a ciphertext copied to another table or column does not open there."""
    ring = Keyring([OLD])
    stored = ring.encrypt(b"Ada", PLACE)

    with pytest.raises(Undecryptable, match=f"belongs to {PLACE}"):
        ring.decrypt(stored, elsewhere)


@pytest.mark.parametrize("key", ["", "short", "k" * 44, OLD[:-1], OLD + "=", OLD[:-2] + "!=", "é" * 44, "=" * 44])
def test_a_malformed_key_is_refused(key):
    with pytest.raises(KeyMalformed):
        check_key(key)
    with pytest.raises(KeyMalformed):
        Keyring([NEW, key])


def test_a_ring_without_keys_is_refused():
    with pytest.raises(KeyMalformed):
        Keyring([])


def test_the_one_liner_of_the_guide_makes_a_key():
    """EN-02: urlsafe base64 over 32 random bytes."""
    check_key("_-" * 21 + "A=")


def test_keyed_digest_depends_on_value_purpose_and_key(settings):
    digest = keyed_digest("value", "one purpose")
    others = {keyed_digest("value", "another"), keyed_digest("other", "one purpose")}
    settings.AUDIT_KEYS = [NEW]
    others.add(keyed_digest("value", "one purpose"))

    assert len(digest) == 64
    assert digest not in others and len(others) == 3
