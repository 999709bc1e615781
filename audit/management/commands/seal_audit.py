import json

from django.core.management.base import BaseCommand

from audit.sealing import seal_now, unsealed_for


class Command(BaseCommand):
    help = "Chain and seal what is waiting, and append the checkpoint. For a timer, beside what the server does itself."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only say how long entries have been waiting.")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args, dry_run: bool, json: bool, **options) -> None:
        if dry_run:
            self.stdout.write(f"The oldest unsealed entry has waited {unsealed_for():.1f} s.")
            return
        entries, refused, number = 0, (), None
        while True:
            done = seal_now()
            entries, refused, number = entries + done.entries, done.refused, done.seal or number
            if done.seal is None:
                break
        self.stdout.write(_said(entries, number, refused, json))
        if refused:
            raise SystemExit(1)


def _said(entries: int, number: int | None, refused: tuple[int, ...], as_json: bool) -> str:
    if as_json:
        return json.dumps({"chained": entries, "seal": number, "refused": list(refused)})
    lines = [f"Seal {number} was made." if number else "Nothing was waiting for a seal."]
    if refused:
        lines.append(f"{len(refused)} entries do not bear their own MAC and were not sealed: {refused[:20]}")
    return "\n".join(lines)
