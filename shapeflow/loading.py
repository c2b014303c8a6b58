"""Finds the model that a target such as ``net.py:Model`` or ``package.module:Model`` names.

User code runs here, so whatever it does wrong becomes one sentence with the user's own line.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import pkgutil
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

from .core.errors import ShapeflowError
from .core.near import near_misses

LONGEST = 400  # characters of a user's error that are repeated
LISTED = 5  # names that a message lists at most
HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
STANDARD_LIBRARY = os.path.dirname(os.__file__) + os.sep


@dataclass(frozen=True)
class Target:
    """What a user named.

    Attributes:
        file: the file that holds the object, None where a module was named.
        module: dotted name of the module, empty where a file was named.
        name: dotted name of the object within it.
    """

    file: Path | None
    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.home}:{self.name}"

    @property
    def home(self) -> str:
        """The file or module as people write it."""
        return _shown(str(self.file)) if self.file else self.module


def locate(text: str) -> Target:
    """Reads a target, before anything is imported.

    Raises:
        ShapeflowError: it names no object, or a file or module that does not exist.
    """
    home, colon, name = text.rpartition(":")
    if not colon or not _is_dotted(name):
        home = text.rstrip(":") if not colon or not name else home
        raise ShapeflowError(f"{text!r} does not say which object: write {home}:Model")
    if home.endswith(".py") or os.sep in home or "/" in home or Path(home).is_file():
        return Target(_existing(Path(home)), "", name)
    if not _is_dotted(home):
        raise ShapeflowError(f"{home!r} is neither a Python file nor the name of a module")
    _expect_module(home)
    return Target(None, home, name)


@contextmanager
def loaded(target: Target, init: Mapping[str, Any], inputs: Collection[str] = ()) -> Iterator[Any]:
    """The model of a target: a module or a function, for as long as the context lasts.

    Afterwards ``sys.path``, ``sys.argv`` and the table of modules are as before, and no bytecode
    was written beside the user's files.

    Args:
        target: what to load.
        init: arguments for the class or function that builds the model.
        inputs: parameters that specs are given for; a function that has one is itself the model.

    Raises:
        ShapeflowError: the import fails, there is no such object, or it is no model.
    """
    with _imports(target):
        module = _imported(target)
        found = _member(module, target)
        yield _model(found, target, init, inputs)


def models_in(home: str) -> list[tuple[str, tuple[str, ...]]]:
    """The models that a package, a module or a file defines: classes of ``nn.Module``.

    Returns:
        the target of each, with the arguments that it needs to be built, in order of definition.

    Raises:
        ShapeflowError: there is no such module, or it fails on import.
    """
    from .trace import is_model_class

    top = locate(f"{home}:models")
    with _imports(top):
        first = _imported(top)
        modules = [first, *(_imported(Target(None, name, "")) for name in _parts_of(first))]
        found = []
        for module in modules:
            for name, item in vars(module).items():
                if is_model_class(item) and item.__module__ == module.__name__ and name[0] != "_":
                    place = home if module is first else module.__name__
                    needed = [p.name for p in _parameters(item) or () if _is_needed(p)]
                    found.append((f"{place}:{name}", tuple(needed)))
        return found


def _parts_of(package: ModuleType) -> list[str]:
    """The modules in a package and in those that it holds."""
    places = getattr(package, "__path__", ())
    parts = pkgutil.walk_packages(places, f"{package.__name__}.", onerror=_failed_part)
    return [part.name for part in parts if not part.name.endswith(".__main__")]


def _failed_part(name: str) -> None:
    raise ShapeflowError(f"{name} fails on import: {_told(sys.exc_info()[1] or ImportError())}")


def _existing(file: Path) -> Path:
    if file.is_dir():
        raise ShapeflowError(f"{file} is a folder, not a Python file")
    if not file.is_file():
        folder = file.parent
        names = [path.name for path in folder.glob("*.py")] if folder.is_dir() else []
        hint = near_misses(file.name, names)
        raise ShapeflowError(f"there is no file {str(file)!r}{hint}")
    if file.suffix != ".py":
        raise ShapeflowError(f"{file} is not a Python file")
    return file.absolute()


def _expect_module(name: str) -> None:
    """Complains of a package that is nowhere, which is cheaper than to import all else first."""
    top = name.partition(".")[0]
    here = Path.cwd()
    if (here / top).is_dir() or (here / f"{top}.py").is_file() or top in sys.modules:
        return
    if importlib.util.find_spec(top) is None:
        names = [path.stem for path in here.glob("*.py")]
        raise ShapeflowError(f"there is no module {top!r}{near_misses(top, names)}")


@contextmanager
def _imports(target: Target) -> Iterator[None]:
    """Imports as the user's own program would do them, without leaving a trace."""
    path, argv, bytecode = list(sys.path), list(sys.argv), sys.dont_write_bytecode
    before = set(sys.modules)
    here = str(Path.cwd())
    first = str(_root(target.file)) if target.file else here
    last = [str(target.file.parent), here] if target.file else []
    sys.path[:] = [first, *path, *(folder for folder in last if folder not in path)]
    sys.argv[:] = [target.home]
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:], sys.argv[:], sys.dont_write_bytecode = path, argv, bytecode
        _forget(before, {first, *last} - set(path))


def _forget(before: set[str], folders: set[str]) -> None:
    """Drops modules that were found only because the folders stood on the path."""
    new = [name for name in sys.modules if name not in before]
    tops = {name.partition(".")[0] for name in new}
    gone = {top for top in tops if top in sys.modules and _folder(sys.modules[top]) in folders}
    for name in new:
        if name.partition(".")[0] in gone:
            del sys.modules[name]


