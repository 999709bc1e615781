"""F-12: every tampering is found and named, and a clean record raises nothing. AU-01, AU-07"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from django.conf import settings as project
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit import guards
from audit.events import Action
from audit.models import AuditLog, ChainLink, Seal
from audit.pruning import erase_person, prune
from audit.record import record
from audit.sealing import seal_now
from audit.verifying import verify
from tests.audit.living import STEPS, lines, live
from tests.audit.tampering import (
    SEEN_INSIDE,
    begin_anew,
    cut_the_tail,
    delete_one,
    set_back_and_go_on,
    write,
)

pytestmark = pytest.mark.django_db(transaction=True)
TRIALS = 1000 if os.environ.get("PANELMERGE_PROOF") else 50


@pytest.fixture
def sealed_record(transactional_db, settings, tmp_path):
    """Thirty entries under three seals; the checkpoint file's lines."""
    settings.AUDIT_CHECKPOINT_FILE = str(tmp_path / "audit.checkpoints")
    begin_anew()
    for name in ("ada", "grace"):
        User.objects.create_user(name, f"{name}@example.org")
    for batch in range(3):
        write(10, first=10 * batch)
        seal_now()
    return Path(settings.AUDIT_CHECKPOINT_FILE)


@pytest.fixture
def lived_record(sealed_record, settings):
    """The same after all that may lawfully happen to it, twice."""
    settings.AUDIT_KEYS, settings.ENCRYPTION_KEYS = list(settings.AUDIT_KEYS), list(settings.ENCRYPTION_KEYS)
    for seed in (1, 2):
        for step in STEPS:
            step(random.Random(seed))
    write(12, first=2000)
    seal_now()
    assert verify(anchor=lines()).whole
    return sealed_record


class Undone(Exception):
    """Ends a trial."""


@pytest.mark.parametrize("tamper", SEEN_INSIDE, ids=lambda tamper: tamper.__name__)
def test_verify_names_what_was_tampered_with_and_where(sealed_record, tamper):
    for trial in range(TRIALS):
        with pytest.raises(Undone), guards.lifted():
            place = tamper(random.Random(trial))

            verdict = verify()

            first = verdict.findings[0]
            assert first.kind in SEEN_INSIDE[tamper], (trial, verdict.findings)
            assert place is None or first.seq == place, (trial, verdict.findings)
            raise Undone


@pytest.mark.parametrize("tamper", SEEN_INSIDE, ids=lambda tamper: tamper.__name__)
def test_verify_of_a_record_that_lived_names_what_was_tampered_with(lived_record, tamper):
    """After pruning, erasing, restoring and new keys. A place that was pruned around is told by the pruning; who
    tampers with an event that excuses others sees them named as well."""
    pruned = max(map(int, AuditLog.objects.filter(resource_type="audit_prune").values_list("resource_id", flat=True)))
    excusing = AuditLog.objects.filter(resource_type__in=["audit_prune", "audit_erasure"]).values("pk")
    excusing = set(ChainLink.objects.filter(entry_id__in=excusing).values_list("seq", flat=True))
    for trial in range(TRIALS):
        with pytest.raises(Undone), guards.lifted():
            place = tamper(random.Random(trial))

            verdict = verify()

            found = [(one.kind, one.seq) for one in verdict.findings]
            wanted = {(kind, place) for kind in SEEN_INSIDE[tamper]}
            if place is None:
                assert {kind for kind, _ in found} & SEEN_INSIDE[tamper], (trial, verdict.findings)
                raise Undone
            if place <= pruned:
                wanted.add(("deleted", None))
            named = found if excusing & {place, *(seq for _, seq in found)} else found[:1]
            assert wanted & set(named), (trial, place, verdict.findings)
            raise Undone


@pytest.mark.parametrize("tamper", [cut_the_tail, set_back_and_go_on], ids=lambda tamper: tamper.__name__)
def test_verify_against_the_checkpoints_names_the_first_seal_that_is_gone(sealed_record, tamper):
    was = lines()
    for trial in range(TRIALS):
        with pytest.raises(Undone), guards.lifted():
            last = tamper(random.Random(trial))

            verdict = verify(anchor=was)

            assert [one.kind for one in verdict.findings] == ["rolled_back"] * len(verdict.findings), verdict.findings
            assert verdict.findings[0].seq == last + 10
            raise Undone


def test_verify_against_checkpoints_with_any_one_character_changed_names_the_line(sealed_record):
    was = lines()
    for trial in range(TRIALS):
        chance = random.Random(trial)
        number = chance.randrange(len(was))
        place = chance.randrange(len(was[number]))
        other = chance.choice([letter for letter in "0123456789abcdefz-:+" if letter != was[number][place]])
        edited = [*was[:number], was[number][:place] + other + was[number][place + 1 :], *was[number + 1 :]]

        verdict = verify(anchor=edited)

        assert not verdict.whole, (place, edited[number])
        assert f"ine {number + 1} of" in verdict.findings[0].sentence, (place, verdict.findings)


