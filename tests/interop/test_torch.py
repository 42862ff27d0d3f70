"""Layers of PyTorch: values, derivatives, names, saving, types, devices and shots."""

from __future__ import annotations

import copy
import io
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

import cutq
from tests.compose.test_measured import Recording
from tests.interop.models import bare, ports, program, pulled, reader, rows

torch = pytest.importorskip("torch")

from safetensors.torch import load_file, load_model, save_file, save_model  # noqa: E402

from cutq.interop.torch import Layer  # noqa: E402

DOUBLE = torch.float64
TYPES = [torch.float32, torch.float64]


def near(one: object, other: object, dtype: object = DOUBLE) -> bool:
    return bool(np.allclose(np.asarray(one), np.asarray(other), rtol=0, atol=1e-12 if dtype == DOUBLE else 1e-5))


# --- values and derivatives ---


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("lead", [(), (1,), (3,), (2, 3), (0,)])
def test_values_and_derivatives_are_those_of_the_model(lead: tuple[int, ...], dtype: object) -> None:
    layer = Layer(reader(), dtype=dtype)
    x = rows(int(np.prod(lead))).reshape(*lead, 5)
    given = torch.tensor(x, dtype=dtype, requires_grad=True)
    values = layer(given)
    assert values.shape == (*lead, 2)
    assert values.dtype == dtype
    assert near(values.detach(), reader()(None, ports(x)), dtype)
    weights = np.random.default_rng(1).normal(size=values.shape)
    values.backward(torch.tensor(weights, dtype=dtype))
    params, data = pulled(reader().initial, x, weights)
    assert near(torch.cat([weight.grad.reshape(-1) for weight in layer.weights.values()]), params, dtype)
    assert given.grad.dtype == dtype
    assert near(given.grad, data, dtype)


def test_a_mapping_is_the_same_as_rows() -> None:
    layer, x = Layer(reader()), rows(3)
    given = {name: torch.tensor(one, requires_grad=True) for name, one in ports(x).items()}
    assert torch.equal(layer(given), layer(torch.tensor(x)))
    layer(given).sum().backward()
    _, data = pulled(reader().initial, x, np.ones((3, 2)))
    assert near(given["enc.x"].grad.reshape(3, 4), data[:, :4])
    assert near(given["turn.t"].grad, data[:, 4])


def test_an_input_without_leading_axes_is_shared() -> None:
    layer, x = Layer(reader()), rows(3)
    x[:, 4] = 0.7
    shared = torch.tensor(0.7, dtype=DOUBLE, requires_grad=True)
    values = layer({"enc.x": torch.tensor(ports(x)["enc.x"]), "turn.t": shared})
    assert near(values.detach(), layer(torch.tensor(x)).detach())
    values.sum().backward()
    assert near(shared.grad, pulled(reader().initial, x, np.ones((3, 2)))[1][:, 4].sum())


