"""Records and rows: dataclasses and named tuples for whoever checks types, plainer classes at run time.

Importing ``dataclasses`` brings ``inspect`` and compiles methods for each class, which takes a tenth of the time in
which one file is checked from a cold start; ``typing`` compiles and looks at each annotation of a named tuple, which
takes another twentieth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["NamedTuple", "field", "record"]

if TYPE_CHECKING:
    from dataclasses import dataclass as record
    from dataclasses import field
    from typing import NamedTuple
else:
    from collections import namedtuple

    class _Rows(type):
        """Makes named tuples of classes: their annotations are the fields."""

        def __new__(cls, name: str, bases: tuple[type, ...], members: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, members)
            fields = members.pop("__annotations__", {})
            defaults = [members.pop(each) for each in fields if each in members]
            made = namedtuple(name, fields, defaults=defaults, module=members.pop("__module__"))
            made.__annotations__ = made.__new__.__annotations__ = fields
            for key, value in members.items():
                setattr(made, key, value)
            return made

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
