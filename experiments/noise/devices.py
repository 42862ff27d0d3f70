"""Devices with one kind of noise each, and one with all: what their gates, waits and readings do wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from experiments.harness import needed

CIRCUIT_GATES, CUT_GATES, WAIT, SWAP = ("u3", "cz"), ("u", "h", "sdg"), "id", "swap"
"""Names by which noise tells gates apart: those of the circuits, those that begin and end a cut wire, a wait of one
layer, and what routing adds."""


@dataclass(frozen=True)
class Device:
    """What is wrong with a device; nothing where a number is 0.

    Attributes:
        one, two: parameters of depolarizing after a turn and after a CZ, as those of Aer.
        swap: that after a SWAP.
        cut: that after each turn that a cut adds.
        decay, dephasing: the time of a layer of CZ in units of T1 and of T2, for qubits that wait.
        crosstalk: angle of RZZ between neighbours in two CZ at a time, in radians.
        readout: chance that a bit is read wrongly.
        line: whether only neighbours on a line can meet, so that circuits are routed.
        early: whether each qubit is read after its last gate, and gates are run so that they wait little before it; if
            not, gates are run as late as possible and all qubits are read together, as by default.
    """

    one: float = 0.0
    two: float = 0.0
    swap: float = 0.0
    cut: float = 0.0
    decay: float = 0.0
    dephasing: float = 0.0
    crosstalk: float = 0.0
    readout: float = 0.0
    line: bool = False
    early: bool = False

    def scaled(self, strength: float) -> Device:
        """The same with all noise so many times stronger; depolarizing by its rate."""
        names = ("decay", "dephasing", "crosstalk", "readout")
        numbers = {name: strength * getattr(self, name) for name in names}
        rates = {name: 1 - (1 - getattr(self, name)) ** strength for name in ("one", "two", "swap", "cut")}
        return replace(self, **numbers, **rates)

    @property
    def waits(self) -> bool:
        """Whether waiting does harm."""
        return bool(self.decay or self.dephasing)


ONE, TWO, READOUT, LAYER, ZZ = 5e-4, 6e-3, 0.015, 0.004, 0.06
"""What a good device of today does: 5e-4 and 6e-3 for gates, 1.5 % for a bit, layers of 0.4 us at T1 = T2 = 100 us, and
an RZZ of 0.06 for two gates side by side."""

THRICE = 1 - (1 - TWO) ** 3
KINDS = {
    "none": Device(),
    "gates": Device(ONE, TWO),
    "gates and cuts": Device(ONE, TWO, cut=ONE),
    "idle": Device(decay=LAYER, dephasing=LAYER),
    "idle, read early": Device(decay=LAYER, dephasing=LAYER, early=True),
    "routing": Device(swap=THRICE, line=True),
    "crosstalk": Device(crosstalk=ZZ),
    "crosstalk, read early": Device(crosstalk=ZZ, early=True),
    "readout": Device(readout=READOUT),
    "all": Device(ONE, TWO, THRICE, ONE, LAYER, LAYER, ZZ, READOUT, line=True),
    "all, read early": Device(ONE, TWO, THRICE, ONE, LAYER, LAYER, ZZ, READOUT, line=True, early=True),
}
"""By name the kinds, at strength 1."""


def device(kind: str, strength: float) -> Device:
    """A device with this kind of noise."""
    return KINDS[kind].scaled(strength)


def noise_model(own: Device) -> Any:
    """The noise of a device as Aer has it; crosstalk is not in it, since circuits hold it as gates."""
    noise = needed("qiskit_aer.noise", "aer")
    model = noise.NoiseModel()
    gates = {"u3": (own.one, 1), "cz": (own.two, 2), SWAP: (own.swap, 2), **dict.fromkeys(CUT_GATES, (own.cut, 1))}
    for name, (chance, qubits) in gates.items():
        if chance:
            model.add_all_qubit_quantum_error(noise.depolarizing_error(chance, qubits), name)
    if own.waits:
        times = (math.inf if not rate else 1 / rate for rate in (own.decay, own.dephasing))
        model.add_all_qubit_quantum_error(noise.thermal_relaxation_error(*times, 1.0), WAIT)
    if own.readout:
        p = own.readout
        model.add_all_qubit_readout_error(noise.ReadoutError([[1 - p, p], [p, 1 - p]]))
    return model
