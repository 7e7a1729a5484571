"""How a column of a table says what it holds: a description and a unit in the metadata of its Arrow field.

Which columns there are is said by the tables themselves.
"""

import pyarrow as pa


def column(name: str, kind: pa.DataType, description: str, unit: str = "") -> pa.Field:
    """A column with its sense and, where it has one, its unit."""
    return pa.field(name, kind, metadata={"description": description, "unit": unit})


def column_description(field: pa.Field) -> str:
    """The sentence that says what a column holds."""
    return str((field.metadata or {}).get(b"description", b"").decode())


def column_unit(field: pa.Field) -> str:
    """The unit of a column; empty where it has none."""
    return str((field.metadata or {}).get(b"unit", b"").decode())
