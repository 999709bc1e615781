"""Release 1.4.0, last file: an e-mail address is required from here on.

Back: it is optional again.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_release_1_4_0_addresses")]

    operations = [migrations.AlterField("user", "email", models.EmailField(max_length=120, unique=True))]
