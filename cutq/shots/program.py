"""Programs: what a device does in one circuit, as plain data from which circuits of other packages are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cutq.circuits.circuit import Operation

MEASUREMENT, RESET, FEED_FORWARD = "mid-circuit measurement", "reset", "feed-forward"
NEEDS = frozenset({MEASUREMENT, RESET, FEED_FORWARD})
"""What not every device can do."""


@dataclass(frozen=True)
class Gate:
    """A gate.

    Attributes:
        operation: the gate, all angles numbers, on qubits of the program.
    """

    operation: Operation

    @property
    def qubits(self) -> tuple[int, ...]:
        """The qubits it acts on."""
        return self.operation.qubits

    def on(self, host: Sequence[int]) -> Gate:
        """The same on the qubits that host its own."""
        return Gate(self.operation.on(tuple(host[qubit] for qubit in self.qubits)))


@dataclass(frozen=True)
class Measure:
    """A measurement in the computational basis, after which the qubit is in the state that was found.

    Attributes:
        qubit: the qubit.
        bit: the bit of the shot that it writes.
    """

    qubit: int
    bit: int

    @property
    def qubits(self) -> tuple[int, ...]:
        """The qubits it acts on."""
        return (self.qubit,)

    def on(self, host: Sequence[int]) -> Measure:
        """The same on the qubits that host its own."""
        return Measure(host[self.qubit], self.bit)


@dataclass(frozen=True)
class Reset:
    """A qubit is put back into ``|0>``, whatever it was in.

    Attributes:
        qubit: the qubit.
    """

    qubit: int

    @property
    def qubits(self) -> tuple[int, ...]:
        """The qubits it acts on."""
        return (self.qubit,)

    def on(self, host: Sequence[int]) -> Reset:
        """The same on the qubits that host its own."""
        return Reset(host[self.qubit])


@dataclass(frozen=True)
class Conditional:
    """A gate that is run where a bit that was measured before is 1.

    Attributes:
        bit: the bit.
        operation: the gate, as that of :class:`Gate`.
    """

    bit: int
    operation: Operation

    @property
    def qubits(self) -> tuple[int, ...]:
        """The qubits it acts on."""
        return self.operation.qubits

    def on(self, host: Sequence[int]) -> Conditional:
        """The same on the qubits that host its own."""
        return Conditional(self.bit, self.operation.on(tuple(host[qubit] for qubit in self.qubits)))


Instruction = Gate | Measure | Reset | Conditional


@dataclass(frozen=True)
class Program:
    """What a device does in one circuit; its qubits begin in ``|0>``.

    Attributes:
        num_qubits: how many qubits it takes.
        num_bits: how many bits a shot has.
        instructions: what is done, in the order of time.

    >>> twice = Program(1, 2, (Measure(0, 0), Gate(Operation("h", (0,))), Measure(0, 1)))
    >>> sorted(twice.needs)
    ['mid-circuit measurement']
    """

    num_qubits: int
    num_bits: int
    instructions: tuple[Instruction, ...]

    @property
    def needs(self) -> frozenset[str]:
        """Which of ``NEEDS`` it has; a measurement is mid-circuit where its qubit is used again."""
        found = set()
        measured: set[int] = set()
        for instruction in self.instructions:
            if measured.intersection(instruction.qubits):
                found.add(MEASUREMENT)
            if isinstance(instruction, Measure):
                measured.add(instruction.qubit)
            elif isinstance(instruction, Reset):
                found.add(RESET)
            elif isinstance(instruction, Conditional):
                found.add(FEED_FORWARD)
        return frozenset(found)
