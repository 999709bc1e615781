from django.core.management.base import BaseCommand

from accounts.actions.sessions import end_every_session, every_session


class Command(BaseCommand):
    help = "End every session at once: everybody signs in again with the next request. Nothing else is touched."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say how many there are.")

    def handle(self, *args, dry_run: bool, **options) -> None:
        if dry_run:
            signed_in, visitors = map(len, every_session())
            self.stdout.write(f"{signed_in} signed-in sessions and {visitors} of visitors would be ended.")
            return
        signed_in, visitors = end_every_session()
        self.stdout.write(f"Ended {signed_in} signed-in sessions and {visitors} of visitors.")
