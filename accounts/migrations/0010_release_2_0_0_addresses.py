"""Release 2.0.0, rows: everybody's e-mail address becomes the one they sign in and reset a password with.

Forward: one address a person, taken as verified: whoever had an account before
signs in as before, also where no mail can be sent.
Back: nothing; the table goes with its own app.
"""

from django.db import migrations


def take_addresses(apps, schema_editor):
    alias = schema_editor.connection.alias
    addresses = apps.get_model("account", "EmailAddress").objects.using(alias)
    people = apps.get_model("accounts", "User").objects.using(alias)
    served = set(addresses.values_list("user_id", flat=True))
    addresses.bulk_create(
        (
            addresses.model(user_id=pk, email=email.lower(), verified=True, primary=True)
            for pk, email in people.order_by("pk").values_list("pk", "email")
            if email and pk not in served
        ),
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_release_2_0_0_tokens"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(take_addresses, migrations.RunPython.noop, elidable=False)]
