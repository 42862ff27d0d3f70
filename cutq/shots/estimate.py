"""Estimates: values with what is known of their errors."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np

from cutq.errors import ParameterError
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
        if not 0 < level < 1:
            raise ParameterError(f"a confidence level is between 0 and 1, such as 0.95, got {level!r}")
        spread = self.stderr
        if self.cautious is not None:
            spread = np.maximum(spread, np.sqrt(self.cautious).reshape(self.values.shape))
        reach = NormalDist().inv_cdf((1 + level) / 2) * spread
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
            if data["format"] != FORMAT:
                raise ParameterError(f"this reads estimates of format {FORMAT}, got {data['format']!r}")
            arrays = [np.array(data[name], dtype=float) for name in ("values", "covariance", "contributions")]
            size = arrays[0].size
            return cls(
                tuple(data["names"]),
                arrays[0],
                arrays[1].reshape(size, size),
                int(data["shots"]),
                int(data["num_circuits"]),
                arrays[2].reshape(-1, size),
                data["method"],
                None if data["cautious"] is None else np.array(data["cautious"], dtype=float),
            )
        except (KeyError, TypeError, ValueError) as cause:
            if isinstance(cause, ParameterError):
                raise
            raise ParameterError(f"an estimate is the JSON that Estimate.to_json writes, got {text[:80]!r}") from cause

    def __str__(self) -> str:
        rows = [f"{self.shots} shots of {self.num_circuits} circuits"]
        for name, value, error in zip(self.names, self.values.ravel(), self.stderr.ravel(), strict=True):
            digits = max(0, 1 - math.floor(math.log10(error))) if error > 0 else 6
            rows.append(f"  {name:<20} {value:.{digits}f} ± {error:.{digits}f}")
        return "\n".join(rows)
