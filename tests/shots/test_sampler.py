"""Qiskit's samplers as runners: their counts follow the exact distributions, and what cannot be run is said before."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from qiskit.primitives import BackendSamplerV2, BaseSamplerV2, BitArray, StatevectorSampler
from qiskit.primitives.containers import DataBin, SamplerPubResult
from qiskit.transpiler import generate_preset_pass_manager

from cutq import Search, find_cuts, split
from cutq.errors import CountsError, DeviceError
from cutq.shots.circuit import variant_circuit
from cutq.shots.devices import MOST_FAILURES, tallied
from cutq.shots.jobs import Counts, Job, run_jobs
from cutq.shots.sampler import SamplerRunner
from cutq.shots.variants import Choice, Variant
from tests.shots.devices import NETWORKS, assert_follows, expected, frequencies, op, variant, variants
from tests.strategies import haar
from tests.zoo import star, u3_layer

SHOTS = 4_000


def aer(seed: int = 1, **options: Any) -> BaseSamplerV2:
    primitives = pytest.importorskip("qiskit_aer.primitives")
    return primitives.SamplerV2(seed=seed, options={"backend_options": options})


def jobs(some: Iterable[Variant], shots: int = SHOTS) -> list[Job]:
    return [Job(one, shots) for one in some]


def star_in_two() -> Variant:
    """Six qubits that fit on two."""
    circuit = u3_layer(star(6))
    network = split(circuit, find_cuts(circuit, 2, search=Search(reuse=True)))
    return Variant(0, network.fragments[0], {}, (), "ZXIYZZ")


def preparing() -> Variant:
    """A measurement in a tilted basis at a cut gate, after which one of two states is prepared, not orthogonal ones."""
    basis = haar(1, 1)
    operators = np.array([np.outer(state, row) for state, row in zip([[1, 0], [0.6, 0.8]], basis, strict=True)])
    letters = np.array([op(name, 0).unitary({}) for name in ("id", "x", "y", "z")])
    return variant(NETWORKS["iswap"], 0, [((0,), np.einsum("lba,sba->sl", letters.conj(), operators) / 2)])


@pytest.mark.parametrize("name", ["cx", "iswap", "cu", "two cx", "star", "group", "wires", "two iswap"])
def test_aer_follows_every_variant(name: str) -> None:
    """Mid-circuit measurements included, and gates that Aer does not have."""
    some = jobs(itertools.islice(variants(NETWORKS[name], seed=1), 24))
    for job, counts in zip(some, run_jobs(SamplerRunner(aer()), some), strict=True):
        assert_follows(counts, expected(job.variant), job.num_bits)


def test_joint_choices_and_feed_forward_on_aer() -> None:
    network = NETWORKS["parallel wires"]
    up, down = network.bonds[0].ends
    some = [
        variant(network, up, [((0, 2), haar(2, 1)), ((1,), haar(1, 2))]),
        variant(network, down, [((0, 1, 2), haar(3, 3)[:1])]),
        variant(NETWORKS["two iswap"], 0, [((0, 1), haar(4, 4) / 4)]),
        preparing(),
    ]
    for job, counts in zip(jobs(some, 20_000), run_jobs(SamplerRunner(aer()), jobs(some, 20_000)), strict=True):
        assert_follows(counts, expected(job.variant), job.num_bits)


def test_circuits_have_the_bits_of_their_jobs() -> None:
    for one in itertools.islice(variants(NETWORKS["two iswap"]), 5):
        circuit = Job(one, 1).circuit
        assert circuit.num_clbits == one.num_bits
        assert [register.name for register in circuit.cregs] == (["c"] if one.num_bits else [])
    assert variant_circuit(star_in_two(), reuse=True).num_qubits == 2


def test_qubits_are_used_again_on_a_narrow_device() -> None:
    job = Job(star_in_two(), SHOTS)
    for width in (2, 5, 6):
        counts = run_jobs(SamplerRunner(aer(), max_qubits=width), [job])[0]
        assert_follows(counts, expected(job.variant), job.num_bits)


def test_readout_errors_flip_bits() -> None:
    noise = pytest.importorskip("qiskit_aer.noise")
    up, down = 0.03, 0.08
    model = noise.NoiseModel()
    model.add_all_qubit_readout_error(noise.ReadoutError([[1 - up, up], [down, 1 - down]]))
    some = jobs(itertools.islice(variants(NETWORKS["group"], seed=2), 12), 20_000)
    for job, counts in zip(some, run_jobs(SamplerRunner(aer(noise_model=model)), some), strict=True):
        exact = expected(job.variant).reshape((2,) * job.num_bits)
        for bit in range(job.num_bits):
            flipped = np.tensordot([[1 - up, down], [up, 1 - down]], exact, (1, bit))
            exact = np.moveaxis(flipped, 0, bit)
        assert_follows(counts, exact.ravel(), job.num_bits)


def distance(job: Job, counts: Counts) -> float:
    """Total variation between counts and the distribution without noise."""
    found = frequencies(counts, job.num_bits) / job.shots
    return float(np.abs(found - expected(job.variant)).sum() / 2)


def on_a_device() -> list[Job]:
    """Circuits with a mid-circuit measurement, an ancilla, resets, and a cut wire."""
    some = [*itertools.islice(variants(NETWORKS["group"]), 6), *itertools.islice(variants(NETWORKS["wires"]), 3)]
    return jobs([*some, star_in_two()], 4000)


def test_a_fake_backend_gives_noisy_values() -> None:
    fake = pytest.importorskip("qiskit_ibm_runtime.fake_provider").FakeManilaV2()
    sampler = BackendSamplerV2(backend=fake, options={"seed_simulator": 3})
    some = on_a_device()
    for passes in (None, generate_preset_pass_manager(optimization_level=3, backend=fake, seed_transpiler=1)):
        found = [
            distance(job, counts)
            for job, counts in zip(some, run_jobs(SamplerRunner(sampler, passes), some), strict=True)
        ]
        assert 0.005 < max(found) < 0.25, found


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_sampler_of_the_runtime_with_a_fake_backend() -> None:
    runtime = pytest.importorskip("qiskit_ibm_runtime")
    fake = pytest.importorskip("qiskit_ibm_runtime.fake_provider").FakeManilaV2()
    sampler = runtime.SamplerV2(mode=fake, options={"simulator": {"seed_simulator": 5}})
    some = on_a_device()
    found = [distance(job, counts) for job, counts in zip(some, run_jobs(SamplerRunner(sampler), some), strict=True)]
    assert 0.005 < max(found) < 0.25, found
    wide = jobs([Variant(0, NETWORKS["group"].fragments[0], {}, (Choice((0,), "0", np.eye(2)[:1]),), "ZZ")])
    with pytest.raises(DeviceError, match=r"takes 2 qubits, but SamplerV2 on fake_manila has 1"):
        SamplerRunner(sampler, max_qubits=1).run(wide)


def at_the_end(variant: Variant) -> Variant:
    """The variant with ancillas that are measured at the end."""
    return replace(variant, choices=tuple(replace(choice, ancilla=True) for choice in variant.choices))


def test_the_statevector_sampler_takes_ancillas_for_measurements() -> None:
    some = jobs(map(at_the_end, variants(NETWORKS["cx"], seed=3)), 4000)
    runner = SamplerRunner(StatevectorSampler(seed=np.random.default_rng(2)))
    for job, counts in zip(some, run_jobs(runner, some), strict=True):
        assert_follows(counts, expected(job.variant), job.num_bits)


def test_what_the_statevector_sampler_lacks_is_said_by_name() -> None:
    reason = (
        r"fragment 0: .* on 2 qubits takes mid-circuit measurement and reset, which StatevectorSampler does not have; "
        r"choose narrower fragments, or a device of 6 qubits"
    )
    with pytest.raises(DeviceError, match=reason):
        SamplerRunner(StatevectorSampler(seed=1), max_qubits=2).run(jobs([star_in_two()]))
    measuring = next(one for one in variants(NETWORKS["cx"]) if one.choices[0].name == "m01")
    reason = (
        r"fragment 0: m01; .* mid-circuit measurement, which StatevectorSampler does not have; use frames='ancilla'"
    )
    with pytest.raises(DeviceError, match=reason):
        SamplerRunner(StatevectorSampler(seed=1)).run(jobs([measuring]))
    with pytest.raises(DeviceError, match=r"fragment 0: m01; .* takes 2 qubits, but StatevectorSampler has 1"):
        SamplerRunner(StatevectorSampler(seed=1), max_qubits=1).run(jobs([at_the_end(measuring)]))


def test_a_circuit_that_is_too_wide_is_refused_before_anything_runs() -> None:
    down = Stub(None, backend=SimpleNamespace(num_qubits=1, target=None, name="tiny"))
    with pytest.raises(DeviceError, match=r"fragment 0: .* takes 2 qubits, but Stub on tiny has 1; .*find_cuts"):
        SamplerRunner(down).run(jobs(itertools.islice(variants(NETWORKS["group"]), 2)))
    with pytest.raises(DeviceError, match=r"takes 6 qubits, 2 if qubits are reset and used again, but .* has 1"):
        SamplerRunner(down).run(jobs([star_in_two()]))
    assert down.calls == 0


def test_what_a_backend_lacks_is_said_by_name() -> None:
    names = {"sx", "rz", "cx", "measure", "if_else"}
    backend = SimpleNamespace(num_qubits=2, name="plain", target=SimpleNamespace(operation_names=names))
    with pytest.raises(DeviceError, match=r"on 2 qubits takes reset, which Stub on plain does not have"):
        SamplerRunner(Stub(None, backend)).run(jobs([star_in_two()]))


def test_a_backend_without_conditional_gates_takes_ancillas_where_asked_to() -> None:
    fake = pytest.importorskip("qiskit_ibm_runtime.fake_provider").FakeManilaV2()
    sent: list[Any] = []
    backend = SimpleNamespace(num_qubits=5, name="plain", target=SimpleNamespace(operation_names={"reset"}))
    inner = StatevectorSampler(seed=np.random.default_rng(4))
    runner = SamplerRunner(Stub(lambda pubs: sent.extend(pubs) or inner.run(pubs).result(), backend),
                           generate_preset_pass_manager(optimization_level=1, backend=fake))  # fmt: skip
    with pytest.raises(DeviceError, match="feed-forward"):
        runner.run(jobs([preparing()]))
    (counts,) = run_jobs(runner, jobs([at_the_end(preparing())]))
    assert_follows(counts, expected(preparing()), 2)
    assert not {"if_else", "reset"} & set(sent[0][0].count_ops())


def test_without_mid_circuit_measurement_where_that_is_asked_for() -> None:
    some = jobs(map(at_the_end, variants(NETWORKS["cx"], seed=3)))
    sent: list[Any] = []
    inner = StatevectorSampler(seed=np.random.default_rng(4))
    runner = SamplerRunner(Stub(lambda pubs: sent.extend(pubs) or inner.run(pubs).result()), mid_circuit=False)
    for job, counts in zip(some, run_jobs(runner, some), strict=True):
        assert_follows(counts, expected(job.variant), job.num_bits)
    assert len(sent) == sum(job.num_bits > 0 for job in some)


class Stub(BaseSamplerV2):
    """A sampler that does what it is told to."""

    def __init__(self, run: Any, backend: Any = None) -> None:
        self.told, self.calls = run, 0
        if backend is not None:
            self.backend = backend

    def run(self, pubs: Any, *, shots: int | None = None) -> Any:
        self.calls += 1
        pubs = list(pubs)
        return SimpleNamespace(result=lambda: self.told(pubs))


def result(bits: BitArray) -> SamplerPubResult:
    return SamplerPubResult(DataBin(c=bits, shape=()))


def readable() -> list[Job]:
    """Jobs that all have bits, no two with as many instructions."""
    found = {len(variant_circuit(one).data): one for one in variants(NETWORKS["group"], seed=5) if one.num_bits}
    return [Job(one, 100) for one in found.values()]


def test_what_worked_is_kept_when_a_sampler_fails() -> None:
    some = readable()
    bad = len(variant_circuit(some[1].variant).data)

    def told(pubs: list[Any]) -> Any:
        if any(len(pub[0].data) == bad for pub in pubs):
            raise RuntimeError("qubit 3 is on fire")
        return [result(BitArray(np.zeros((100, 1), np.uint8), pub[0].num_clbits)) for pub in pubs]

    sampler = Stub(told)
    reason = r"Stub failed on the circuit of fragment .*: RuntimeError: qubit 3 is on fire; .* give a pass_manager"
    with pytest.raises(CountsError, match=reason) as caught:
        run_jobs(SamplerRunner(sampler), some)
    assert sorted(caught.value.counts) == [k for k in range(len(some)) if k != 1]
    assert all(counts.shots == 100 for counts in caught.value.counts.values())
    assert str(some[1].variant) in str(caught.value)
    assert sampler.calls == 1 + len(some)


def test_a_sampler_that_fails_on_the_whole_is_asked_for_its_parts() -> None:
    some = [replace(job, variant=at_the_end(job.variant)) for job in readable()]
    inner = StatevectorSampler(seed=np.random.default_rng(0))

    def told(pubs: list[Any]) -> Any:
        assert len(pubs) == 1, "one at a time"
        return inner.run(pubs).result()

    empty = Variant(0, NETWORKS["cx"].fragments[0], {}, (Choice((0,), "0", np.eye(2)[:1]),), "I")
    some.insert(2, Job(empty, 50))
    found = run_jobs(SamplerRunner(Stub(told), mid_circuit=False), some)
    assert [counts.shots for counts in found] == [job.shots for job in some]


def test_a_sampler_that_is_down_is_not_asked_for_long() -> None:
    def told(pubs: list[Any]) -> Any:
        raise ConnectionError("no route")

    sampler = Stub(told)
    with pytest.raises(CountsError, match="after which 0 of") as caught:
        run_jobs(SamplerRunner(sampler), readable())
    assert caught.value.counts == {}
    assert sampler.calls == 1 + MOST_FAILURES


def test_wrong_results_are_caught() -> None:
    some = readable()
    width = [job.num_bits for job in some]

    def bits(job: int, shots: int = 100, wider: int = 0) -> BitArray:
        return BitArray(np.zeros((shots, (width[job] + wider + 7) // 8), np.uint8), width[job] + wider)

    right = [result(bits(k)) for k in range(len(some))]
    cases = {
        "sum to 50": [result(bits(0, 50)), *right[1:]],
        f"is {width[0]} bits": [result(bits(0, wider=1)), *right[1:]],
        "one result for each circuit": right[:-1],
        "the bits of the register 'c'": [SamplerPubResult(DataBin(meas=bits(0), shape=())), *right[1:]],
    }
    for reason, results in cases.items():
        with pytest.raises(CountsError, match=reason):
            run_jobs(SamplerRunner(Stub(lambda pubs, results=results: results)), some)


def test_nothing_is_sent_where_there_is_nothing_to_read() -> None:
    first = (Choice((0,), "0", np.eye(2)[:1]),)
    blind, seeing = (Variant(0, NETWORKS["cx"].fragments[0], {}, first, bases) for bases in "IZ")
    found = run_jobs(SamplerRunner(Stub(None)), [Job(blind, 30), Job(seeing, 0), Job(blind, 0)])
    assert [counts.as_dict() for counts in found] == [{"": 30}, {}, {}]


@pytest.mark.parametrize("num_bits", [1, 3, 8, 9, 31, 64, 65, 130])
def test_packed_shots_are_told_apart(num_bits: int) -> None:
    rng = np.random.default_rng(num_bits)
    few = rng.integers(2, size=(7, num_bits))
    shots = few[rng.integers(7, size=500)].astype(np.uint8)
    packed = BitArray.from_bool_array(shots.astype(bool), order="little").array
    counts = tallied(packed, num_bits)
    rows, numbers = np.unique(shots, axis=0, return_counts=True)
    found = dict(zip(map(tuple, counts.bits.tolist()), counts.numbers.tolist(), strict=True))
    assert found == dict(zip(map(tuple, rows.tolist()), numbers.tolist(), strict=True))
