"""Every error that cutq raises on purpose, so that one ``except CutqError`` catches them all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class CutqError(Exception):
    """Base of all errors of cutq; the message is one line: law broken, element, both values, usual fix."""


class CircuitError(CutqError, ValueError):
    """A circuit or an operation breaks a law: unknown gate, qubit out of range, matrix that is not unitary."""


class QasmError(CutqError, ValueError):
    """A text that is no OpenQASM, or OpenQASM that has no meaning as a unitary circuit."""


class ObservableError(CutqError, ValueError):
    """An observable that is malformed or does not fit the circuit."""


class ParameterError(CutqError, ValueError):
    """Parameter values that are missing, superfluous, of the wrong shape or not finite."""


class PlanError(CutqError, ValueError):
    """A plan of cuts that points at nothing, contradicts itself, or does not exist."""


class TooLargeError(CutqError, ValueError):
    """Work that would not fit in memory; raised before it starts, with the size it would need."""


class CountsError(CutqError, ValueError):
    """Counts that a device cannot have returned, are missing, or belong to another experiment.

    Attributes:
        counts: what came back and is good, by the position of its job.
    """

    def __init__(self, message: str, counts: Mapping[int, Any] | None = None) -> None:
        super().__init__(message)
        self.counts = dict(counts or {})


class ShotsError(CutqError, ValueError):
    """Shots that are too few, or a budget of circuits or shots that does not suffice."""


class DeviceError(CutqError, ValueError):
    """A circuit that a device cannot run: too wide, or with operations that it does not have."""


class ModuleError(CutqError, ValueError):
    """A module or its folder breaks a law: ports, weights or expressions that do not fit, damaged or unsafe files."""


class CompositionError(CutqError, ValueError):
    """A graph of modules breaks laws; one line for each fault.

    Attributes:
        faults: all of them.
    """

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class TrainingError(CutqError, ValueError):
    """Training that cannot begin or go on: losses, data or checkpoints that do not fit, numbers that are not finite.

    Attributes:
        fit: the last good state, where there is one.
    """

    def __init__(self, message: str, fit: Any = None) -> None:
        super().__init__(message)
        self.fit = fit
