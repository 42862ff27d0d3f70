"""Compiled loops of the sweep: from the states after one step to those after the next.

A state says how the live wires hang together, and what that has cost. Live wires are in *slots*; the label of a slot is
the smallest slot of its fragment, so equal partitions have equal labels, and what belongs to a fragment is kept at that
slot: its width so far and its load. Where qubits are used again the width is the most that were live at a time when the
parts that make up the fragment ran one after the other, and the qubits that are live now are kept beside it.

With joint cuts each slot also has the fragments to which a star with this hub is open, as bits; and a few further slots
hold fragments that have no live wire any more, but to which a star is open. Of states with equal labels and stars those
are dropped that another is nowhere worse than.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit

JIT = {"cache": True, "nogil": True, "error_model": "numpy"}

DONE, PAUSED, FULL, WIDE = range(4)
"""How :func:`run` ends: all steps taken, work used up, no room for more states, or more states than a beam keeps."""

STEP, SOURCE, SOURCES, TARGETS, LIVE, LINKS, WORK = range(7)
"""Places in a cursor: step, next state to go on from, number of states before and after the step, how many of the
latter are not dropped, links in the history, and work done, in states tried."""

OVER, DROPPED = range(2)
"""Places among the bounds: the cheapest plan that went over the limit, and the cheapest state that did."""

NO_TARGET = 4095
"""In a code: no star was joined."""

SAME = 1e-7
"""Costs this close are the same to a beam."""

TINY = 1e-9
"""Differences below this, relative for loads, are none."""


class Rules(NamedTuple):
    """What a run of the sweep may do.

    Attributes:
        width: most qubits of a fragment.
        release: whether a qubit that has ended may be used again: the width is that of the live wires.
        loads: whether the loads of fragments are paid for.
        stars: whether there are joint cuts.
        live: slots of live wires; further ones are for fragments that only an open star keeps.
        pieces: most fragments.
        limit: most that a plan may cost.
        beam: states that are kept after each step, or 0 for all.
    """

    width: int
    release: bool
    loads: bool
    stars: bool
    live: int
    pieces: int
    limit: float
    beam: int


class Layer(NamedTuple):
    """States of one step, a row each.

    Attributes:
        labels, widths, lives, loads, stars: by slot; see the head of this file.
        price: sum of prices.
        aside: what is settled: the loads of fragments that are closed, or the strength of joint cuts.
        total: what any plan that goes on from here costs at least.
        pieces: fragments that are closed.
        link: the last entry of its history.
        hash, after: of the table of states with equal labels; ``after`` is -1 at the end of a chain.
        dropped: whether a better state was found.
    """

    labels: Any
    widths: Any
    lives: Any
    loads: Any
    stars: Any
    price: Any
    aside: Any
    total: Any
    pieces: Any
    link: Any
    hash: Any
    after: Any
    dropped: Any


@njit(**JIT)
def joint(strength):
    """Price of gates that are cut jointly and have this strength together: log of ``2 exp(strength) - 1``."""
    if strength <= 0.0:
        return 0.0
    if strength > 600.0:
        return strength + math.log(2.0)
    return math.log(2.0 * math.exp(strength) - 1.0)


@njit(**JIT)
def _leave(labels, widths, lives, loads, stars, slot, size, rules):
    """Take a slot out of its fragment: 0, or the load of the fragment if it closes; negative if it should not have."""
    leader = labels[slot]
    labels[slot] = -1
    if rules.stars:
        stars[slot] = 0
    if rules.release:
        lives[leader] -= size
    if leader != slot:
        return 0.0
    heir = -1
    for other in range(slot + 1, len(labels)):
        if labels[other] == leader:
            if heir < 0:
                heir = other
            labels[other] = heir
    if rules.stars and heir < 0:
        heir = _kept_by_star(labels, widths, stars, leader, rules)
    if rules.stars:
        _rename(stars, leader, heir)
    load = loads[leader] if rules.loads else 1.0
    if heir >= 0:
        widths[heir] = widths[leader]
        if rules.release:
            lives[heir] = lives[leader]
        if rules.loads:
            loads[heir] = load
    widths[leader] = 0
    if rules.loads:
        loads[leader] = 0.0
    return 0.0 if heir >= 0 else load if heir == -1 else -load


@njit(**JIT)
def _kept_by_star(labels, widths, stars, leader, rules):
    """The slot for a fragment whose last wire left it while a star is open to it that another wire may join; -1 if
    there is no such star, -2 if no slot is free."""
    bit = np.int64(1) << leader
    wanted = False
    if widths[leader] >= rules.width:
        return -1
    for slot in range(len(labels)):
        wanted = wanted or (stars[slot] & bit) != 0
    if not wanted:
        return -1
    for slot in range(rules.live, len(labels)):
        if labels[slot] < 0:
            labels[slot] = slot
            return slot
    return -2


@njit(**JIT)
def _rename(stars, label, into):
    """Let stars that are open to one fragment be open to another, or to none if it is negative."""
    bit = np.int64(1) << label
    for slot in range(len(stars)):
        if stars[slot] & bit:
            stars[slot] ^= bit
            if into >= 0:
                stars[slot] |= np.int64(1) << into


@njit(**JIT)
def _unite(labels, widths, lives, loads, stars, one, other, rules):
    """Make two fragments one; its label."""
    if one == other:
        return one
    kept, gone = min(one, other), max(one, other)
    for slot in range(len(labels)):
        if labels[slot] == gone:
            labels[slot] = kept
    if rules.release:
        here, there = max(widths[kept], lives[kept] + widths[gone]), max(widths[gone], lives[gone] + widths[kept])
        widths[kept] = min(here, there)
        lives[kept] += lives[gone]
        lives[gone] = 0
    else:
        widths[kept] += widths[gone]
    widths[gone] = 0
    if rules.loads:
        loads[kept] *= loads[gone]
        loads[gone] = 0.0
    if rules.stars:
        _rename(stars, gone, kept)
        for slot in range(len(labels)):
            if labels[slot] == kept:
                stars[slot] &= ~(np.int64(1) << kept)
                if slot >= rules.live:
                    labels[slot] = -1
    return kept


@njit(**JIT)
def _hash(labels, stars, with_stars):
    code = np.uint64(14695981039346656037)
    prime = np.uint64(1099511628211)
    for slot in range(len(labels)):
        code = (code ^ np.uint64(labels[slot] + 1)) * prime
        if with_stars:
            code = (code ^ np.uint64(stars[slot])) * prime
    return code ^ (code >> np.uint64(29))


@njit(**JIT)
def _same(labels, stars, layer, row, with_stars):
    for slot in range(len(labels)):
        if labels[slot] != layer.labels[row, slot]:
            return False
        if with_stars and stars[slot] != layer.stars[row, slot]:
            return False
    return True


@njit(**JIT)
def _at_most(price, aside, pieces, widths, loads, price2, aside2, pieces2, widths2, loads2, rules):
    """Whether the first state is nowhere worse than the second, which has the same labels and stars."""
    if rules.loads:
        if aside > aside2 * (1 + TINY):
            return False
    elif price > price2 + TINY or aside > aside2 + TINY:
        return False
    if pieces > pieces2:
        return False
    for slot in range(len(widths)):
        if widths[slot] > widths2[slot]:
            return False
    if rules.loads:
        for slot in range(len(loads)):
            if loads[slot] > loads2[slot] * (1 + TINY):
                return False
    return True


@njit(**JIT)
def _insert(layer, heads, cursor, state, price, aside, total, pieces, link, rules):
    """Put a state into a layer unless one there is nowhere worse; whether it is in."""
    labels, widths, lives, loads, stars = state
    code = _hash(labels, stars, rules.stars)
    mask = np.uint64(len(heads) - 1)
    place = np.int64(code & mask)
    row, before = heads[place], np.int64(-1)
    while row >= 0:
        after = layer.after[row]
        if layer.hash[row] == code and _same(labels, stars, layer, row, rules.stars):
            worse = layer.widths[row], layer.loads[row]
            numbers = layer.price[row], layer.aside[row], layer.pieces[row]
            if _at_most(
                numbers[0], numbers[1], numbers[2], worse[0], worse[1], price, aside, pieces, widths, loads, rules
            ):
                tie = (
                    rules.loads
                    and price < numbers[0] - TINY
                    and _at_most(
                        price,
                        aside,
                        pieces,
                        widths,
                        loads,
                        numbers[0],
                        numbers[1],
                        numbers[2],
                        worse[0],
                        worse[1],
                        rules,
                    )
                )
                if not tie:
                    return False
            if _at_most(
                price, aside, pieces, widths, loads, numbers[0], numbers[1], numbers[2], worse[0], worse[1], rules
            ):
                layer.dropped[row] = True
                cursor[LIVE] -= 1
                if before >= 0:
                    layer.after[before] = after
                else:
                    heads[place] = after
                row = after
                continue
        before, row = row, after
    row = cursor[TARGETS]
    cursor[TARGETS] += 1
    cursor[LIVE] += 1
    for slot in range(len(labels)):
        layer.labels[row, slot] = labels[slot]
        layer.widths[row, slot] = widths[slot]
        if rules.release:
            layer.lives[row, slot] = lives[slot]
        if rules.loads:
            layer.loads[row, slot] = loads[slot]
        if rules.stars:
            layer.stars[row, slot] = stars[slot]
    layer.price[row], layer.aside[row], layer.total[row], layer.pieces[row] = price, aside, total, pieces
    layer.link[row], layer.hash[row], layer.dropped[row] = link, code, False
    layer.after[row] = heads[place]
    heads[place] = row
    return True


@njit(**JIT)
def _allowed(tables, step, option, cut, labels, rules):
    """Whether cutting these wires before an option is of any use; where qubits are used again, behind it."""
    first, last = tables.legs[step], tables.legs[step + 1]
    place = tables.places[option]
    for leg in range(first, last):
        if not (cut >> (leg - first)) & 1:
            continue
        if rules.release:
            if tables.ends[leg] or tables.far[leg] == np.inf:
                return False
            continue
        if tables.begins[leg] or tables.near[leg] == np.inf:
            return False
        block, alone = tables.block[place + leg - first], True
        for other in range(first, last):
            if other != leg and tables.block[place + other - first] == block:
                alone = False
                # Of wires of one fragment that are to be joined, cutting a part would only widen it.
                same = not tables.begins[other] and labels[tables.slot[other]] == labels[tables.slot[leg]]
                if same and not (cut >> (other - first)) & 1:
                    return False
        if alone and tables.settled[leg]:
            return False
    return True


@njit(**JIT)
def _taken(tables, step, option, cut, state, rules):
    """Cut these wires and take an option, in place: (whether it is of use, price, loads of fragments that closed,
    how many, whether one should not have). Stars are not joined and no wire ends here."""
    labels, widths, lives, loads, stars = state
    first, last = tables.legs[step], tables.legs[step + 1]
    price, closed, pieces, lost = tables.price[option], 0.0, 0, False
    for leg in range(first, last):
        slot = tables.slot[leg]
        if not rules.release and (cut >> (leg - first)) & 1:
            if rules.loads:
                loads[labels[slot]] *= tables.old[leg]
            load = _leave(labels, widths, lives, loads, stars, slot, tables.size[leg], rules)
            if load != 0.0:
                pieces += 1
                closed += abs(load)
                lost = lost or load < 0.0
            price += tables.near[leg]
        elif labels[slot] >= 0:
            if rules.stars and not tables.goes_on[leg]:
                stars[slot] = 0
            continue
        labels[slot] = slot
        widths[slot] = tables.size[leg]
        if rules.release:
            lives[slot] = tables.size[leg]
        if tables.size[leg] > rules.width:
            return False, np.inf, closed, pieces, lost
        if rules.loads:
            loads[slot] = 1.0 if tables.begins[leg] else tables.new[leg]
        if rules.stars:
            stars[slot] = 0
    place = tables.places[option]
    apart = tables.options[step] == option
    for leg in range(first, last):
        slot = tables.slot[leg]
        for other in range(first, leg):
            if tables.block[place + other - first] == tables.block[place + leg - first]:
                _unite(labels, widths, lives, loads, stars, labels[slot], labels[tables.slot[other]], rules)
                break
        apart = apart or labels[slot] != labels[tables.slot[first]]
    for leg in range(first, last):
        if rules.loads:
            loads[labels[tables.slot[leg]]] *= tables.factor[place + leg - first]
    leader = labels[tables.slot[first]]
    if tables.options[step] == option and tables.extra[step]:
        if rules.release:
            widths[leader] = max(widths[leader], lives[leader] + tables.extra[step])
        else:
            widths[leader] += tables.extra[step]
    for leg in range(first, last):
        if widths[labels[tables.slot[leg]]] > rules.width:
            return False, np.inf, closed, pieces, lost
    return apart, price, closed, pieces, lost


@njit(**JIT)
def _ended(tables, step, cut, state, rules):
    """End the wires that have no further step, and where qubits are used again those that are cut here, in place:
    (price, loads of fragments that closed, how many, whether one should not have)."""
    labels, widths, lives, loads, stars = state
    price, closed, pieces, lost = 0.0, 0.0, 0, False
    first, last = tables.legs[step], tables.legs[step + 1]
    for leg in range(first, last):
        behind = rules.release and (cut >> (leg - first)) & 1
        if rules.stars and tables.hub_ends[leg]:
            stars[tables.slot[leg]] = 0
        if behind:
            price += tables.far[leg]
            if rules.loads:
                loads[labels[tables.slot[leg]]] *= tables.far_old[leg]
        if tables.ends[leg] or behind:
            load = _leave(labels, widths, lives, loads, stars, tables.slot[leg], tables.size[leg], rules)
            if load != 0.0:
                pieces += 1
                closed += abs(load)
                lost = lost or load < 0.0
    for slot in range(rules.live, len(labels)):
        if labels[slot] == slot:
            wanted = False
            for hub in range(rules.live):
                wanted = wanted or ((stars[hub] >> slot) & 1) != 0
            if not wanted:
                labels[slot] = -1
                pieces += 1
                closed += loads[slot] if rules.loads else 1.0
                widths[slot] = 0
                if rules.loads:
                    loads[slot] = 0.0
    return price, closed, pieces, lost


@njit(**JIT)
def _bound(state, price, aside, rules):
    """What any plan that goes on from a state costs at least.

    Loads of fragments multiply when they are joined, and a product of numbers from 2 on is no less than their sum.
    """
    if not rules.loads:
        return price + joint(aside)
    labels, _, _, loads, _ = state
    total = aside
    for slot in range(len(labels)):
        if labels[slot] == slot and loads[slot] > 1.5:
            total += loads[slot]
    return total


@njit(**JIT)
def _copy(layer, row, state, rules):
    labels, widths, lives, loads, stars = state
    for slot in range(len(labels)):
        labels[slot] = layer.labels[row, slot]
        widths[slot] = layer.widths[row, slot]
        if rules.release:
            lives[slot] = layer.lives[row, slot]
        if rules.loads:
            loads[slot] = layer.loads[row, slot]
        if rules.stars:
            stars[slot] = layer.stars[row, slot]


@njit(**JIT)
def _offer(
    tables,
    step,
    layer,
    heads,
    cursor,
    history,
    bounds,
    ahead,
    rules,
    state,
    row,
    before,
    price,
    closed,
    pieces,
    lost,
    strength,
    cut,
    code,
):
    """End wires, bound the cost, and put the state into the layer after the step."""
    paid, more, ended, also = _ended(tables, step, cut, state, rules)
    price, pieces = before.price[row] + price + paid, before.pieces[row] + pieces + ended
    aside = before.aside[row] + (closed + more if rules.loads else strength)
    if pieces > rules.pieces:
        return
    total = _bound(state, price, aside, rules)
    cursor[WORK] += 1
    if total + ahead[step + 1] > rules.limit:
        bounds[OVER] = min(bounds[OVER], total + ahead[step + 1])
        bounds[DROPPED] = min(bounds[DROPPED], total if rules.loads else price + aside)
        return
    if lost or also:
        bounds[OVER] = min(bounds[OVER], total + ahead[step + 1])
    link = cursor[LINKS]
    plain = code < 0
    if (
        _insert(
            layer,
            heads,
            cursor,
            state,
            price,
            aside,
            total,
            pieces if rules.pieces < 2**30 else 0,
            before.link[row] if plain else link,
            rules,
        )
        and not plain
    ):
        history[link, 0], history[link, 1] = before.link[row], code
        cursor[LINKS] += 1


@njit(**JIT)
def _expand(tables, step, before, row, after, heads, cursor, history, bounds, ahead, rules, state):
    """Every state that follows from one: by option, wires to cut before, and star to join."""
    labels, widths, lives, loads, stars = state
    first, last = tables.legs[step], tables.legs[step + 1]
    begin = tables.options[step]
    for option in range(begin, tables.options[step + 1]):
        hub = tables.hub[option]
        slot, other = tables.slot[first + max(hub, 0)], tables.slot[first + (1 - hub if hub >= 0 else 0)]
        joins = tables.joins[option]
        if joins and before.stars[row, slot] == 0:
            continue
        for cut in range(1 << (last - first)):
            if not _allowed(tables, step, option, cut, before.labels[row], rules):
                continue
            opened = np.int64(-1)
            for target in range(len(labels) if joins else 1):
                if not (opened >> target) & 1:
                    continue
                _copy(before, row, state, rules)
                apart, price, closed, pieces, lost = _taken(tables, step, option, cut, state, rules)
                if price == np.inf or not apart:
                    break
                strength = tables.strength[option]
                code = (np.int64(option) << 32) | (np.int64(cut) << 12) | NO_TARGET
                if option == begin and cut == 0:
                    code = np.int64(-1)
                if joins:
                    opened = stars[slot]
                    if not (opened >> target) & 1:
                        continue
                    tied = _unite(labels, widths, lives, loads, stars, target, labels[other], rules)
                    if widths[tied] > rules.width:
                        continue
                    code = (code & ~np.int64(NO_TARGET)) | target
                elif hub >= 0:
                    stars[slot] |= np.int64(1) << labels[other]
                if hub >= 0:
                    strength = 0.0
                _offer(
                    tables,
                    step,
                    after,
                    heads,
                    cursor,
                    history,
                    bounds,
                    ahead,
                    rules,
                    state,
                    row,
                    before,
                    price,
                    closed,
                    pieces,
                    lost,
                    strength,
                    cut,
                    code,
                )


@njit(**JIT)
def _children(tables, step, slots, rules):
    """The most states that can follow from one."""
    options = tables.options[step + 1] - tables.options[step]
    each = slots if rules.stars else 1
    return (options * each) << (tables.legs[step + 1] - tables.legs[step])


@njit(**JIT)
def run(tables, layers, heads, history, cursor, bounds, floors, ahead, rules, work):
    """Take steps until all are taken, `work` is used up, or there is no room; the cursor says where it stopped.

    Args:
        tables: the sweep.
        layers: two layers, for the states after even and odd steps; the first holds the state to start from.
        heads: for each hash value the newest state, a power of 2 of them.
        history: pairs (entry before, code of what was done).
        cursor: where the run is, see above.
        bounds: what went over the limit, see above.
        floors: for each step the least that the steps up to there cost, filled in; by relaxed price.
        ahead: for each step what is at least still to be paid after it.
        rules: what the run may do.
        work: states to try at most.
    """
    slots = layers[0].labels.shape[1]
    state = (
        np.empty(slots, np.int16),
        np.empty(slots, np.int32),
        np.empty(layers[0].lives.shape[1], np.int32),
        np.empty(layers[0].loads.shape[1]),
        np.empty(layers[0].stars.shape[1], np.int64),
    )
    while cursor[STEP] < len(tables.extra):
        step = cursor[STEP]
        before, after = layers[step & 1], layers[(step + 1) & 1]
        if cursor[SOURCE] == 0:
            for place in range(len(heads)):
                heads[place] = -1
        most = _children(tables, step, slots, rules)
        while cursor[SOURCE] < cursor[SOURCES]:
            row = cursor[SOURCE]
            if cursor[TARGETS] + most > len(after.price) or cursor[LINKS] + most > len(history):
                return FULL
            if cursor[WORK] > work:
                return PAUSED
            if not before.dropped[row]:
                _expand(tables, step, before, row, after, heads, cursor, history, bounds, ahead, rules, state)
            cursor[SOURCE] += 1
        least = bounds[DROPPED]
        for row in range(cursor[TARGETS]):
            if not after.dropped[row]:
                relaxed = after.total[row] if rules.loads else after.price[row] + after.aside[row]
                least = min(least, relaxed)
        floors[step + 1] = least
        wide = rules.beam > 0 and cursor[LIVE] > rules.beam
        cursor[STEP], cursor[SOURCE], cursor[SOURCES] = step + 1, 0, cursor[TARGETS]
        cursor[TARGETS], cursor[LIVE] = 0, 0
        if wide:
            return WIDE
    return DONE


@njit(**JIT)
def rehash(layer, heads, count):
    """Fill an empty table with the states of a layer that are not dropped."""
    mask = np.uint64(len(heads) - 1)
    for place in range(len(heads)):
        heads[place] = -1
    for row in range(count):
        if not layer.dropped[row]:
            place = np.int64(layer.hash[row] & mask)
            layer.after[row] = heads[place]
            heads[place] = row
