"""Bring every encrypted value under the first key of ENCRYPTION_KEY."""

import sys

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from panelmerge.lib.crypto import keyring
from panelmerge.rotation import count_by_key, rotate_keys


class Command(BaseCommand):
    help = (
        "Re-encrypt every stored value under the first key of ENCRYPTION_KEY. Write the new key before the old one, "
        "restart the servers, run this, then remove the old key. It may run while people work, and again after an end."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count values by table, column and key only")

    def handle(self, *args, dry_run: bool, **options) -> None:
        first = keyring().primary_id
        counted = count_by_key()
        for table, column, key_id, values in counted:
            state = "under the first key" if key_id == first else "to rewrite" if key_id else "without a key"
            self.stdout.write(f"{table}.{column}: {values} values, key {key_id or '-'}, {state}")
        if dry_run:
            self.stdout.write("Nothing was written.")
            return
        waiting = sum(values for _, _, key_id, values in counted if key_id not in (first, ""))
        with tqdm(total=waiting, unit="values", leave=False, disable=not sys.stderr.isatty()) as bar:
            done = rotate_keys(progress=bar.update)
        self.stdout.write(f"Re-encrypted {sum(done.rewritten.values())} values under key {first}.")
        for table, column, pk, reason in done.unreadable:
            self.stdout.write(f"Kept as it is: {table}, row {pk}, column {column}. {reason}")
        if done.left:
            self.stdout.write(
                f"{done.left} values were written under another key meanwhile. "
                "Restart the servers with the new ENCRYPTION_KEY, then run this again."
            )
        if done.unreadable or done.left:
            raise CommandError(
                f"{len(done.unreadable)} values cannot be read and {done.left} are left. Keep the old keys.",
                returncode=1,
            )
        self.stdout.write(f"Every encrypted value is under key {first}. Keys after the first can be removed.")
