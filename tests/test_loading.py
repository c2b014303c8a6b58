"""Targets: which objects are models, what is said of those that are not, and what stays behind."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from shapeflow.core.errors import ShapeflowError
from shapeflow.loading import loaded, locate

NET = """
from torch import nn

class Net(nn.Linear):
    class Inner(nn.ReLU):
        pass

    def __init__(self, size=3, *, mode="fast"):
        super().__init__(size, 2)
        self.mode = mode

class Sized(nn.Linear):
    def __init__(self, hidden_size, out):
        super().__init__(hidden_size, out)

class Failing(nn.Module):
    def __init__(self):
        raise ValueError("no such\\nfile")

class Config:
    pass

def build(size=4, **options):
    return Net(size)

def function(x, weight=None):
    return x

def optional(x=None, size=3):
    return x

def helper():
    return 3

def broken():
    return [][0]

net = Net()
number = 3
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with net.py in it; nothing of what is imported there may stay."""
    (tmp_path / "net.py").write_text(NET)
    monkeypatch.chdir(tmp_path)
    before = list(sys.path), list(sys.argv), sys.dont_write_bytecode, set(sys.modules)
    yield tmp_path
    left = {name for name in set(sys.modules) - before[3] if not name.startswith("torch")}
    assert (list(sys.path), list(sys.argv), sys.dont_write_bytecode) == before[:3]
    assert not [name for name in left if str(tmp_path) in str(vars(sys.modules[name]))]
    assert not list(tmp_path.rglob("*.pyc"))


def load(text: str, *inputs: str, **init: Any) -> Any:
    """The model of a target."""
    with loaded(locate(text), init, inputs) as model:
        return model


def complaint(text: str, *inputs: str, **init: Any) -> str:
    """What is said of a wrong target."""
    with pytest.raises(ShapeflowError) as raised:
        load(text, *inputs, **init)
    return str(raised.value)


@pytest.mark.parametrize("home", ["net.py", "./net.py", "net"])
def test_ways_to_name_a_model(home: str) -> None:
    assert load(f"{home}:net").in_features == 3
    assert load(f"{home}:Net").in_features == 3
    assert load(f"{home}:Net", size=5, mode="slow").in_features == 5
    assert load(f"{home}:build").in_features == 4
    assert load(f"{home}:build", size=6, other=1).in_features == 6
    assert isinstance(load(f"{home}:Net.Inner"), nn.ReLU)


def test_functions_are_models_themselves() -> None:
    assert load("net.py:function").__name__ == "function"
    assert load("net.py:optional").__name__ == "optional"
    assert load("net.py:build", "size").__name__ == "build"
    assert load("torch:tanh") is torch.tanh


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("net.py", "'net.py' does not say which object: write net.py:Model"),
        ("net.py:", "'net.py:' does not say which object: write net.py:Model"),
        ("net.py:a b", "'net.py:a b' does not say which object: write net.py:Model"),
        ("nett.py:Net", "there is no file 'nett.py'; did you mean 'net.py'?"),
        ("no/where.py:Net", "there is no file 'no/where.py'"),
        ("nett:Net", "there is no module 'nett'; did you mean 'net'?"),
        ("net.inner:Net", "there is no module 'net.inner'"),
        ("a-b:Net", "'a-b' is neither a Python file nor the name of a module"),
        ("net.py:Nett", "net.py has no 'Nett'; did you mean 'Net' or 'net'?"),
        ("net.py:xyzzy", "net.py has no 'xyzzy'; it defines Net, Sized, Failing, Config, build, "
                         "..."),
        ("net.py:Net.Iner", "net.py has no 'Net.Iner'; did you mean 'Inner'?"),
        ("net.py:number", "net.py:number is of type int, which is no model"),
        ("net.py:Config", "net.py:Config builds something of type Config, which is no model"),
        ("net.py:Sized", "net.py:Sized needs hidden_size and out: add --init hidden_size=... "
                         "--init out=..."),
        ("net.py:Failing", "net.py:Failing() cannot be built: ValueError: no such file "
                           "(net.py:18)"),
        ("net.py:broken", "net.py:broken() cannot be built: IndexError: list index out of range "
                          "(net.py:36)"),
    ],
)  # fmt: skip
def test_wrong_targets(target: str, told: str) -> None:
    said = complaint(target)
    assert said == told


def test_wrong_init() -> None:
    assert complaint("net.py:net", size=3) == "net.py:net is built already, so it takes no --init"
    assert complaint("net.py:Net", sise=3) == "net.py:Net takes no 'sise'; did you mean 'size'?"
    assert complaint("net.py:helper", size=3) == "net.py:helper takes no 'size'"
    told = complaint("net.py:optional", size=3)
    assert told == "net.py:optional builds something of type NoneType, which is no model"
    told = complaint("net.py:Net", size="x")
    assert told.startswith("net.py:Net(size='x') cannot be built: TypeError: ")
    assert told.endswith("(net.py:9)")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "import nowhere_at_all",
            "ModuleNotFoundError: No module named 'nowhere_at_all' (bad.py:1)",
        ),
        ("x = 1\nx = 1/0", "ZeroDivisionError: division by zero (bad.py:2)"),
        ("x = 1\nx = = 2", "SyntaxError: invalid syntax (bad.py:2)"),
        ("import sys\nsys.exit(3)", "SystemExit: 3 (bad.py:2)"),
        ("import torch\ntorch.zeros(2) @ torch.zeros(3)", "RuntimeError: "),
        ("import json\njson.loads('{')", "JSONDecodeError: "),
        ("raise KeyError", "KeyError (bad.py:1)"),
        ("from net import nothing", "ImportError: cannot import name 'nothing' from 'net'"),
    ],
)
@pytest.mark.parametrize("home", ["bad.py", "bad"])
def test_failing_import(home: str, text: str, told: str, folder: Path) -> None:
    (folder / "bad.py").write_text(text)
    said = complaint(f"{home}:Net")
    assert said.startswith(f"{home} fails on import: {told}")
    assert said.endswith(f"(bad.py:{len(text.splitlines())})")


def test_a_folder_and_other_files(folder: Path) -> None:
    (folder / "nets").mkdir()
    (folder / "net.txt").write_text("")
    assert complaint("./nets:Net") == "nets is a folder, not a Python file"
    assert complaint("net.txt:Net") == "net.txt is not a Python file"


def test_interrupt_is_not_caught(folder: Path) -> None:
    (folder / "slow.py").write_text("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load("slow.py:Net")


def test_imports_of_neighbours(folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    (inner / "parts.py").write_text("size = 7")
    (inner / "model.py").write_text(
        "import parts, net\nmodel = net.Net(parts.size)\n"
        "def late(x):\n    import more\n    return more.size\n"
    )
    (inner / "more.py").write_text("size = 8")
    assert load("inner/model.py:model").in_features == 7
    with loaded(locate("inner/model.py:late"), {}) as late:
        assert late(0) == 8  # what forward imports is found while the model is in use


def test_packages(folder: Path) -> None:
    package = folder / "src" / "parts" / "deep"
    package.mkdir(parents=True)
    for name in ("__init__.py", "../__init__.py"):
        (package / name).write_text("")
    (package.parent / "sizes.py").write_text("size = 7")
    (package / "model.py").write_text(
        "from torch import nn\nfrom ..sizes import size\nmodel = nn.Linear(size, 2)\n"
    )
    (package.parent / "__init__.py").write_text("from .deep.model import model")
    assert load("src/parts/deep/model.py:model").in_features == 7
    assert load("src/parts/__init__.py:model").in_features == 7


def test_names_that_are_taken(folder: Path) -> None:
    """A file may be called like a module that is loaded already, and so may a package."""
    (folder / "torch.py").write_text("import json\nmodel = json.model\n")
    (folder / "json.py").write_text("from torch import nn\nmodel = nn.ReLU()\n")
    assert isinstance(load("json.py:model"), nn.ReLU)
    package = folder / "email"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "net.py").write_text(NET)
    import email

    assert load("email/net.py:Net").in_features == 3
    assert sys.modules["email"] is email
    assert sys.modules["torch"] is torch


def test_files_of_one_name(folder: Path) -> None:
    for number in (1, 2):
        place = folder / f"run{number}"
        place.mkdir()
        (place / "helper.py").write_text(f"size = {number}")
        (place / "net.py").write_text(
            "import helper\nfrom torch import nn\nnet = nn.Linear(helper.size, 2)\n"
        )
    assert load("run1/net.py:net").in_features == 1
    assert load("run2/net.py:net").in_features == 2


def test_dataclasses_and_arguments_of_the_program(folder: Path) -> None:
    (folder / "data.py").write_text(
        "from __future__ import annotations\n"
        "import argparse\nfrom dataclasses import dataclass\nfrom torch import nn\n"
        "@dataclass\nclass Config:\n    size: int = 3\n"
        "options = argparse.ArgumentParser().parse_args()\n"
        "assert __name__ != '__main__'\n"
        "net = nn.Linear(Config().size, 2)\n"
    )
    assert load("data.py:net").in_features == 3


def test_errors_of_the_caller_pass(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), loaded(locate("net.py:Net"), {}):
        raise ZeroDivisionError
