"""Where words are read out at fragments, one fragment and one environment at a time, and many together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cutq.exact.groups import Mask, Readout, mask
from cutq.exact.tape import Tape


@dataclass(frozen=True, eq=False)
class Read:
    """Words read out in one environment: masks, their columns, the environment's offset and number."""

    masks: tuple[Mask, ...]
    columns: list[int]
    offset: int
    tensor: int


def reads(tape: Tape, outputs: Sequence[Sequence[int]]) -> dict[int, list[Read]]:
    """For each fragment its environments and the words that are read out there; ``outputs`` are those of fragments."""
    words: dict[int, list[tuple[Mask, int]]] = {}
    for column, (readout, local) in enumerate(tape.placements):
        home = tape.readouts[readout].home
        if home < len(outputs):
            words.setdefault(readout, []).append((mask(local, outputs[home]), column))
    found: dict[int, list[Read]] = {}
    for number, own in sorted(words.items()):
        one = tape.readouts[number]
        pairs = sorted(own, key=lambda pair: (pair[0].flip, pair[0].sign, pair[0].power, pair[1]))
        read = Read(tuple(m for m, _ in pairs), [c for _, c in pairs], int(tape.offsets[one.tensor]), one.tensor)
        found.setdefault(one.home, []).append(read)
    return found


def gathered(members: Sequence[Sequence[Read]]) -> tuple[Readout, ...]:
    """The readouts of a group's members: those with the same masks together, one for each member at most."""
    rounds: dict[tuple[tuple[Mask, ...], int], dict[int, Read]] = {}
    for m, own in enumerate(members):
        seen: dict[tuple[Mask, ...], int] = {}
        for read in own:
            turn = seen[read.masks] = seen.get(read.masks, -1) + 1
            rounds.setdefault((read.masks, turn), {})[m] = read
    return tuple(_readout(masks, round_, len(members)) for (masks, _), round_ in rounds.items())


def _readout(masks: tuple[Mask, ...], own: Mapping[int, Read], members: int) -> Readout:
    columns = np.full((len(masks), members), -1, dtype=np.int64)
    offsets, tensors = np.full((2, members), -1, dtype=np.int64)
    for m, read in own.items():
        columns[:, m], offsets[m], tensors[m] = read.columns, read.offset, read.tensor
    return Readout(masks, columns, offsets, tensors)
