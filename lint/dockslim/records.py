"""Records and rows: dataclasses and named tuples for whoever checks types, plainer classes at run time.

Importing ``dataclasses`` brings ``inspect`` and compiles methods for each class, which takes a tenth of the time in
which one file is checked from a cold start; ``typing`` compiles and looks at each annotation of a named tuple, and
``namedtuple`` compiles a constructor for each, used or not, which take another tenth.
"""

from __future__ import annotations

from dockslim.later import TYPE_CHECKING

__all__ = ["NamedTuple", "field", "record"]

if TYPE_CHECKING:
    from dataclasses import dataclass as record
    from dataclasses import field
    from typing import Any, NamedTuple
else:
    try:
        from _collections import _tuplegetter
    except ImportError:  # not CPython
        from operator import itemgetter

        def _tuplegetter(number: int, doc: str) -> property:
            return property(itemgetter(number), doc=doc)

    #: So many rows of a class are made without a constructor of its own, which takes long to compile.
    FEW = 12

    def _made(cls: type, /, *values: Any, **named: Any) -> Any:
        """Make one of the first rows of a class, as the constructor would that is compiled when there are more."""
        home = next(each for each in cls.__mro__ if "_rows" in each.__dict__)
        home._rows += 1
        if home._rows <= FEW:
            rest, defaults = home._fields[len(values) :], home._field_defaults
            given = {**defaults, **named} if named else defaults
            if (
                len(values) <= len(home._fields)
                and all(map(rest.__contains__, named))
                and all(map(given.__contains__, rest))
            ):
                return tuple.__new__(cls, (*values, *[given[each] for each in rest]))
        home.__new__ = staticmethod(_compiled(home))
        return home.__new__(cls, *values, **named)

    def _compiled(cls: type) -> Any:
        """Return the constructor of a class of rows: a function with its fields as parameters."""
        parameters = "".join(
            f", {each}=_defaults[{each!r}]" if each in cls._field_defaults else f", {each}" for each in cls._fields
        )
        code = f"lambda _cls{parameters}: _new(_cls, ({''.join(f'{each}, ' for each in cls._fields)}))"
        space = {"_new": tuple.__new__, "_defaults": cls._field_defaults, "__builtins__": {}}
        constructor = eval(code, space)  # of names that the interpreter has read as names
        constructor.__name__, constructor.__qualname__ = "__new__", f"{cls.__qualname__}.__new__"
        return constructor

    class _Row(tuple):
        """What all rows can do, as `collections.namedtuple` has it."""

        __slots__ = ()

        @classmethod
        def _make(cls, values: Any) -> Any:
            return cls(*values)

        def _replace(self, **named: Any) -> Any:
            made = tuple.__new__(type(self), map(named.pop, self._fields, self))
            if named:
                raise ValueError(f"Got unexpected field names: {list(named)}")
            return made

        __replace__ = _replace

        def _asdict(self) -> dict[str, Any]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            fields = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({fields})"

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)

    class _Rows(type):
        """Makes named tuples of classes: their annotations are the fields."""

        def __new__(cls, name: str, bases: tuple[type, ...], members: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, members)
            fields = tuple(members.get("__annotations__", ()))
            wanted = [each for each in fields if each not in members]
            if len(bases) > 1 or "__new__" in members or any(each.startswith("_") for each in fields):
                raise TypeError(
                    f"{name}: a row has no other base, no __new__ of its own, and no field with a _ before it"
                )
            if wanted != list(fields[: len(wanted)]):
                raise TypeError(f"{name}: a field without a default follows one that has one")
            members["_fields"] = members["__match_args__"] = fields
            members["_field_defaults"] = {each: members.pop(each) for each in fields if each in members}
            for number, each in enumerate(fields):
                members[each] = _tuplegetter(number, each)
            members["__slots__"] = ()
            members["__new__"], members["_rows"] = _made, 0
            return type(name, (_Row,), members)

    class NamedTuple(metaclass=_Rows):
        """`typing.NamedTuple`, for classes whose annotations are not evaluated."""

    _NOTHING = object()

    class _Field:
        __slots__ = ("compare", "default", "make")

        def __init__(self, default: Any, make: Any, compare: bool) -> None:
            self.default = default
            self.make = make
            self.compare = compare

    def field(*, default: Any = _NOTHING, default_factory: Any = None, compare: bool = True) -> Any:
        """A field with a default, or one that is made anew for each record; perhaps left out of comparisons."""
        return _Field(default, default_factory, compare)

    def record(*, eq: bool = True, repr: bool = True) -> Any:
        """Give a class the constructor (and unless told not to, the comparison and the look) of a dataclass."""

        def made(cls: type) -> type:
            inherited = getattr(cls, "_fields", ())
            own = [name for name, kind in cls.__annotations__.items() if not kind.startswith("ClassVar")]
            fields = cls._fields = (*inherited, *own)
            plain: dict[str, Any] = {}
            made_anew: dict[str, Any] = {}
            ignored = set()
            for name in fields:
                default = getattr(cls, name, _NOTHING)
                if isinstance(default, _Field):
                    if not default.compare:
                        ignored.add(name)
                    if default.make is not None:
                        made_anew[name] = default.make
                    default = default.default
                if default is not _NOTHING:
                    plain[name] = default
            cls._compared = tuple(name for name in fields if name not in ignored)

            finish = getattr(cls, "__post_init__", None)

            def init(self: Any, *values: Any, **named: Any) -> None:
                state = self.__dict__
                if len(values) == len(fields) and not named:
                    state.update(zip(fields, values, strict=True))
                    if finish is not None:
                        finish(self)
                    return
                state.update(plain)
                for name, make in made_anew.items():
                    state[name] = make()
                state.update(zip(fields, values, strict=False))
                state.update(named)
                if len(state) != len(fields) or len(values) > len(fields):
                    wrong = ", ".join(sorted(set(fields) ^ set(state)))
                    raise TypeError(f"{cls.__name__}: {wrong or 'too many values'}: missing, or not known")
                if finish is not None:
                    finish(self)

            cls.__init__ = init
            if eq:
                cls.__eq__ = _equal
                cls.__hash__ = None
            if repr:
                cls.__repr__ = _look
            return cls

        return made

    def _equal(one: Any, other: Any) -> Any:
        if one.__class__ is not other.__class__:
            return NotImplemented
        return all(one.__dict__[name] == other.__dict__[name] for name in one._compared)

    def _look(self: Any) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={self.__dict__[name]!r}' for name in self._fields)})"
