"""JSON that a file holds, read back by this and by other versions: strict in its form, lenient in its members.

What is no JSON, no object, lacks a member that has no default, or has one of another kind is not what was written. A
member that is not known here was added by a later version, and is ignored. What the objects mean is their owners'.
"""

import json
import types
from collections.abc import Hashable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Made = TypeVar("Made")


class ForeignContentError(ValueError):
    """What a file holds does not have the form in which it was written."""


def json_object(content: bytes | str) -> dict[str, Any]:
    """The one JSON object that a text is.

    Raises:
        ForeignContentError: it is no JSON, or another kind of it.
    """
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, or brackets without an end
        msg = f"no JSON: {error}"
        raise ForeignContentError(msg) from error
    if not isinstance(found, dict):
        msg = f"an object is due, not {found!r:.80}"
        raise ForeignContentError(msg)
    return found


def member(values: Mapping[str, Any], name: str, kind: type[Any]) -> Any:
    """One member of an object, which must be there and of a kind; whole numbers are numbers, too.

    Raises:
        ForeignContentError: it is not there, or of another kind.
    """
    value = values.get(name)
    if not _is_of(value, kind):
        msg = f"{name} should be of kind {kind.__name__} and is {value!r:.80}"
        raise ForeignContentError(msg)
    return value


def objects(values: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A member that is a list of objects; empty where there is none.

    Raises:
        ForeignContentError: it is something else.
    """
    found = values.get(name, [])
    if not isinstance(found, list | tuple) or not all(isinstance(each, dict) for each in found):
        msg = f"{name} should be a list of objects and is {found!r:.80}"
        raise ForeignContentError(msg)
    return list(found)


def made_of(kind: type[Made], values: Mapping[str, Any]) -> Made:
    """A dataclass of the members that it knows; those it lacks have their defaults.

    Args:
        kind: a dataclass of plain members.
        values: the object; members of other names are left out.

    Raises:
        ForeignContentError: a member without a default is missing, or one is of another kind.
    """
    members = _members(cast(Hashable, kind))
    known = {name: values[name] for name, _, _ in members if name in values}
    for name, hint, needed in members:
        if name not in known:
            if needed:
                msg = f"{name} is missing in {dict(values)!r:.80}"
                raise ForeignContentError(msg)
        elif not _is_of(known[name], hint):
            msg = f"{name} is {known[name]!r:.80}"
            raise ForeignContentError(msg)
    return kind(**known)


@cache
def _members(kind: Any) -> tuple[tuple[str, Any, bool], ...]:
    """Name, type and need of each member of a dataclass."""
    hints = get_type_hints(kind)
    return tuple(
        (each.name, hints[each.name], each.default is each.default_factory is MISSING)
        for each in fields(kind)
        if each.init
    )


def _is_of(value: Any, hint: Any) -> bool:
    """Whether a value of JSON can stand for a type; a word that is none of a ``Literal`` is of a later version."""
    kinds = _kinds(hint)
    return isinstance(value, kinds) and (
        type(value) is not bool or {bool, object} & {*kinds} != set()
    )


def _kinds(hint: Any) -> tuple[type, ...]:
    """The types that a value may have."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return tuple(kind for each in get_args(hint) for kind in _kinds(each))
    if origin is Literal:
        return tuple(type(each) for each in get_args(hint))
    if origin in (tuple, list):
        return (tuple, list)
    special: dict[Any, tuple[type, ...]] = {Any: (object,), float: (int, float)}
    return special.get(hint, (origin or hint,))
