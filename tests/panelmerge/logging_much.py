"""Logs as a worker does, in a process of its own: ``python -m tests.panelmerge.logging_much NAME EVENTS``."""

import logging
import sys

import django


def main(name: str, events: int) -> None:
    django.setup()
    for number in range(events):
        logging.getLogger("tests").warning("%s %s %s", name, number, "x" * 100)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