def test_an_erasure_does_not_excuse_other_pseudonyms_or_emptying_the_history_of_a_panel(sealed_record):
    ada = User.objects.get(username="ada")
    with transaction.atomic():
        kept = record(Action.PANEL_UPDATE, by=ada, resource_type="savedpanel", description="x", new={"name": "y"})
    erase_person(user_id=ada.pk)
    seal_now()
    assert verify().whole

    for change in ({"username": "erased-999"}, {"ip_address": "192.0.2.1"}, {"new_values": None}):
        with pytest.raises(Undone), guards.lifted():
            AuditLog.objects.filter(pk=kept.pk).update(**change)

            assert verify().kinds == {"altered": 1}, change
            raise Undone


def test_pruning_leaves_what_says_that_the_database_was_set_back(sealed_record):
    lived = [step for step in STEPS if step.__name__ == "_restored"]
    lived[0](random.Random(5))

    prune(living_panels=[], days=0)
    seal_now()

    assert verify(anchor=lines()).whole


def test_verify_of_a_clean_record_finds_nothing(sealed_record):
    lines = sealed_record.read_text().splitlines()

    verdict = verify(anchor=lines)

    assert verdict.whole, verdict.findings
    assert (verdict.entries, verdict.seals, verdict.checkpoints, verdict.unsealed) == (30, 3, 3, 0)


def test_verify_of_clean_records_raises_no_alarm_whatever_they_lived_through(sealed_record, settings):
    """Pruned, erased, restored, encrypted anew and under new keys, in any order."""
    keys, file = (list(settings.AUDIT_KEYS), list(settings.ENCRYPTION_KEYS)), sealed_record.read_text()
    # Once through the fixture, which takes it back at the end; each time through it would be a layer more.
    settings.AUDIT_KEYS, settings.ENCRYPTION_KEYS = keys
    for trial in range(TRIALS):
        project.AUDIT_KEYS, project.ENCRYPTION_KEYS = map(list, keys)
        sealed_record.write_text(file)
        with pytest.raises(Undone), transaction.atomic():
            done = live(random.Random(trial), steps=6)
            seal_now()

            verdict = verify(anchor=lines())

            assert verdict.whole, (trial, done, verdict.findings)
            raise Undone


def test_a_tail_cut_off_with_everything_that_vouched_for_it_shows_against_the_checkpoints(sealed_record):
    lines = sealed_record.read_text().splitlines()
    last = Seal.objects.get(number=3)
    with guards.lifted():
        cut = ChainLink.objects.filter(seq__gte=last.first_seq)
        AuditLog.objects.filter(pk__in=cut.values("entry_id")).delete()
        cut.delete()
        last.delete()

    assert verify().whole
    verdict = verify(anchor=lines)

    assert [(finding.kind, finding.seq) for finding in verdict.findings] == [("rolled_back", 30)]


def test_a_record_that_went_on_after_being_set_back_shows_against_the_checkpoints(sealed_record):
    lines = sealed_record.read_text().splitlines()
    with guards.lifted():
        cut = ChainLink.objects.filter(seq__gt=20)
        AuditLog.objects.filter(pk__in=cut.values("entry_id")).delete()
        cut.delete()
        Seal.objects.filter(number=3).delete()
    write(10, first=500)
    seal_now()

    verdict = verify(anchor=lines)

    assert verdict.kinds == {"rolled_back": 1}


@pytest.mark.parametrize("part", ["entries", "chain", "at", "signature", "public"])
def test_an_edited_checkpoint_is_named_by_its_line(sealed_record, part):
    words = sealed_record.read_text().splitlines()[1].split()
    position = words.index(part) + 1
    words[position] = words[position][:-1] + ("0" if words[position][-1] != "0" else "1")

    verdict = verify(anchor=[" ".join(words)])

    assert not verdict.whole
    assert "Line 1" in verdict.findings[0].sentence


def test_a_part_of_the_chain_is_verified_from_what_stands_before_it(sealed_record):
    with guards.lifted():
        AuditLog.objects.filter(pk=ChainLink.objects.get(seq=5).entry_id).update(action_description="other")

    assert verify(first=6).whole
    assert verify(first=1, last=4).whole
    assert [finding.seq for finding in verify(first=3, last=12).findings] == [5]


def test_entries_signed_by_an_older_key_stay_whole_after_a_new_key_came(sealed_record, settings):
    settings.AUDIT_KEYS = ["bmV3IGtleSBmb3IgdGhlIHByb29mIG9mIHRoZSBsb2chISE=", *project.AUDIT_KEYS]
    write(3, first=300)
    seal_now()

    assert verify().whole
    settings.AUDIT_KEYS = settings.AUDIT_KEYS[:1]
    assert set(verify().kinds) == {"unknown_key"}


def test_verify_takes_the_same_number_of_queries_for_any_length(sealed_record, django_assert_num_queries):
    with CaptureQueriesContext(connection) as few:
        verify()
    write(40, first=700)
    seal_now()

    with django_assert_num_queries(len(few)):
        verify()


def test_the_triggers_refuse_what_is_not_appended(sealed_record):
    for attempt in (
        lambda: AuditLog.objects.filter(resource_id="3").update(action_description="x"),
        lambda: AuditLog.objects.filter(resource_id="3").update(username="somebody"),
        lambda: delete_one(random.Random(1)),
        lambda: ChainLink.objects.filter(seq=1).update(chain_hash="0" * 64),
        lambda: ChainLink.objects.filter(seq=1).delete(),
        lambda: Seal.objects.all().delete(),
    ):
        with pytest.raises(guards.Refused), transaction.atomic():
            attempt()

    assert verify().whole
