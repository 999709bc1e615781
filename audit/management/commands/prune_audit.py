from django.core.management.base import BaseCommand

from audit.pruning import erase_person, plan_pruning, prune, waiting_erasures
from audit.signals import living_panels


class Command(BaseCommand):
    help = (
        "Remove entries of the record that are older than AUDIT_RETENTION_DAYS: whole sealed ranges only, never the "
        "history of a panel that lives. Leaves an event that says so; verify_audit stays whole. Also erases the people "
        "whom the servers' role could not, when their accounts were closed."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say how many.")
        parser.add_argument("--days", type=int, help="Instead of AUDIT_RETENTION_DAYS.")

    def handle(self, *args, dry_run: bool, days: int | None, **options) -> None:
        waiting = waiting_erasures()
        for user_id in [] if dry_run else waiting:
            erase_person(user_id=user_id)
        if waiting:
            self.stdout.write(f"Closed accounts {'to erase' if dry_run else 'erased'} from the record: {len(waiting)}.")
        act = plan_pruning if dry_run else prune
        done = act(days=days, living_panels=living_panels())
        word = "would be removed" if dry_run else "were removed"
        self.stdout.write(
            f"{done.removed} of {done.old} old entries {word}, up to place {done.through} of the chain; "
            f"{done.old - done.removed} stay, as history of panels or of the proof."
        )
