"""Remove uploads whose time is over. For the night, from cron."""

from django.core.management.base import BaseCommand

from panels.actions.uploads import expired_uploads, remove_expired


class Command(BaseCommand):
    help = "Removes uploads that have expired, and files below MEDIA_ROOT that no upload knows."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Say what would go, and remove nothing.")

    def handle(self, *args, **options):
        if options["dry_run"]:
            expired, strays = expired_uploads()
            self.stdout.write(f"Would remove {len(expired)} expired uploads and {len(strays)} files without an upload.")
            return
        uploads, files = remove_expired()
        self.stdout.write(f"Removed {uploads} expired uploads and {files} files without an upload.")
