"""Observables: weighted sums of Pauli words, read from and printed as text such as ``"0.5*X1 - 1.2*Z0 Z2 + 3"``."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cutq.errors import ObservableError

Word = tuple[tuple[int, str], ...]
"""A Pauli word: pairs (qubit, letter) in the order of the qubits; the empty word is the identity."""

_TERM = re.compile(
    r"(?P<space>\s+)|(?P<sign>[+-])|(?P<times>\*)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<pauli>[IXYZ]\d{1,18})(?![\w.])",
    re.ASCII,
)


@dataclass(frozen=True, init=False, repr=False)
class Observable:
    """A Hermitian operator: a weighted sum of Pauli words, read from text; ``"1"`` is the identity.

    Attributes:
        terms: pairs (word, weight), equal words merged, zero weights dropped, sorted by word.

    Raises:
        ObservableError: pointing at the word that has no meaning.

    >>> Observable("Z0 Z2 + X1 + 2*Z2 Z0 - X1")
    Observable('3.0*Z0 Z2')
    >>> str(Observable("-Z0 + 0.5"))
    '0.5 - Z0'
    """

    terms: tuple[tuple[Word, float], ...]

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise ObservableError(f"an observable is written as text such as 'Z0 Z3', got {text!r}")
        object.__setattr__(self, "terms", _merged(_Reader(text).terms()))

    @classmethod
    def of(cls, terms: Iterable[tuple[Word, float]]) -> Observable:
        """The sum of weighted words, each of pairs (qubit, letter) on different qubits.

        >>> Observable.of([(((0, "Z"), (2, "Z")), 0.5)])
        Observable('0.5*Z0 Z2')
        """
        one = object.__new__(cls)
        object.__setattr__(one, "terms", _merged((_checked(word), weight) for word, weight in terms))
        return one

    @property
    def qubits(self) -> tuple[int, ...]:
        """The qubits it acts on, in order."""
        return tuple(sorted({qubit for word, _ in self.terms for qubit, _ in word}))

    def check(self, num_qubits: int) -> None:
        """Raise :class:`ObservableError` if it acts on a qubit that a circuit of this size does not have."""
        for word, _ in self.terms:
            for qubit, letter in word:
                if qubit >= num_qubits:
                    raise ObservableError(
                        f"{letter}{qubit} in {str(self)!r} acts on qubit {qubit}, but the circuit has {num_qubits} "
                        f"qubits, numbered from 0"
                    )

    def __add__(self, other: Observable) -> Observable:
        return Observable.of((*self.terms, *other.terms))

    def __mul__(self, factor: float) -> Observable:
        return Observable.of((word, factor * weight) for word, weight in self.terms)

    __rmul__ = __mul__

    def __sub__(self, other: Observable) -> Observable:
        return self + -1.0 * other

    def __str__(self) -> str:
        parts = [part for word, weight in self.terms for part in _term_parts(word, weight)] or ["+", "0"]
        return ("-" if parts[0] == "-" else "") + " ".join(parts[1:])

    def __repr__(self) -> str:
        return f"Observable({str(self)!r})"


def observable(what: Observable | str) -> Observable:
    """An observable as it is, or read from text; the one place where the public functions accept both."""
    return what if isinstance(what, Observable) else Observable(what)


def _checked(word: Iterable[tuple[int, str]]) -> Word:
    """The word without identities, in the order of its qubits; refused where it is none."""
    pairs = tuple(word)
    qubits = [qubit for qubit, _ in pairs]
    if any(letter not in ("I", "X", "Y", "Z") for _, letter in pairs) or min(qubits, default=0) < 0:
        raise ObservableError(
            f"a word has pairs (qubit, letter) with letters I, X, Y, Z and qubits from 0, got {pairs}"
        )
    if len(set(qubits)) < len(qubits):
        raise ObservableError(f"a qubit occurs twice in the word {pairs}; multiply the Paulis out first")
    return tuple(sorted((int(qubit), letter) for qubit, letter in pairs if letter != "I"))


def _merged(terms: Iterable[tuple[Word, float]]) -> tuple[tuple[Word, float], ...]:
    """Equal words added up, zero weights dropped, sorted."""
    total: dict[Word, float] = {}
    for word, weight in terms:
        total[word] = total.get(word, 0.0) + float(weight)
    for word, weight in total.items():
        if not math.isfinite(weight):
            raise ObservableError(f"weights are finite numbers, but {_word_text(word)} has weight {weight}")
    return tuple(sorted((word, weight) for word, weight in total.items() if weight != 0.0))


def _word_text(word: Word) -> str:
    return " ".join(f"{letter}{qubit}" for qubit, letter in word) or "1"


def _term_parts(word: Word, weight: float) -> tuple[str, str]:
    size = abs(weight)
    factor = "" if size == 1.0 and word else f"{size!r}*" if word else f"{size!r}"
    return "-" if weight < 0 else "+", factor + (_word_text(word) if word else "")


class _Reader:
    """Reads one text, token by token; the short-lived state of an :class:`Observable`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [t for t in self._tokens() if t[0] != "space"]

    def _tokens(self) -> list[tuple[str, str, int]]:
        position, found = 0, []
        while position < len(self.text):
            match = _TERM.match(self.text, position)
            if match is None:
                word = re.split(r"[\s*]", self.text[position:], maxsplit=1)[0]
                raise self._error(f"{_short(word)!r} is no Pauli such as X1, number, sign or '*'", position)
            found.append((str(match.lastgroup), match.group(), position))
            position = match.end()
        return found

    def terms(self) -> list[tuple[Word, float]]:
        """All terms; signs separate them."""
        if not self.tokens:
            raise self._error("the text is empty; the identity is written '1'", 0)
        terms: list[tuple[Word, float]] = []
        while self.tokens:
            sign = self._sign(first=not terms)
            terms.append(self._term(sign))
        return terms

    def _sign(self, *, first: bool) -> float:
        kind, token, position = self.tokens[0]
        if kind != "sign":
            if first:
                return 1.0
            raise self._error(f"{token!r} follows a term without a sign or a '*' between", position)
        self.tokens.pop(0)
        return -1.0 if token == "-" else 1.0

    def _term(self, weight: float) -> tuple[Word, float]:
        """Numbers and Paulis up to the next sign; a number may stand only where a factor begins."""
        letters: dict[int, str] = {}
        expects_factor, seen = True, False
        while self.tokens and self.tokens[0][0] != "sign":
            kind, token, position = self.tokens.pop(0)
            if kind == "times":
                if expects_factor:
                    raise self._error("'*' needs a factor on its left", position)
                expects_factor = True
                continue
            if kind == "number":
                if not expects_factor:
                    raise self._error(f"{token!r} stands behind a factor without a '*'", position)
                weight *= float(token)
            else:
                self._add_letter(letters, token, position)
            expects_factor, seen = False, True
        if expects_factor or not seen:
            position = self.tokens[0][2] if self.tokens else len(self.text)
            raise self._error("a factor is missing", position)
        return tuple(sorted((q, letter) for q, letter in letters.items() if letter != "I")), weight

    def _add_letter(self, letters: dict[int, str], token: str, position: int) -> None:
        qubit = int(token[1:])
        if qubit in letters:
            raise self._error(f"qubit {qubit} occurs twice in one word; multiply the two Paulis out first", position)
        letters[qubit] = token[0]

    def _error(self, why: str, position: int) -> ObservableError:
        return ObservableError(f"observable {_short(self.text)!r}, character {position + 1}: {why}")


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
