"""Release 2.0.0, rows: e-mail addresses in small letters; on the way back, no auditors.

Forward: an address with capitals is kept beside as it was written. Where two
people's addresses differ in case alone, the first keeps the address; the other
gets twin-<id>@panelmerge.local, which reaches nobody, and still signs in by name
or by the address as it was written. An administrator gives them one of their own.
Back: every address is as it was written before, unless it was changed since;
auditors become viewers, the role with the fewest rights, because the older
releases know none.
"""

from django.db import migrations


def lower_addresses(apps, schema_editor):
    people = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    rows = list(people.exclude(email=None).order_by("pk").values_list("pk", "email"))
    # Whoever has it in small letters already keeps it.
    taken = {email for _, email in rows if email == email.lower()}
    for pk, email in rows:
        small = email.lower()
        if email == small:
            continue
        if small in taken:
            small = f"twin-{pk}@panelmerge.local"
        taken.add(small)
        people.filter(pk=pk).update(email=small, email_as_written=email)


def write_addresses_back(apps, schema_editor):
    people = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    for pk, email, written in people.exclude(email_as_written=None).values_list("pk", "email", "email_as_written"):
        if email in (written.lower(), f"twin-{pk}@panelmerge.local"):
            people.filter(pk=pk).update(email=written)
    people.filter(role="AUDITOR").update(role="VIEWER")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_release_2_0_0")]
    # Apps that point at people come after the table has its final shape, and allauth's own lower-casing of
    # addresses, which stops at twins, after ours.
    run_before = [
        ("admin", "0001_initial"),
        ("account", "0001_initial"),
        ("mfa", "0001_initial"),
        ("socialaccount", "0001_initial"),
        ("usersessions", "0001_initial"),
    ]

    operations = [migrations.RunPython(lower_addresses, write_addresses_back, elidable=False)]
