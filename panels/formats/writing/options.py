"""What a person may choose about a file. A format that has no use for a choice leaves it aside."""

from __future__ import annotations

from dataclasses import dataclass

from panelmerge.lib.errors import Refusal
from panels.engine.coordinates import BUILDS

LARGEST_PADDING = 1_000_000


@dataclass(frozen=True, slots=True)
class Options:
    """``padding`` is in bases on both sides; ``chr_prefix`` writes chr1 and chrM for 1 and MT.

    ``columns`` are the headings of the combined list to write, in this order,
    for tables; none means all. A table without all of them is read back like
    anybody's list.
    """

    build: str = "GRCh38"
    padding: int = 0
    chr_prefix: bool = False
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.build not in BUILDS:
            raise _refused("build", f"{self.build!a:.40} is no genome build here; there are {' and '.join(BUILDS)}.")
        if not 0 <= self.padding <= LARGEST_PADDING:
            raise _refused("padding", f"{self.padding} bases: from 0 to {LARGEST_PADDING:,} can be added.")


NOTHING_CHOSEN = Options()


def _refused(field: str, sentence: str) -> Refusal:
    return Refusal(f"{field}: {sentence}", code="options", errors={field: [sentence]})


def options_of(*, build: str = "", padding: str = "", chr_prefix: str = "") -> Options:
    """The options that these texts name, as they stand in an address; "" is the usual one. Refusal names the field."""
    yes = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}
    if chr_prefix.lower() not in yes:
        raise _refused("chr_prefix", f"{chr_prefix!a:.40} is neither true nor false.")
    if padding and not (padding.isascii() and padding.isdigit() and len(padding) < 10):
        raise _refused("padding", f"{padding!a:.40} is no number of bases.")
    chosen = next((one for one in BUILDS if one.lower() == build.lower()), build)
    return Options(chosen or NOTHING_CHOSEN.build, int(padding or 0), yes[chr_prefix.lower()])
