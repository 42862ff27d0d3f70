"""A runner for Qiskit's samplers: simulators with noise, fake backends, and devices of every provider that has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cutq.circuits.checks import is_ready, shown, truth
from cutq.errors import CountsError, ParameterError
from cutq.exact.checks import optional_number
from cutq.shots.circuit import REGISTER, written
from cutq.shots.devices import Device, fitting_program, one_by_one, tallied, untold
from cutq.shots.jobs import Counts, Job
from cutq.shots.program import FEED_FORWARD, MEASUREMENT, NEEDS, RESET

if TYPE_CHECKING:
    from qiskit.primitives import BaseSamplerV2
    from qiskit.transpiler import PassManager

INSTRUCTIONS = {"reset": RESET, "if_else": FEED_FORWARD}
"""Instructions of a backend, by what programs need them for."""


@dataclass(frozen=True, eq=False)
class SamplerRunner:
    """Runs circuits on a Qiskit sampler, all of them in one call.

    What is drawn is decided by the sampler's own seed, not by those of the jobs. Most samplers begin from it in every
    call, Aer's also for every number of shots in a call, and ``StatevectorSampler`` for each circuit; their counts are
    then correlated, and error bars take them to be independent. Give no seed, or a ``numpy.random.Generator``, which
    goes on.

    Attributes:
        sampler: any ``BaseSamplerV2``.
        pass_manager: makes circuits of those that the device takes; if None, the preset one of level 1 for the
            sampler's backend, where the sampler has one.
        max_qubits: how many qubits a circuit may have; those of the sampler's backend if None.
        mid_circuit: whether a qubit may be measured and used again; where that is false or the backend says so,
            circuits that need it are refused, and frames="ancilla" has others.

    Raises:
        ParameterError: the sampler or the pass manager cannot run, or an option is not what it has to be.

    >>> import numpy as np
    >>> from qiskit.primitives import StatevectorSampler
    >>> from cutq.network.network import Fragment, Segment
    >>> from cutq.shots.variants import Variant
    >>> idle = Variant(0, Fragment((Segment(0),), (), (), (0,)), {}, (), "Z")
    >>> runner = SamplerRunner(StatevectorSampler(seed=np.random.default_rng(0)))
    >>> runner.run([Job(idle, shots=100)])[0].as_dict()
    {'0': 100}
    """

    sampler: BaseSamplerV2
    pass_manager: PassManager | None = None
    max_qubits: int | None = None
    mid_circuit: bool = True

    def __post_init__(self) -> None:
        for name, example in (("sampler", "StatevectorSampler()"), ("pass_manager", "PassManager()")):
            given = getattr(self, name)
            if not is_ready(given, "run") and (name == "sampler" or given is not None):
                raise ParameterError(f"{name} is an object of Qiskit such as {example}, got {shown(given)}")
        object.__setattr__(self, "max_qubits", optional_number("max_qubits", self.max_qubits, least=1))
        object.__setattr__(self, "mid_circuit", truth("mid_circuit", self.mid_circuit))

    def run(self, jobs: Sequence[Job]) -> list[Counts]:
        """The counts of each job.

        Raises:
            DeviceError: before anything runs, where a circuit has more qubits than there are, or takes what the
                sampler does not have.
            CountsError: the sampler failed on a circuit; ``error.counts`` has the counts of those that it ran, by
                position of the job.
        """
        device = self._device()
        programs = [fitting_program(job.variant, device) for job in jobs]
        sent = [k for k, job in enumerate(jobs) if job.shots and programs[k].num_bits]
        circuits = self._circuits([written(programs[k]) for k in sent])
        pubs = {k: (circuit, None, jobs[k].shots) for k, circuit in zip(sent, circuits, strict=True)}
        found = {k: untold(job.shots, job.num_bits) for k, job in enumerate(jobs)}
        try:
            results = self._results(list(pubs.values()))
        except Exception:
            # One bad circuit spoils a whole call. Run alone, the others are kept.
            hint = "; a device takes its own gates only, so give a pass_manager" if self._passes() is None else ""
            return one_by_one(
                jobs, lambda k: _read(self._results([pubs[k]])[0]) if k in pubs else found[k], device, hint
            )
        if len(results) != len(pubs):
            raise CountsError(f"a sampler has one result for each circuit, got {len(results)} for {len(pubs)}")
        found.update(zip(sent, map(_read, results), strict=True))
        return [found[k] for k in range(len(jobs))]

    def _results(self, pubs: Sequence[Any]) -> list[Any]:
        return list(self.sampler.run(pubs).result()) if pubs else []

    def _device(self) -> Device:
        backend = self._backend()
        name = type(self.sampler).__name__
        if backend is not None:
            name = f"{name} on {getattr(backend, 'name', type(backend).__name__)}"
        width = self.max_qubits if self.max_qubits is not None else getattr(backend, "num_qubits", None)
        return Device(name, width, self._lacks(backend))

    def _lacks(self, backend: Any) -> frozenset[str]:
        from qiskit.primitives import StatevectorSampler

        if isinstance(self.sampler, StatevectorSampler):
            return NEEDS
        target = getattr(backend, "target", None)
        known = INSTRUCTIONS if target is None else set(target.operation_names)
        found = {need for instruction, need in INSTRUCTIONS.items() if instruction not in known}
        return frozenset(found if self.mid_circuit else {*found, MEASUREMENT})

    def _backend(self) -> Any:
        """The sampler's backend, which is an attribute or a method; Aer's sampler keeps it to itself."""
        found = getattr(self.sampler, "backend", None) or getattr(self.sampler, "_backend", None)
        return found() if callable(found) else found

    def _passes(self) -> PassManager | None:
        backend = self._backend()
        if self.pass_manager is not None or backend is None:
            return self.pass_manager
        from qiskit.transpiler import generate_preset_pass_manager

        return generate_preset_pass_manager(optimization_level=1, backend=backend)

    def _circuits(self, circuits: Sequence[Any]) -> list[Any]:
        passes = self._passes() if circuits else None
        return list(circuits if passes is None else passes.run(circuits))


def _read(result: Any) -> Counts:
    """The counts of one circuit, from packed bits."""
    from qiskit.primitives import BitArray

    bits = getattr(result.data, REGISTER, None)
    if not isinstance(bits, BitArray):
        raise CountsError(f"a sampler returns the bits of the register {REGISTER!r}, got {result.data}")
    return tallied(bits.array.reshape(-1, bits.array.shape[-1]), bits.num_bits)