def test_gradcheck() -> None:
    layer = Layer(reader())
    names, weights = list(layer.weights), [one.detach().clone().requires_grad_() for one in layer.weights.values()]

    def values(x: torch.Tensor, *given: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(layer, dict(zip(names, given, strict=True)), (x,))

    assert torch.autograd.gradcheck(values, (torch.tensor(rows(2), requires_grad=True), *weights))


def test_programs_and_models_without_data() -> None:
    layer = Layer(program(), params=[0.3, 0.5])
    assert list(layer.state_dict()) == ["params"]
    assert layer.names == ("s", "t")
    values, pullback = program().vjp([0.3, 0.5])
    assert near(layer().detach(), values)
    layer().sum().backward()
    assert near(layer.params.grad, pullback([1.0, 1.0]))
    other = Layer(bare(), init=0)
    assert near(other().detach(), bare()(torch.cat([one.detach().reshape(-1) for one in other.parameters()]).numpy()))


def test_a_layer_without_weights_passes_derivatives_by_data() -> None:
    whole = cutq.Composition("frozen")
    whole.add("enc", cutq.load_module("angle-encoder-4"))
    whole.add("mix", cutq.ansatz.brickwork(4, layers=1, seed=0), frozen=True)
    whole.connect("enc.out", "mix.in")
    model = whole.compile(["Z@mix.out[0]"])
    layer, x = Layer(model), torch.rand(3, 4, dtype=DOUBLE, requires_grad=True)
    assert not layer.state_dict()
    layer(x).sum().backward()
    _, pullback = model.vjp_all(None, {"enc.x": x.detach().numpy()})
    assert near(x.grad, pullback(np.ones((3, 1))).data["enc.x"])


@pytest.mark.parametrize("given", [torch.tensor([0.1]), {"x": torch.tensor(0.1)}])
def test_data_where_there_are_no_inputs(given: object) -> None:
    with pytest.raises(cutq.ParameterError, match=r"there (are no inputs|is no input)"):
        Layer(program(), init=0)(given)


@pytest.mark.parametrize("again", [lambda g, y: g.sum(), lambda g, y: (g**2).sum() + y, lambda g, y: g.sum() * y])
@pytest.mark.parametrize("by", ["x", "weight"])
def test_a_second_derivative_is_an_error_and_never_zero(again: object, by: str) -> None:
    layer, x = Layer(reader()), torch.tensor(rows(2), requires_grad=True)
    y = layer(x).sum()
    (g,) = torch.autograd.grad(y, x if by == "x" else layer.weights["mix.theta"], create_graph=True)
    with pytest.raises(cutq.ModuleError, match="differentiated once"):
        again(g, y).backward()  # type: ignore[operator]


def test_weights_may_change_before_derivatives_are_pulled_back() -> None:
    layer = Layer(program(), params=[0.3, 0.5])
    values = layer()
    with torch.no_grad():
        layer.params.add_(1.0)
    values.sum().backward()
    assert near(layer.params.grad, program().vjp([0.3, 0.5])[1]([1.0, 1.0]))


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_without_gradients_there_is_no_pullback(context: object, monkeypatch: pytest.MonkeyPatch) -> None:
    layer, x = Layer(reader()), torch.tensor(rows(2))
    expected = layer(x).detach()
    monkeypatch.setattr(cutq.Model, "vjp_all", None)
    with context():  # type: ignore[operator]
        assert torch.equal(layer(x), expected)
    layer.freeze()
    assert not layer(x).requires_grad


# --- in networks ---


@pytest.mark.parametrize("dtype", TYPES)
def test_it_learns_between_other_layers(dtype: object) -> None:
    torch.manual_seed(0)
    layer = Layer(reader(), dtype=dtype)
    net = torch.nn.Sequential(
        torch.nn.Linear(3, 5, dtype=dtype), torch.nn.Tanh(), layer, torch.nn.Linear(2, 1, dtype=dtype)
    )
    x = torch.rand(16, 3, dtype=dtype)
    y = torch.sin(x.sum(dim=1, keepdim=True))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.03)
    losses = []
    for _ in range(60):
        loss = torch.nn.functional.mse_loss(net(x), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]
    assert all(one.grad is not None and one.grad.dtype == dtype for one in net.parameters())


def test_the_bound_of_a_range_in_single_precision() -> None:
    layer = Layer(reader(), dtype=torch.float32)
    x = torch.zeros(2, 5)
    x[:, 0] = np.pi  # rounded up, so above the bound
    assert float(x[0, 0]) > np.pi
    assert near(layer(x).detach(), reader()(None, ports(np.array([[np.pi, 0, 0, 0, 0]] * 2))), torch.float32)
    with pytest.raises(cutq.ParameterError, match="in the range"):
        layer(x * 1.001)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning")  # the compiler's
def test_it_is_left_as_it_is_by_the_compiler() -> None:
    layer, x = Layer(reader()), torch.tensor(rows(2), requires_grad=True)
    net = torch.nn.Sequential(torch.nn.Tanh(), layer, torch.nn.Tanh())
    for one in (layer, net):
        (expected,) = torch.autograd.grad(one(x).sum(), x)
        (found,) = torch.autograd.grad(torch.compile(one, backend="eager")(x).sum(), x)
        assert torch.equal(found, expected)


# --- names ---


def test_names_of_weights() -> None:
    assert {name: tuple(one.shape) for name, one in Layer(reader()).state_dict().items()} == {
        name: shape for name, (_, shape) in reader().weights.items()
    }
    layer = Layer(bare(), init=0)
    assert {name: tuple(one.shape) for name, one in layer.named_parameters()} == {
        "train.w": (),
        "forward.theta": (2, 2),
    }
    assert layer.train() is layer


@pytest.mark.parametrize("name", ["places", "face", "like", "weights", "device", "named_parameters"])
def test_modules_may_have_names_that_layers_use(name: str) -> None:
    whole = cutq.Composition("whole")
    whole.add(name, cutq.classical("linear", 2, 1, seed=5))
    layer = Layer(whole.compile(), dtype=torch.float32)
    assert list(layer.state_dict()) == [f"{name}.weight", f"{name}.bias"]
    assert layer.double().eval()(torch.zeros(3, 2)).shape == (3, 1)


def test_a_module_whose_name_no_layer_can_have() -> None:
    whole = cutq.Composition("whole")
    whole.add("training", cutq.classical("linear", 2, 1, seed=5))
    with pytest.raises(cutq.ParameterError, match=r"'training\.weight' needs another module name"):
        Layer(whole.compile())


