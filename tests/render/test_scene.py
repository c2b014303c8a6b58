"""What a picture shows: every node once, loops rolled, stacks folded, conflicts marked."""

from collections import Counter
from functools import cache

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import shapeflow
from shapeflow.render.compose import Options, compose
from shapeflow.render.scene import Box, Edge, Scene, check_coverage
from shapeflow.report import Report

from .models import MODELS

OPTIONS = [
    Options(),
    Options(fold=False, unroll=True),
    Options(plumbing=True),
    Options(depth=1),
    Options(most=5),
]


@cache
def report_of(name: str) -> Report:
    build, specs = MODELS[name]
    return shapeflow.check(build().eval(), **specs)


@cache
def scene_of(name: str, options: Options = OPTIONS[0]) -> Scene:
    return compose(report_of(name), options)


def box(scene: Scene, title: str) -> Box:
    (found,) = [box for box in scene.boxes if box.title == title]
    return found


def edge(scene: Scene, source: str, target: str, role: str = "normal") -> Edge:
    names = {box.name: box.title for box in scene.boxes}
    wanted = (source, target, role)
    (found,) = [e for e in scene.edges if (names[e.source], names[e.target], e.role) == wanted]
    return found


def flows(found: Edge) -> list[tuple[str, str, str]]:
    return [(tensor.via, str(tensor.shape), tensor.times) for tensor in found.tensors]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("name", MODELS)
def test_every_node_is_in_exactly_one_box(name: str, options: Options) -> None:
    scene = scene_of(name, options)
    members = Counter(node for box in scene.boxes for node in box.members)
    assert members == Counter(node.name for node in report_of(name).graph.nodes)


def test_a_node_that_is_missing_or_twice_is_seen() -> None:
    scene = scene_of("classifier")
    with pytest.raises(shapeflow.ShapeflowError, match="lost is in no box"):
        check_coverage(scene, ["lost"])
    twice = Scene("m", (*scene.boxes, scene.boxes[0]), (), ())
    with pytest.raises(shapeflow.ShapeflowError, match="drawn in n0 and in n0"):
        check_coverage(twice, [])


def test_recurrent_layer_shows_layers_directions_and_its_state() -> None:
    scene = scene_of("classifier")
    assert box(scene, "lstm").lines == ("2 layers × 2 directions ⇄",)
    state = "(4, Dim('B'), 128)"
    assert flows(edge(scene, "lstm", "lstm", "state")) == [("h, c", state, "t = 1 … T")]
    assert flows(edge(scene, "lstm", "cat")) == [("h[-2], h[-1]", "(Dim('B'), 128)", "")]


def test_loop_over_time_is_rolled_with_its_state() -> None:
    scene = scene_of("decoder loop")
    (loop,) = [group for group in scene.groups if group.role == "loop"]
    assert loop.times == "t = 1 … T"
    assert len(scene.boxes) == 15
    assert flows(edge(scene, "cell", "query", "state")) == [("", "(Dim('B'), 64)", "")]
    assert edge(scene, "cell", "cell", "state")
    assert flows(edge(scene, "target", "cat")) == [("[:, t-1]", "(Dim('B'), 64)", "")]
    assert flows(edge(scene, "out", "stack")) == [("", "(Dim('B'), 500)", "T")]
    # the trace went round three times; the law of all runs says T
    assert flows(edge(scene, "stack", "result")) == [("", "(Dim('B'), Dim('T'), 500)", "")]


def test_unrolled_loop_shows_every_step() -> None:
    scene = scene_of("decoder loop", Options(unroll=True))
    assert not [group for group in scene.groups if group.role == "loop"]
    assert sum(box.title == "cell" for box in scene.boxes) == 3


def test_size_that_grows_with_each_step_is_told_by_the_step() -> None:
    def grow(x: Tensor) -> Tensor:
        total = x[:, :1]
        for t in range(1, x.size(1)):
            total = torch.cat([total.tanh().exp(), x[:, t : t + 1]], 1)
        return total

    scene = compose(shapeflow.check(grow, "B T"))
    assert flows(edge(scene, "cat", "tanh", "state"))[0][1] == "(Dim('B'), Dim('t'))"


def test_stacks_are_folded_with_one_block_shown_per_stage() -> None:
    scene = scene_of("residual network")
    stacks = [group for group in scene.groups if group.role == "stack"]
    assert [stack.times for stack in stacks] == ["× 2", "× 7", "× 35", "× 2"]
    assert stacks[2].title == "stages.2.1 … 35"
    assert len(scene.boxes) <= 30
    assert sum(box.title == "conv2" for box in scene.boxes) == 4
    assert any("closed for want of room: stages.0.0" in note for note in scene.notes)


def test_stacks_are_found_by_structure_not_by_names() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.alpha, self.beta, self.gamma = (
                nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 8)) for _ in range(3)
            )
            self.other = nn.Sequential(nn.Linear(8, 9), nn.Tanh(), nn.Linear(9, 8))

        def forward(self, x: Tensor) -> Tensor:
            return self.other(self.gamma(self.beta(self.alpha(x))))

    scene = compose(shapeflow.check(Net(), "B 8"))
    (stack,) = [group for group in scene.groups if group.role == "stack"]
    assert (stack.title, stack.times) == ("alpha … gamma", "× 3")


