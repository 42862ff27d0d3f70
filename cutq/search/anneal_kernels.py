"""Compiled annealing: of a partition of wires, and of labels on every leg, which also finds places to cut wires."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

JIT = {"cache": True, "nogil": True, "error_model": "numpy"}


# --- whole wires ----------------------------------------------------------------------------------------------------


@njit(**JIT)
def _pull(starts, others, prices, part, wire, where):
    """What it costs to separate a wire from a part."""
    total = 0.0
    for k in range(starts[wire], starts[wire + 1]):
        if part[others[k]] == where:
            total += prices[k]
    return total


@njit(**JIT)
def _between(starts, others, prices, wire, other):
    total = 0.0
    for k in range(starts[wire], starts[wire + 1]):
        if others[k] == other:
            total += prices[k]
    return total


@njit(**JIT)
def anneal_wires(starts, others, prices, sizes, room, part, hot, cold, rounds, stray, seed):
    """Move wires between parts, or exchange two, by Metropolis; `part` is changed in place to the best found.

    Args:
        starts, others, prices: neighbours of each wire and what separating them costs.
        sizes: qubits of each wire.
        room: most qubits of each part.
        part: the part of each wire.
        hot, cold: first and last temperature.
        rounds: proposals for each wire.
        stray: how often a wire is sent to any part instead of one of a neighbour.
        seed: of the random choices.

    Returns:
        By how much the price fell.
    """
    np.random.seed(seed)
    wires, parts = len(sizes), len(room)
    used = np.zeros(parts, np.int64)
    members = np.empty((parts, wires), np.int32)
    count = np.zeros(parts, np.int64)
    place = np.empty(wires, np.int64)
    for wire in range(wires):
        here = part[wire]
        used[here] += sizes[wire]
        members[here, count[here]] = wire
        place[wire] = count[here]
        count[here] += 1
    best, change, least = part.copy(), 0.0, 0.0
    proposals = rounds * wires
    for turn in range(proposals):
        temperature = hot * (cold / hot) ** (turn / proposals)
        wire = np.random.randint(wires)
        here, degree = part[wire], starts[wire + 1] - starts[wire]
        if np.random.random() < stray or degree == 0:
            there = np.random.randint(parts)
        else:
            there = part[others[starts[wire] + np.random.randint(degree)]]
        if there == here:
            continue
        back = -1
        loss = _pull(starts, others, prices, part, wire, here) - _pull(starts, others, prices, part, wire, there)
        if used[there] + sizes[wire] > room[there]:
            if count[there] == 0:
                continue
            back = members[there, np.random.randint(count[there])]
            if (
                used[there] - sizes[back] + sizes[wire] > room[there]
                or used[here] - sizes[wire] + sizes[back] > room[here]
            ):
                continue
            loss += _pull(starts, others, prices, part, back, there) - _pull(starts, others, prices, part, back, here)
            loss += 2 * _between(starts, others, prices, wire, back)
        if loss > 0 and np.random.random() >= math.exp(-loss / temperature):
            continue
        for moved, source, target in ((wire, here, there), (back, there, here)):
            if moved >= 0:
                last = members[source, count[source] - 1]
                members[source, place[moved]] = last
                place[last] = place[moved]
                count[source] -= 1
                members[target, count[target]] = moved
                place[moved] = count[target]
                count[target] += 1
                used[source] -= sizes[moved]
                used[target] += sizes[moved]
                part[moved] = target
        change += loss
        if change < least - 1e-12:
            least = change
            best[:] = part
    part[:] = best
    return -least


# --- legs -----------------------------------------------------------------------------------------------------------


@njit(**JIT)
def _term(load, loads):
    return math.exp(min(load, 700.0)) if loads else 0.0


@njit(**JIT)
def _shift(legs, label, widths, logs, first, last, there, loads, apply):
    """Give the legs from `first` to `last` of one wire, all of one label, another one: the change of the price, and
    of the widths of both; with `apply` all sums are brought up to date."""
    before, after, seam, old, new, size, mate, price, factor = legs
    here = label[first]
    change, less, more = 0.0, 0.0, 0.0
    # The two seams at the ends of the run.
    left, right = before[first], after[last]
    narrow, wide = -size[first], size[first]
    if left >= 0:
        if label[left] == here:
            change += seam[first]
            narrow += size[first]
            if loads:
                less += old[first]
                more += new[first]
        elif label[left] == there:
            change -= seam[first]
            wide -= size[first]
            if loads:
                more -= old[first]
                less -= new[first]
        elif loads:
            less -= new[first]
            more += new[first]
    if right >= 0:
        if label[right] == here:
            change += seam[right]
            narrow += size[first]
            if loads:
                more += old[right]
                less += new[right]
        elif label[right] == there:
            change -= seam[right]
            wide -= size[first]
            if loads:
                less -= old[right]
                more -= new[right]
        elif loads:
            less -= old[right]
            more += old[right]
    # A run between two pieces of its own label joins or splits them.
    leg = first
    while leg >= 0:
        other = mate[leg]
        if other >= 0:
            far = label[other]
            if far == here:
                change += price[leg]
                if loads:
                    less += factor[other]
                    more += factor[leg]
            elif far == there:
                change -= price[leg]
                if loads:
                    less -= factor[leg]
                    more -= factor[other]
            elif loads:
                less -= factor[leg]
                more += factor[leg]
        if leg == last:
            break
        leg = after[leg]
    if apply:
        widths[here] += narrow
        widths[there] += wide
        logs[here] += less
        logs[there] += more
        leg = first
        while leg >= 0:
            label[leg] = there
            if leg == last:
                break
            leg = after[leg]
    return change, narrow, wide, less, more


@njit(**JIT)
def _gain(widths, logs, room, here, there, step, loads, weight):
    """Whether a shift fits, and what it costs: prices, or loads (in units of `weight`) and a little of the price."""
    change, narrow, wide, less, more = step
    fits = widths[here] + narrow <= room[here] and widths[there] + wide <= room[there]
    if not loads:
        return fits, change
    cost = math.exp(min(logs[here] + less, 700.0)) - math.exp(min(logs[here], 700.0))
    cost += math.exp(min(logs[there] + more, 700.0)) - math.exp(min(logs[there], 700.0))
    return fits, cost * weight + 1e-3 * change


@njit(**JIT)
def anneal_legs(legs, wire_first, wire_last, label, room, loads, hot, cold, proposals, seed):
    """Shift runs of legs between labels by Metropolis; `label` is changed in place to the best found.

    Args:
        legs: for each leg the one before and behind it on its wire (-1 at the ends), price of the seam before it and
            logarithms of that seam's factors, qubits of its wire, the leg on the other side of its unit (-1 if none),
            price and logarithm of the factor of that unit.
        wire_first, wire_last: first and last leg of each wire.
        label: the label of each leg.
        room: most qubits of each label.
        loads: whether the loads of labels are paid for.
        hot, cold: first and last temperature; of loads, as a part of their sum.
        proposals: how many shifts are tried.
        seed: of the random choices.

    Returns:
        By how much the cost fell.
    """
    np.random.seed(seed)
    before, after, seam, old, new, size, mate, price, factor = legs
    number, labels = len(label), len(room)
    widths = np.zeros(labels, np.int64)
    logs = np.zeros(labels)
    for leg in range(number):
        if before[leg] < 0 or label[before[leg]] != label[leg]:
            widths[label[leg]] += size[leg]
            if loads and before[leg] >= 0:
                logs[label[before[leg]]] += old[leg]
                logs[label[leg]] += new[leg]
        if loads and mate[leg] >= 0 and label[mate[leg]] != label[leg]:
            logs[label[leg]] += factor[leg]
    total = 0.0
    if loads:
        for one in range(labels):
            total += math.exp(min(logs[one], 700.0))
    best, change, least = label.copy(), 0.0, 0.0
    for turn in range(proposals):
        temperature = hot * (cold / hot) ** (turn / proposals)
        weight = 1.0 / max(total + change, 1e-300) if loads else 1.0
        leg = np.random.randint(number)
        here = label[leg]
        # Where to: the label of a neighbour on the wire or across the unit.
        pick = np.random.randint(4)
        near = before[leg] if pick == 0 else after[leg] if pick == 1 else mate[leg]
        there = label[near] if near >= 0 else here
        if np.random.random() < 0.002:
            there = np.random.randint(labels)
        if there == here:
            continue
        # Which legs: this one, its run to the left or to the right or both, or the wire's whole run.
        first = last = leg
        kind = np.random.randint(4)
        if kind & 1:
            while before[first] >= 0 and label[before[first]] == here:
                first = before[first]
        if kind & 2:
            while after[last] >= 0 and label[after[last]] == here:
                last = after[last]
        step = _shift(legs, label, widths, logs, first, last, there, loads, False)
        fits, loss = _gain(widths, logs, room, here, there, step, loads, weight)
        pair = mate[leg] >= 0 and label[mate[leg]] == here and np.random.random() < 0.5
        if not pair:
            if not fits or (loss > 0 and np.random.random() >= math.exp(-loss / temperature)):
                continue
            real = loss / weight if loads else loss
            _shift(legs, label, widths, logs, first, last, there, loads, True)
        else:
            # The unit moves with both of its legs.
            _shift(legs, label, widths, logs, first, last, there, loads, True)
            other = mate[leg]
            begin = end = other
            kind = np.random.randint(4)
            if kind & 1:
                while before[begin] >= 0 and label[before[begin]] == here:
                    begin = before[begin]
            if kind & 2:
                while after[end] >= 0 and label[after[end]] == here:
                    end = after[end]
            step = _shift(legs, label, widths, logs, begin, end, there, loads, False)
            fits, more = _gain(widths, logs, room, here, there, step, loads, weight)
            if not fits or (loss + more > 0 and np.random.random() >= math.exp(-(loss + more) / temperature)):
                _shift(legs, label, widths, logs, first, last, here, loads, True)
                continue
            _shift(legs, label, widths, logs, begin, end, there, loads, True)
            real = (loss + more) / weight if loads else loss + more
        change += real
        if change < least - 1e-9:
            least = change
            best[:] = label
    label[:] = best
    return -least
