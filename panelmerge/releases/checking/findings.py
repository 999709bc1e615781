"""What is not as it should be, in a sentence, and how it is mended where that is safe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """``kind`` is a stable word, ``where`` a table, column or constraint. ``mend`` makes again what can be made again
    without losing anything; None where a person has to decide."""

    kind: str
    where: str
    sentence: str
    mend: Callable[[], None] | None = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.sentence}"