def test_same_layers_wired_differently_are_not_folded() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = nn.ModuleList(nn.Linear(8, 8) for _ in range(4))

        def forward(self, x: Tensor) -> Tensor:
            a = self.parts[0](x)
            b = self.parts[1](a)
            return self.parts[3](self.parts[2](a)) + b

    scene = compose(shapeflow.check(Net(), "B 8"))
    assert not scene.groups


def test_transformer_shows_one_layer_of_twelve() -> None:
    scene = scene_of("transformer")
    (stack,) = [group for group in scene.groups if group.role == "stack"]
    assert stack.times == "× 12"
    assert len(scene.boxes) == 9
    assert len(box(scene, "self_attn").members) == 12 * 10


def test_a_conflict_in_a_stack_is_shown_and_the_rest_folded() -> None:
    model = MODELS["transformer"][0]().eval()
    model.encoder.layers[6].linear2 = nn.Linear(100, 128)  # type: ignore[union-attr, index]
    scene = compose(shapeflow.check(model, "B T:int64"))
    (bad,) = [box for box in scene.boxes if box.role == "conflict"]
    assert bad.path == "encoder.layers.6.linear2"
    stacks = [(g.title, g.times) for g in scene.groups if g.role == "stack"]
    assert stacks == [("encoder.layers.0 … 5", "× 6"), ("encoder.layers.7 … 11", "× 5")]


def test_depth_and_expand_choose_what_is_open() -> None:
    closed = scene_of("residual network", Options(depth=1))
    assert [b.title for b in closed.boxes][:3] == ["x", "Conv2d", "MaxPool2d"]
    assert all(b.title != "conv1" for b in closed.boxes)
    report = report_of("residual network")
    shown = compose(report, Options(depth=1, expand=("stages.1.0",)))
    assert any(group.title == "stages.1.0" for group in shown.groups)


def test_more_boxes_than_any_picture_has_are_gathered() -> None:
    def long(x: Tensor) -> Tensor:
        for i in range(1, 460):
            x = torch.cat([x, x[:1] * i]) if i % 7 else x.roll(i)
        return x

    scene = compose(shapeflow.check(long, "N"), Options(fold=False, unroll=True))
    assert len(scene.boxes) <= 400


def test_conflict_is_marked_with_both_demands_and_the_way_to_it() -> None:
    scene = scene_of("wrong head")
    (head,) = [box for box in scene.boxes if box.role == "conflict"]
    assert head.title == "head"
    assert head.remarks[0] == "SF202  expected 128, got 256"
    assert "return self.head(last)" in head.source
    roles = [edge.role for edge in scene.edges]
    assert Counter(roles) == {"cause": 3, "conflict": 1, "normal": 1, "state": 1}
    assert flows(edge(scene, "cat", "head", "conflict")) == [("", "(Dim('B'), 256)", "")]
    assert scene.reasons[0] == "input tokens is (B, T)"
    assert box(scene, "result").role == "normal"


class OverBatch(nn.Module):
    """Runs, and normalises over the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(5, 8)

    def forward(self, x: Tensor) -> Tensor:
        return self.rnn(x)[0][-1].softmax(0)


def test_a_warning_is_amber_and_told() -> None:
    scene = compose(shapeflow.check(OverBatch(), "T B 5"))
    (found,) = [box for box in scene.boxes if box.role == "warning"]
    assert found.title == "softmax"
    assert found.remarks[0].startswith("SF5")
    assert ".softmax(0)" in found.source
    assert not [edge for edge in scene.edges if edge.role == "conflict"]


@torch.library.custom_op("drawn::twice", mutates_args=())
def twice(x: Tensor) -> Tensor:
    """An operation without a rule, whose law can be found by trials."""
    return torch.cat([x, x])


@twice.register_fake
def _(x: Tensor) -> Tensor:
    return x.new_empty(2 * x.size(0), *x.shape[1:])


@torch.library.custom_op("drawn::dark", mutates_args=())
def dark(x: Tensor) -> Tensor:
    """An operation of which nothing is known."""
    raise RuntimeError("cannot be tried")


def test_unknown_and_probed_calls_are_told_apart() -> None:
    scene = compose(shapeflow.check(lambda x: (twice(x), dark(x)), "B T"))
    assert box(scene, "twice").role == "probed"
    assert box(scene, "dark").role == "unknown"
    assert edge(scene, "dark", "result", "unknown")
    assert flows(edge(scene, "twice", "result"))[0][1] == "(Dim('2*B'), Dim('T'))"


def test_a_model_of_one_layer_and_a_function_are_drawn() -> None:
    assert compose(shapeflow.check(nn.LSTM(3, 4), "T B 3")).boxes
    assert compose(shapeflow.check(lambda x: x, "T B 3")).boxes


def test_many_settings_have_the_names_that_the_rule_gives_them() -> None:
    def forward(x: Tensor) -> Tensor:
        y = functional.conv1d(x, torch.ones(4, 3, 3), None, 1, 0, 2, 1)
        return 1 - functional.pad(y.transpose(1, 2), (1, 1), "constant", 0)

    boxes = compose(shapeflow.check(forward, "B 3 T"), Options()).boxes
    told = {box.title: box.kind for box in boxes}
    assert told["conv1d"] == "dilation=2"
    assert told["pad"] == "(1, 1), value=0"
    assert told["transpose"] == "1, 2"
    assert any("+ rsub(1)" in box.lines for box in boxes)
