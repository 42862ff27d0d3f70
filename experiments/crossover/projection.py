"""A projection: in which year would there be a device, if the quantum volume doubled every year?

The records are those that their makers announced; that they go on is an assumption and no finding. A quantum volume of
2 ** n says that square random circuits of n qubits and n layers give heavy outputs more often than not, two times in
three; it says nothing of an error of a thousandth, of shots in a second, or of error correction.
"""

from __future__ import annotations

RECORDS: dict[str, tuple[tuple[float, int], ...]] = {
    "IBM": ((2020.5, 5), (2020.7, 6), (2022.3, 8), (2024.0, 9), (2025.7, 11)),
    "Quantinuum": (
        (2020.5, 6), (2021.2, 9), (2021.7, 11), (2022.7, 13), (2023.5, 19), (2024.6, 21), (2025.4, 23), (2025.7, 25),
    ),
}  # fmt: skip
"""(year, binary logarithm of the quantum volume), steps only: the table of the Quantum Benchmark Zoo
(github.com/v-gilbert/quantumbenchmarkzoo, _includes/tables/QV-table.html), and for 2 ** 8 IBM Research's blog of
6 April 2022, which also states the aim of doubling every year."""

PER_YEAR = 1.0
"""Qubits of a square circuit in a year if the quantum volume doubles: Gambetta's law."""

LAST_YEAR = 2060


def year(maker: str, qubits: float) -> float:
    """In which a quantum volume of 2 ** qubits would be there, by doubling from the last record.

    >>> year("Quantinuum", 27)
    2027.7
    """
    last, known = RECORDS[maker][-1]
    return last + (qubits - known) / PER_YEAR


def pace(maker: str) -> float:
    """Doublings in a year from the first record to the last.

    >>> round(pace("IBM"), 1), round(pace("Quantinuum"), 1)
    (1.2, 3.7)
    """
    (first, fewest), (last, most) = RECORDS[maker][0], RECORDS[maker][-1]
    return (most - fewest) / (last - first)