def _folder(module: ModuleType) -> str:
    """The folder on the path in which a top-level module or package was found."""
    file = getattr(module, "__file__", None)
    if file and Path(file).name != "__init__.py":
        return str(Path(file).parent)
    places = list(getattr(module, "__path__", ()))
    return str(Path(places[0]).parent) if places else ""


def _root(file: Path) -> Path:
    """The folder from which imports start: above all packages that the file lies in."""
    folder = file.parent
    while (folder / "__init__.py").is_file() and folder.name.isidentifier():
        folder = folder.parent
    return folder


def _imported(target: Target) -> ModuleType:
    try:
        if target.file is None:
            return importlib.import_module(target.module)
        return _from_file(target.file)
    except (Exception, SystemExit) as error:
        absent = error.name if isinstance(error, ModuleNotFoundError) else None
        if absent and f"{target.module}.".startswith(f"{absent}."):
            raise ShapeflowError(f"there is no module {absent!r}") from error
        raise ShapeflowError(f"{target.home} fails on import: {_told(error)}") from error


def _from_file(file: Path) -> ModuleType:
    """Part of a package goes by its real name, any other file by a name that nobody has."""
    root = _root(file)
    dotted = ".".join(file.relative_to(root).with_suffix("").parts)
    package = root != file.parent and _is_dotted(dotted)
    if package and not _clashes(dotted.partition(".")[0], root):
        return importlib.import_module(dotted.removesuffix(".__init__"))
    name = f"{file.stem} (loaded by shapeflow)"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file.name} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look their module up there
    spec.loader.exec_module(module)
    return module


def _clashes(top: str, root: Path) -> bool:
    return top in sys.modules and _folder(sys.modules[top]) != str(root)


def _member(module: ModuleType, target: Target) -> Any:
    found: Any = module
    for part in target.name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise ShapeflowError(
                f"{target.home} has no {target.name!r}{_candidates(found, part)}"
            ) from None
    return found


def _candidates(place: Any, name: str) -> str:
    """A near miss, or what is defined there."""
    members = {key: value for key, value in vars(place).items() if not key.startswith("_")}
    if hint := near_misses(name, members):
        return hint
    own = getattr(place, "__name__", "")
    names = [
        key
        for key, value in members.items()
        if getattr(value, "__module__", None) == own
        and (callable(value) or isinstance(value, type))
    ]
    more = ", ..." if len(names) > LISTED else ""
    return f"; it defines {', '.join(names[:LISTED])}{more}" if names else ""


def _model(found: Any, target: Target, init: Mapping[str, Any], inputs: Collection[str]) -> Any:
    from .trace import is_module

    if is_module(found):
        if init:
            raise ShapeflowError(f"{target} is built already, so it takes no --init")
        return found
    if not callable(found):
        raise ShapeflowError(f"{target} is of type {type(found).__name__}, which is no model")
    if not isinstance(found, type) and not init and _takes_tensors(found, inputs):
        return found
    built = _called(found, target, init)
    if is_module(built):
        return built
    if isinstance(found, type) or init:
        kind = type(built).__name__
        raise ShapeflowError(f"{target} builds something of type {kind}, which is no model")
    return found


def _takes_tensors(function: Any, inputs: Collection[str]) -> bool:
    """Whether a function is itself the model: it needs arguments, or specs are given for some."""
    parameters = _parameters(function)
    if parameters is None:
        return True
    return any(_is_needed(p) or p.name in inputs for p in parameters)


def _called(builder: Any, target: Target, init: Mapping[str, Any]) -> Any:
    parameters = _parameters(builder)
    if parameters is not None:
        _expect_arguments(parameters, target, init)
    try:
        return builder(**init)
    except (Exception, SystemExit) as error:
        given = ", ".join(f"{name}={value!r}" for name, value in init.items())
        raise ShapeflowError(f"{target}({given}) cannot be built: {_told(error)}") from error


def _expect_arguments(
    parameters: list[inspect.Parameter], target: Target, init: Mapping[str, Any]
) -> None:
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    missing = [p.name for p in parameters if _is_needed(p) and p.name not in init]
    if missing:
        given = " ".join(f"--init {name}=..." for name in missing)
        raise ShapeflowError(f"{target} needs {' and '.join(missing)}: add {given}")
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return
    for name in init:
        if name not in names:
            raise ShapeflowError(f"{target} takes no {name!r}{near_misses(name, names)}")


def _parameters(function: Any) -> list[inspect.Parameter] | None:
    """The parameters of a callable, None where it does not tell them."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None


def _is_needed(parameter: inspect.Parameter) -> bool:
    several = (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    return parameter.default is parameter.empty and parameter.kind not in several


def _told(error: BaseException) -> str:
    """Type, message and the user's line of an exception."""
    message = " ".join(str(error).split())
    message = message if len(message) <= LONGEST else f"{message[:LONGEST]}..."
    place = _line(error)
    if isinstance(error, SyntaxError):
        message = error.msg
        place = f"{_shown(error.filename)}:{error.lineno}" if error.filename else place
    told = f"{type(error).__name__}: {message}" if message else type(error).__name__
    return f"{told} ({place})" if place else told


def _line(error: BaseException) -> str:
    """The innermost line of a traceback that is the user's, else that is an installed package's."""
    own, others = "", ""
    traceback: TracebackType | None = error.__traceback__
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        place = f"{_shown(file)}:{traceback.tb_lineno}"
        if "site-packages" in Path(file).parts:
            others = place
        elif not file.startswith(("<", HERE, STANDARD_LIBRARY)):
            own = place
        traceback = traceback.tb_next
    return own or others


def _shown(file: str) -> str:
    """A path as seen from the current folder, where it lies below that."""
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else file


def _is_dotted(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))