def test_freezing() -> None:
    layer = Layer(reader())
    assert layer.freeze("mix") is layer
    assert {name: one.requires_grad for name, one in layer.named_parameters()} == {
        name: not name.startswith("mix.") for name in layer.weights
    }
    layer(torch.tensor(rows(2))).sum().backward()
    assert layer.mix.theta.grad is None
    assert layer.weights["head.weight"].grad is not None
    assert all(one.requires_grad for one in layer.unfreeze("mix.theta").parameters())
    assert not any(one.requires_grad for one in layer.freeze().parameters())
    with pytest.raises(cutq.ParameterError, match="no weight is at or below 'mi'"):
        layer.freeze("mi")


# --- beginnings ---


def test_beginnings() -> None:
    with pytest.raises(cutq.ParameterError, match=r"the weight 'train.w' has no value yet; give params=..., or init=0"):
        Layer(bare())
    assert torch.equal(Layer(bare(), init=1)(), Layer(bare(), init=1)())
    some = Layer(bare(), params={"train.w": 0.25}, init=1)
    assert some.weights["train.w"].item() == 0.25
    assert near(some.weights["forward.theta"].detach(), Layer(bare(), init=1).weights["forward.theta"].detach())
    assert near(Layer(bare(), params=np.arange(5.0)).weights["forward.theta"].detach(), [[1, 2], [3, 4]])
    with pytest.raises(cutq.ParameterError, match=r"5 parameter values are needed .* shape \(4,\)"):
        Layer(bare(), params=np.arange(4.0))
    with pytest.raises(cutq.ParameterError, match=r"params have shape \(5,\), got an array of shape \(1, 5\)"):
        Layer(bare(), params=np.ones((1, 5)))
    with pytest.raises(cutq.ParameterError, match="real numbers"):
        Layer(bare(), params="five")
    with pytest.raises(cutq.ParameterError, match="init is a whole number from 0"):
        Layer(bare(), init=-1)
    with pytest.raises(cutq.ParameterError, match="a program has the one weight 'params', got 's'"):
        Layer(program(), params={"s": 1.0})
    assert near(Layer(program(), params={"params": [1.0, 2.0]}).params.detach(), [1.0, 2.0])
    with pytest.raises(cutq.ParameterError, match="no trainable weight"):
        Layer(bare(), params={"train.v": 0.25})


# --- saving and copies ---


def test_saving(tmp_path: Path) -> None:
    layer, x = Layer(reader()), torch.tensor(rows(2))
    saved = io.BytesIO()
    torch.save(layer.state_dict(), saved)
    save_file(layer.state_dict(), tmp_path / "state.safetensors")
    save_model(layer, str(tmp_path / "model.safetensors"))
    saved.seek(0)
    for state in (torch.load(saved), load_file(tmp_path / "state.safetensors"), None):
        other = Layer(reader(), params=np.zeros(len(reader().parameters)))
        if state is None:
            load_model(other, str(tmp_path / "model.safetensors"))
        else:
            other.load_state_dict(state)
        assert torch.equal(other(x), layer(x))


def test_loading_is_strict() -> None:
    layer = Layer(reader())
    state = layer.state_dict()
    with pytest.raises(RuntimeError, match=r"Unexpected key.*mix\.phi"):
        layer.load_state_dict(state | {"mix.phi": torch.zeros(1)})
    del state["mix.theta"]
    with pytest.raises(RuntimeError, match=r"Missing key.*mix\.theta"):
        layer.load_state_dict(state)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
@pytest.mark.parametrize("made", [lambda: Layer(reader()), lambda: Layer(program(), init=0)])
def test_copies_are_equal_and_apart(copied: object, made: object) -> None:
    layer = made()  # type: ignore[operator]
    x = torch.tensor(rows(2)) if layer.face.inputs else None
    other = copied(layer)  # type: ignore[operator]
    assert torch.equal(other(x), layer(x))
    with torch.no_grad():
        for one in other.parameters():
            one.add_(0.3)
    assert not torch.equal(other(x), layer(x))
    other(x).sum().backward()
    assert all(one.grad is None for one in layer.parameters())


# --- types and devices ---


def test_types_follow_the_layer() -> None:
    layer, x = Layer(reader()), torch.tensor(rows(2))
    assert layer.float()(x).dtype == torch.float32
    assert layer.double()(x.float()).dtype == DOUBLE
    with pytest.raises(cutq.ParameterError, match=r"torch.float64 or torch.float32, got torch.float16"):
        layer.half()(x)
    with pytest.raises(cutq.ParameterError, match=r"got torch.int64"):
        Layer(reader(), dtype=torch.int64)
    assert Layer(reader())(torch.zeros(2, 5, dtype=torch.int64)).dtype == DOUBLE


