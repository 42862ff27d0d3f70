"""What is known beforehand: the variance of chains of random fragments, averaged over all of them, in closed form.

A value is a functional ``f(rho) = alpha + sum_P beta_P tr(P rho)`` of the state on the wires of a cut, estimated from
the last fragment to the first. Random unitaries make ``beta`` isotropic, so that ``A = E[alpha^2]`` and ``B =
E[|beta|^2]`` are all that is carried along, exactly: a fragment turns the exact functional into another one, and the
shots of its circuits add noise to that. The frame where wires end says how much noise one state's value has, and the
one where they begin what of it enters ``alpha`` and ``beta``. Averages over random unitaries: of tr(P rho)^2 in a pure
state of dimension d it is 1 / (d + 1), and what has no trace is spread evenly over d^2 - 1 Pauli words.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Frame:
    """Two frames, where wires end and where they begin.

    Attributes:
        bases, states: circuits for them.
        noise: ``k``: the variance that one shot of each basis leaves, for ``B`` = 1.
        constant, slope: ``a`` and ``b``: what the variance of one state's value makes of ``alpha`` and of ``beta``.
    """

    bases: int
    states: int
    noise: float
    constant: float
    slope: float


def frame(name: str, wires: int) -> Frame:
    """The frames of so many wires.

    >>> frame("sic", 1)
    Frame(bases=3, states=4, noise=0.6666666666666666, constant=0.25, slope=2.25)
    """
    d = 2**wires
    spread = d / (d + 1)
    if name == "mub":
        return Frame(d + 1, d * (d + 1), spread, 1 / (d * (d + 1)), (d * d - 1) / d)
    states, constant, both = {"sic": (4, 1 / 4, 5 / 2), "std4": (4, 1 / 2, 4.0), "six": (6, 1 / 6, 5 / 3)}[name]
    noise = spread / (d * d - 1) * (10**wires - 1) / 3**wires
    return Frame(3**wires, states**wires, noise, constant**wires, both**wires - constant**wires)


def circuits(cuts: int, wires: int = 1, name: str = "sic") -> int:
    """Of all fragments of a chain.

    >>> [circuits(k) for k in (1, 2, 3, 4)]
    [7, 19, 31, 43]
    """
    own = frame(name, wires)
    return own.bases + own.bases * own.states * (cuts - 1) + own.states


@dataclass(frozen=True)
class Law:
    """Averages over all chains.

    Attributes:
        square: of the squared value.
        variance: of shots times variance.
    """

    square: float
    variance: float


def unitary(cuts: int, each: float, wires: int = 1, name: str = "sic") -> Law:
    """Fragments that turn ``wires`` wires and pass them on, ``each`` shots for each circuit.

    For one wire and SIC states this is ``8 (K + 1) (K - 5/12)`` where there are many shots.

    >>> [round(unitary(k, 1e9).variance, 2) for k in (1, 2, 4, 8, 16)]
    [9.33, 38.0, 143.33, 546.0, 2119.33]
    """
    own, d = frame(name, wires), 2**wires
    lost = d / (d + 1) / each
    a, b = own.constant * lost, 1 + own.slope * lost
    for _ in range(cuts - 1):
        lost = own.noise * b / each
        a, b = a + own.constant * lost, b + own.slope * lost
    variance = a + (b - 1) / (d + 1) + own.noise * b / each
    return Law(1 / (d + 1), circuits(cuts, wires, name) * each * variance)


def contractive(cuts: int, each: float, observable: str) -> Law:
    """Random gates on the wire that comes in and a fresh one, which is passed on; SIC states.

    Of the 15 words on two qubits, those with I or Z on the fresh one are left: one is a constant, and two are for each
    letter of the wire. Where the other qubit is measured the constant is read in all three bases, as a mean.

    >>> round(contractive(3, 1e9, "product").square / contractive(2, 1e9, "product").square, 6)  # 7 / 15
    0.466667
    """
    product, own = observable == "product", frame("sic", 1)
    exact = _recursion(cuts, 0.0, product, own)
    found = _recursion(cuts, 1 / each, product, own)
    return Law(exact, circuits(cuts) * each * (found - exact))


def _recursion(cuts: int, noise: float, product: bool, own: Frame) -> float:
    """The mean square of the estimate, with so much noise for the variance of one shot."""
    lost = 0.8 * noise
    a, b = 1 / 15 + own.constant * lost, 6 / 15 + own.slope * lost
    for _ in range(cuts - 1):
        lost = 0.8 * noise * (b + (a / 3 if product else 0.0))
        spread = a + b if product else b
        a, b = (0.0 if product else a) + spread / 15 + own.constant * lost, 6 / 15 * spread + own.slope * lost
    mean = (a + b) / 5 if product else a + b / 5
    return mean + 0.8 * noise * (b + (a / 3 if product else 0.0))


def growth(wires: int = 1, name: str = "sic") -> float:
    """``b k``: each cut multiplies ``B`` by one and this over the shots for each circuit.

    >>> round(growth(), 6)
    1.5
    """
    own = frame(name, wires)
    return own.slope * own.noise


def one_shot(base: float, cuts: int, fragments: int, square: float) -> float:
    """Shots times variance where each sample runs every fragment once, and counts ``sqrt(base)**cuts`` at most.

    Args:
        base: for each cut: ``16**w`` for w wires without feed-forward, ``(2**(w + 1) - 1)**2`` with it; ``10**w``
            without, where SIC states are scored 1 and -1/2.
        cuts, fragments: how many.
        square: of the exact value.

    >>> one_shot(9.0, 2, 3, 0.0)
    243.0
    """
    return (base**cuts - square) * fragments


def bases(wires: int) -> dict[str, float]:
    """By method the base of one cut of so many wires.

    >>> bases(1), bases(2)["LOCC"]
    ({'LO': 16, 'LO, SIC': 10, 'LOCC': 9}, 49)
    """
    return {"LO": 16**wires, "LO, SIC": 10**wires, "LOCC": (2 ** (wires + 1) - 1) ** 2}
