"""Estimates: values with what is known of their errors."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np

from cutq.circuits.checks import as_real, shown
from cutq.errors import ParameterError
from cutq.exact.checks import whole_number
from cutq.network.legspace import Reals

FORMAT = 1
"""Version of the JSON text."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """Values that were estimated from counts.

    Attributes:
        names: what each value is of.
        values: the values, (values,), or (2,) * qubits for probabilities.
        covariance: their covariance, (values, values), values in the order of ``values.ravel()``.
        shots: how many shots it took, of all circuits together.
        num_circuits: how many different circuits.
        contributions: what each fragment adds to the variances, to first order, (fragments, values).
        method: how it was made: which shots, frames and variance.
        cautious: the variances of intervals, (values,), in which outcomes that were seen seldom or never are possible;
            those of ``covariance`` where None.
    """

    names: tuple[str, ...]
    values: Reals
    covariance: Reals = field(repr=False)
    shots: int
    num_circuits: int
    contributions: Reals = field(repr=False)
    method: Mapping[str, Any] = field(default_factory=dict)
    cautious: Reals | None = field(default=None, repr=False)

    @property
    def stderr(self) -> Reals:
        """The standard error of each value, in the shape of ``values``."""
        return np.sqrt(np.maximum(np.diagonal(self.covariance), 0)).reshape(self.values.shape)

    def interval(self, level: float = 0.95) -> Reals:
        """The confidence interval of each value at this level, (*values, 2), from the normal distribution.

        It is a little wider than the standard error says where there are few shots: outcomes that were seen seldom or
        never count as if two more shots of each circuit had been spread over all.

        Raises:
            ParameterError: the level is not between 0 and 1.
        """
        upper = (1 + as_real(level)) / 2
        if not 0.5 < upper < 1:
            raise ParameterError(f"a confidence level is between 0 and 1, such as 0.95, got {shown(level)}")
        spread = self.stderr
        if self.cautious is not None:
            spread = np.maximum(spread, np.sqrt(self.cautious).reshape(self.values.shape))
        reach = NormalDist().inv_cdf(upper) * spread
        return np.stack([self.values - reach, self.values + reach], axis=-1)

    def to_json(self) -> str:
        """The estimate as JSON.

        >>> one = Estimate(("Z0",), np.array([0.5]), np.array([[0.01]]), 100, 4, np.array([[0.01]]))
        >>> Estimate.from_json(one.to_json()).stderr.tolist()
        [0.1]
        """
        data = {
            "format": FORMAT,
            "names": list(self.names),
            "values": self.values.tolist(),
            "covariance": self.covariance.tolist(),
            "shots": self.shots,
            "num_circuits": self.num_circuits,
            "contributions": self.contributions.tolist(),
            "method": dict(self.method),
            "cautious": None if self.cautious is None else self.cautious.tolist(),
        }
        return json.dumps(data)

    @classmethod
    def from_json(cls, text: str) -> Estimate:
        """The estimate that :meth:`to_json` wrote.

        Raises:
            ParameterError: this is no estimate.
        """
        try:
            data = json.loads(text)
            if data["format"] == FORMAT:
                return _read(data)
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as cause:
            raise ParameterError(f"an estimate is the JSON that Estimate.to_json writes, got {shown(text)}") from cause
        raise ParameterError(f"this reads estimates of format {FORMAT}, got {shown(data['format'])}")

    def __str__(self) -> str:
        rows = [f"{self.shots} shots of {self.num_circuits} circuits"]
        for name, value, error in zip(self.names, self.values.ravel(), self.stderr.ravel(), strict=True):
            digits = max(0, 1 - math.floor(math.log10(error))) if error > 0 else 6
            rows.append(f"  {name:<20} {value:.{digits}f} ± {error:.{digits}f}")
        return "\n".join(rows)


def _read(data: Mapping[str, Any]) -> Estimate:
    """The estimate of a JSON object; anything else raises one of Python's errors of values."""
    values, names, cautious = _array(data, "values"), data["names"], data["cautious"]
    size = values.size
    if not isinstance(names, list) or len(names) != size or not isinstance(data["method"], dict):
        raise ValueError(f"names of {size} values and a method")
    return Estimate(
        tuple(map(str, names)),
        values,
        _array(data, "covariance").reshape(size, size),
        whole_number("shots", data["shots"], least=0),
        whole_number("num_circuits", data["num_circuits"], least=0),
        _array(data, "contributions").reshape(-1, size),
        data["method"],
        None if cautious is None else _array(data, "cautious").reshape(size),
    )


def _array(data: Mapping[str, Any], name: str) -> Reals:
    if not isinstance(data[name], list):
        raise ValueError(f"{name} is a list")
    return np.array(data[name], dtype=float)
