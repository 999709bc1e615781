"""Release 2.0.0: lists that people brought along, kept for a while.

Forward: makes the table. Back: drops it; the files below MEDIA_ROOT stay.
"""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_release_2_0_0_people"),
        ("panels", "0009_release_2_0_0_catalogue"),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("session_key", models.CharField(blank=True, max_length=40)),
                ("name", models.CharField(max_length=255)),
                ("size", models.PositiveIntegerField(help_text="Bytes.")),
                ("sha256", models.CharField(max_length=64)),
                ("stored_as", models.CharField(blank=True, help_text="File name below MEDIA_ROOT.", max_length=100)),
                ("table", models.BinaryField(help_text="The cells as read: JSON, compressed with zlib.")),
                ("sheet", models.CharField(blank=True, max_length=255)),
                ("column", models.PositiveIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uploads",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "id"],
                "indexes": [models.Index(fields=["session_key"], name="idx_upload_session")],
            },
        ),
    ]