def test_other_devices() -> None:
    layer, x = Layer(reader()), torch.tensor(rows(2))
    with pytest.raises(cutq.ParameterError, match=r"on the CPU, but a tensor is on meta"):
        layer(x.to("meta"))
    with pytest.raises(cutq.ParameterError, match=r"on the CPU, but a tensor is on meta"):
        layer.to("meta")(x)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "no data for the input 'enc.x'"),
        (torch.zeros(2, 4), r"5 numbers on the last axis \(enc.x \(2, 2\), turn.t \(\)\), got the shape \(2, 4\)"),
        (torch.tensor(0.1), r"got the shape \(\)"),
        (np.zeros((2, 5)), "tensors of real numbers, got ndarray"),
        (torch.zeros(2, 5, dtype=torch.complex64), "tensors of real numbers"),
        (torch.full((2, 5), torch.nan), "finite"),
        ({"enc.x": torch.zeros(2, 2)}, "no data for the input 'turn.t'"),
        ({"enc.x": torch.zeros(2, 2), "turn.t": torch.tensor(0.0), "y": torch.tensor(0.0)}, "there is no input 'y'"),
        ({"enc.x": torch.zeros(4), "turn.t": torch.tensor(0.0)}, r"'enc.x' have shape \(..., 2, 2\), got \(4,\)"),
        ({"enc.x": torch.zeros(3, 2, 2), "turn.t": torch.zeros(2)}, "leading axes are the same or none"),
    ],
)
def test_data_that_do_not_fit(given: object, message: str) -> None:
    with pytest.raises(cutq.ParameterError, match=message):
        Layer(reader())(given)


def test_what_is_no_program() -> None:
    with pytest.raises(cutq.ParameterError, match=r"cutq.Program or a cutq.Model, got Composition"):
        Layer(cutq.Composition("c"))


def test_it_says_what_it_is() -> None:
    assert f"{len(reader().parameters)} parameters, enc.x (2, 2), turn.t (), 2 outputs" in repr(Layer(reader()))
    assert "no inputs" in repr(Layer(program(), init=0))


# --- shots ---


def test_values_and_derivatives_from_counts() -> None:
    layer = Layer(reader(), runner=cutq.SimulatedRunner(), shots=40_000, seed=3)
    x = torch.tensor(rows(3), requires_grad=True)
    weights = np.array([[1.0, -0.5], [0.3, 0.2], [-0.7, 1.0]])
    values = layer(x)
    values.backward(torch.tensor(weights))
    params, data = pulled(reader().initial, x.detach().numpy(), weights)
    assert 0 < np.abs(values.detach().numpy() - reader()(None, ports(x.detach().numpy()))).max() < 0.1
    found = torch.cat([one.grad.reshape(-1) for one in layer.weights.values()])
    assert 0 < np.abs(found.numpy() - params).max() < 0.4
    assert 0 < np.abs(x.grad.numpy() - data).max() < 0.4


def test_derivatives_that_are_not_needed_are_not_measured() -> None:
    counts = []
    for needed in (False, True):
        runner = Recording()
        layer = Layer(reader(), runner=runner, shots=40_000)
        layer(torch.tensor(rows(1), requires_grad=needed)).sum().backward()
        counts.append(len(runner.shots))
        assert sum(runner.shots) <= 40_000
    assert counts[0] < 0.8 * counts[1]


def test_each_call_and_each_row_has_its_own_counts() -> None:
    def layer() -> Layer:
        return Layer(reader(), runner=cutq.SimulatedRunner(), shots=2_000, seed=3)

    x = torch.tensor(np.repeat(rows(1), 2, axis=0))
    with torch.no_grad():
        one = layer()
        first, second = one(x), one(x)
        assert torch.equal(layer()(x), first)
    assert not torch.equal(first, second)
    assert not torch.equal(first[0], first[1])


def test_shots_that_make_no_sense() -> None:
    runner = cutq.SimulatedRunner()
    with pytest.raises(cutq.ShotsError, match="needs shots"):
        Layer(reader(), runner=runner)
    with pytest.raises(cutq.ParameterError, match="there is no runner"):
        Layer(reader(), shots=100)
    with pytest.raises(cutq.ParameterError, match="a runner needs a model"):
        Layer(program(), init=0, runner=runner, shots=100)


# --- the extra ---


def test_without_torch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "cutq.interop.torch")
    monkeypatch.delattr(cutq.interop, "torch")
    with pytest.raises(ImportError, match=r'pip install "cutq\[torch\]"') as caught:
        cutq.interop.torch  # noqa: B018
    assert isinstance(caught.value, cutq.CutqError)
