"""What compiled templates call: the part of ``jinja2.runtime`` that ours use, and no more.

Importing Jinja takes as long as verifying a small bundle, and most of it is the compiler. Whatever
a template needs beyond this is an error when it is compiled or rendered, never another page; a test
compares every page with Jinja's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, NoReturn

from markupsafe import Markup, escape

__all__ = [
    "Filters",
    "LoopContext",
    "Macro",
    "Markup",
    "Pages",
    "TemplateRuntimeError",
    "Undefined",
    "escape",
    "internalcode",
    "missing",
]

missing = object()
Find = Callable[[str], dict[str, Any]]
Filters = Mapping[str, Callable[..., object]]


class TemplateRuntimeError(RuntimeError):
    """A template asks for what there is not."""


def Undefined(hint: str = "", *, name: str = "") -> NoReturn:  # noqa: N802  (Jinja's name)
    """Raise where a name stands for nothing, as Jinja's ``StrictUndefined`` does on use."""
    raise TemplateRuntimeError(hint or f"{name} is not defined")


def internalcode(function: Callable[..., object]) -> Callable[..., object]:
    """Return the function; Jinja marks it for tracebacks."""
    return function


class Macro:
    """A macro, which returns text that is escaped already, where escaping is on."""

    def __init__(
        self,
        _pages: "Pages",
        function: Callable[..., str],
        _name: str,
        arguments: tuple[str, ...],
        _kwargs: bool,
        _varargs: bool,
        _caller: bool,
        autoescape: bool,
    ) -> None:
        """Keep what calling it needs."""
        self._function, self._arguments, self._escapes = function, arguments, autoescape

    def __call__(self, *given: object) -> str:
        """Return what the macro writes."""
        missed = (missing,) * (len(self._arguments) - len(given))
        written = self._function(*given, *missed)
        return Markup(written) if self._escapes else written  # noqa: S704  (escaped inside)


class LoopContext:
    """The items of a loop, each with the loop itself, which knows where it is."""

    def __init__(self, items: Iterable[object], _undefined: object) -> None:
        """Take all of the items."""
        self._items = tuple(items)
        self.index0 = -1

    def __iter__(self) -> Iterator[tuple[object, "LoopContext"]]:
        """Yield each item, and the loop."""
        for item in self._items:
            self.index0 += 1
            yield item, self

    @property
    def last(self) -> bool:
        """Whether this is the last item."""
        return self.index0 + 1 == len(self._items)


class _Context:
    def __init__(self, given: Mapping[str, object], *, html: bool) -> None:
        self._given = given
        self.vars: dict[str, object] = {}
        self.exported_vars: set[str] = set()
        self.eval_ctx = SimpleNamespace(autoescape=html)

    def resolve_or_missing(self, name: str) -> object:
        return self.vars.get(name, self._given.get(name, missing))

    def get_all(self) -> Mapping[str, object]:
        return {**self._given, **self.vars}

    @staticmethod
    def call(function: Callable[..., object], *given: object, _loop_vars: object = None) -> object:
        return function(*given)


class Pages:
    """What stands in for Jinja's environment: compiled templates by name, and their filters."""

    undefined = staticmethod(Undefined)
    concat = staticmethod("".join)

    def __init__(self, find: Find, filters: Filters, *, html: bool) -> None:
        """Take what ``find`` returns for a name: the names that a compiled module holds."""
        self.filters = {"length": len, **filters}
        self._find, self._html = find, html

    def render(self, name: str, given: Mapping[str, object]) -> str:
        """Return one page. Raises what ``find`` raises, for an included template too."""
        context = _Context(given, html=self._html)
        return "".join(self._root(name)(context))

    def _root(self, name: str) -> Callable[[_Context], Iterator[str]]:
        module = self._find(name)
        module["environment"] = self
        root: Callable[[_Context], Iterator[str]] = module["root"]
        return root

    def get_template(self, name: str, _parent: str) -> SimpleNamespace:
        """Return a template that another one includes."""
        return SimpleNamespace(
            root_render_func=self._root(name),
            new_context=lambda given, _shared, own: _Context({**given, **own}, html=self._html),
        )

    def getattr(self, thing: Any, name: str) -> object:
        """Return an attribute, or else an item; raise ``AttributeError`` where there is neither."""
        try:
            return getattr(thing, name)
        except AttributeError:
            if isinstance(thing, Mapping) and name in thing:
                found: object = thing[name]
                return found
            raise

    def getitem(self, thing: Any, key: Any) -> object:
        """Return an item; raise ``LookupError`` where there is none."""
        found: object = thing[key]
        return found
