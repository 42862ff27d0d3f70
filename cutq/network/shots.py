"""What shots are predicted to cost: factors by which cuts multiply the variance of an estimate.

Where every fragment is tabulated, that is measured for all values of its legs, and the tables are contracted, a leg
multiplies the variance of its fragment alone. With the best share of shots for each fragment the variance of all N
shots is about ``(sum_f sqrt(prod_l nu_l))**2 / N``.
"""

from __future__ import annotations

WIRE_SHOTS = (3.0, 2.82)
"""``nu`` of a cut wire upstream, where 3 bases share the shots, and downstream, for SIC preparations of a pure state
with the best share of shots."""

SHOTS_PER_CIRCUIT = 50
"""Shots for each circuit below which tabulating is not worth it."""

ERROR = 0.01
"""The standard error that a number of shots is predicted for where none is named."""


def gate_shots(gamma: float) -> float:
    """``nu`` of either side of a gate cut, ``(gamma + 1) / 2``: its squared strength ``(sum |u_i|)**2``.

    >>> gate_shots(3.0)
    2.0
    """
    return (gamma + 1) / 2
