"""Remove versions that their panels' policies give up. For the night, from cron."""

from django.core.management.base import BaseCommand, CommandError

from panels.actions.keeping_versions import prune_versions
from panels.models import SavedPanel


class Command(BaseCommand):
    help = (
        "Removes old versions of saved panels by the policy of each panel; a panel without one keeps all. Never the "
        "current version, a protected or, unless the policy says so, a tagged one. Who changed what stays, with the "
        "next version that is kept."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Say what would go, and remove nothing.")
        parser.add_argument("--panel", type=int, metavar="N", help="Only this panel, also if its policy is off.")

    def handle(self, *args, dry_run: bool, panel: int | None, **options):
        if panel is not None and not SavedPanel.objects.filter(pk=panel).exists():
            raise CommandError(f"There is no saved panel {panel}.")
        done = prune_versions(panel=panel, dry_run=dry_run)
        for number, versions in done.versions.items():
            self.stdout.write(f"  panel {number}: versions {', '.join(map(str, versions))}")
        verb = "Would remove" if dry_run else "Removed"
        self.stdout.write(f"{verb} {done.total} versions of {len(done.versions)} panels.")
        if not dry_run:
            self.stdout.write(f"{done.snapshots} gene lists that no version had any more went with them.")
