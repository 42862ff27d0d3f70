"""Functions of JAX: values, derivatives, transformations, both precisions, and steps of optax."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pytest

import cutq
from tests.interop.models import bare, ports, program, pulled, reader, rows

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402

from cutq.interop.jax import Function, function  # noqa: E402


@pytest.fixture(params=[False, True], ids=["float32", "float64"])
def double(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Both precisions of JAX."""
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", request.param)
    yield request.param
    jax.config.update("jax_enable_x64", before)


def near(one: object, other: object, double: bool) -> bool:
    one, other = np.asarray(one), np.asarray(other)
    kind = np.float64 if double else np.float32
    return one.dtype == kind and bool(np.allclose(one, other, rtol=0, atol=1e-12 if double else 2e-5))


def row(weights: dict[str, object], model: cutq.Model | None = None) -> np.ndarray:
    """Weights as parameters; JAX sorts the names of mappings."""
    return np.concatenate([np.asarray(weights[name]).ravel() for name in (model or reader()).weights])


def squares(f: Function, params: object, data: object) -> object:
    return (f(params, data) ** 2).sum()


def exactly(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives of the squares."""
    return pulled(reader().initial, x, 2 * reader()(None, ports(x)))


@pytest.mark.parametrize("lead", [(), (3,), (2, 3), (0,)])
@pytest.mark.parametrize("jit", [False, True])
def test_values_and_derivatives_are_those_of_the_model(lead: tuple[int, ...], jit: bool, double: bool) -> None:
    f = function(reader())
    x = rows(int(np.prod(lead))).reshape(*lead, 5)
    given = jnp.asarray(x)
    values = (jax.jit(f) if jit else f)(f.init(), given)
    assert values.shape == (*lead, 2)
    assert near(values, reader()(None, ports(x)), double)
    gradient = jax.grad(lambda params, x: squares(f, params, x), argnums=(0, 1))
    by_params, by_data = (jax.jit(gradient) if jit else gradient)(f.init(), given)
    params, data = exactly(x)
    assert near(row(by_params), params, double)
    assert near(by_data, data, double)


def test_a_mapping_is_the_same_as_rows(double: bool) -> None:
    f, x = function(reader()), rows(3)
    given = {name: jnp.asarray(one) for name, one in ports(x).items()}
    assert np.array_equal(f(f.init(), given), f(f.init(), jnp.asarray(x)))
    found = jax.grad(lambda data: squares(f, f.init(), data))(given)
    _, data = exactly(x)
    assert near(found["enc.x"].reshape(3, 4), data[:, :4], double)
    assert near(found["turn.t"], data[:, 4], double)


def test_an_input_without_leading_axes_is_shared(double: bool) -> None:
    f, x = function(reader()), rows(3)
    x[:, 4] = 0.7
    enc = jnp.asarray(ports(x)["enc.x"])
    found = jax.grad(lambda t: squares(f, f.init(), {"enc.x": enc, "turn.t": t}))(jnp.asarray(0.7))
    assert near(found, exactly(x)[1][:, 4].sum(), double)


def test_vmap_over_data_over_weights_and_over_both(double: bool) -> None:
    f, x = function(reader()), rows(3)
    weights = jax.tree.map(lambda one: jnp.stack([one, one + 0.1]), f.init())
    expected = np.array([reader()(reader().initial + shift, ports(x)) for shift in (0, 0.1)])
    over_data = jax.vmap(f, in_axes=(None, 0))
    assert near(over_data(f.init(), jnp.asarray(x)), expected[0], double)
    assert near(jax.jit(jax.vmap(f, in_axes=(0, None)))(weights, jnp.asarray(x)), expected, double)
    assert near(jax.vmap(over_data, in_axes=(0, None))(weights, jnp.asarray(x)), expected, double)
    pairs = jax.vmap(f)(weights, jnp.asarray(x[:2]))
    assert near(pairs, expected[[0, 1], [0, 1]], double)


def test_derivatives_of_each_row_and_each_set_of_weights(double: bool) -> None:
    f, x = function(reader()), rows(3)
    gradient = jax.grad(lambda params, x: squares(f, params, x), argnums=(0, 1))
    params, data = jax.jit(jax.vmap(gradient, in_axes=(None, 0)))(f.init(), jnp.asarray(x))
    for k, one in enumerate(x):
        by_params, by_data = exactly(one)
        assert near(row({name: value[k] for name, value in params.items()}), by_params, double)
        assert near(data[k], by_data, double)
    weights = jax.tree.map(lambda one: jnp.stack([one, one]), f.init())
    params, data = jax.vmap(gradient, in_axes=(0, None))(weights, jnp.asarray(x))
    for k in range(2):
        assert near(row({name: value[k] for name, value in params.items()}), exactly(x)[0], double)
        assert near(data[k], exactly(x)[1], double)


def test_programs_and_models_without_data(double: bool) -> None:
    f = function(program())
    params = f.init([0.3, 0.5])
    values, pullback = program().vjp([0.3, 0.5])
    assert list(params) == ["params"]
    assert near(f(params), values, double)
    found = jax.jit(jax.grad(lambda params: f(params).sum()))(params)
    assert near(found["params"], pullback([1.0, 1.0]), double)
    several = jax.vmap(f)({"params": jnp.asarray([[0.3, 0.5], [0.1, 0.2]])})
    assert near(several, program()([[0.3, 0.5], [0.1, 0.2]]), double)
    other = function(bare())
    assert near(other(other.init(init=0)), bare()(row(other.init(init=0), bare())), double)


def test_optax_learns(double: bool) -> None:
    optax = pytest.importorskip("optax")
    f, x = function(reader()), jnp.asarray(rows(8))
    y = 0.3 * jnp.sin(x[:, :2])
    optimiser = optax.adam(0.05)

    @jax.jit
    def step(params: object, state: object) -> tuple[object, object, object]:
        loss, gradient = jax.value_and_grad(lambda params: ((f(params, x) - y) ** 2).mean())(params)
        updates, state = optimiser.update(gradient, state)
        return optax.apply_updates(params, updates), state, loss

    params = f.init()
    state, losses = optimiser.init(params), []
    for _ in range(40):
        params, state, loss = step(params, state)
        losses.append(float(loss))
    assert losses[-1] < 0.5 * losses[0]
    assert {name: one.shape for name, one in params.items()} == {n: shape for n, (_, shape) in reader().weights.items()}


@pytest.mark.parametrize("again", [jax.hessian, lambda g: jax.grad(lambda p: jax.grad(g)(p)["mix.theta"].sum())])
def test_a_second_derivative_is_an_error(again: object) -> None:
    f = function(reader())
    with pytest.raises(ValueError, match="Pure callbacks do not support JVP"):
        again(lambda params: squares(f, params, jnp.zeros(5)))(f.init())  # type: ignore[operator]


def test_many_rows_at_once() -> None:
    """Large arrays in callbacks of compiled functions have hung where callbacks touched JAX."""
    f, x = function(reader()), jnp.asarray(rows(50_000))
    found = jax.block_until_ready(jax.jit(jax.grad(lambda params: squares(f, params, x)))(f.init()))
    assert np.isfinite(row(found)).all()


def test_the_bound_of_a_range_in_single_precision() -> None:
    f = function(reader())
    x = jnp.zeros(5, jnp.float32).at[0].set(np.pi)  # rounded up, so above the bound
    assert float(x[0]) > np.pi
    assert np.isfinite(f(f.init(), x)).all()


def test_numbers_out_of_range_are_refused_when_it_runs() -> None:
    f = function(reader())
    with pytest.raises(Exception, match=r"in the range -3\.14159 to 3\.14159"):
        jax.block_until_ready(f(f.init(), jnp.full(5, 4.0)))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "no data for the input 'enc.x'"),
        (np.zeros((2, 4)), r"5 numbers on the last axis \(enc.x \(2, 2\), turn.t \(\)\), got the shape \(2, 4\)"),
        ({"enc.x": np.zeros((2, 2))}, "no data for the input 'turn.t'"),
        ({"enc.x": np.zeros((3, 2, 2)), "turn.t": np.zeros(2)}, "leading axes are the same or none"),
    ],
)
def test_data_that_do_not_fit(data: object, message: str) -> None:
    f = function(reader())
    with pytest.raises(cutq.ParameterError, match=message):
        f(f.init(), data)


def test_weights_that_do_not_fit() -> None:
    f = function(reader())
    with pytest.raises(cutq.ParameterError, match=r"params have the weights .*mix.theta.*got"):
        f({"mix.theta": jnp.zeros(3)}, jnp.zeros(5))
    with pytest.raises(cutq.ParameterError, match="has no value yet"):
        function(bare()).init()
    with pytest.raises(cutq.ParameterError, match=r"cutq.Program or a cutq.Model, got str"):
        function("reader")  # type: ignore[arg-type]


def test_without_jax_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    monkeypatch.delitem(sys.modules, "cutq.interop.jax")
    monkeypatch.delattr(cutq.interop, "jax")
    with pytest.raises(ImportError, match=r'pip install "cutq\[jax\]"') as caught:
        cutq.interop.jax  # noqa: B018
    assert isinstance(caught.value, cutq.CutqError)
