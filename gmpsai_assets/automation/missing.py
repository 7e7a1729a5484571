"""Which assets of a day are missing, read off the graph and the instance's records.

Whether and when they are asked for is decided elsewhere; an asset that is added to the graph is looked for at once.
"""

import dagster as dg


def missing_assets(
    repository: dg.RepositoryDefinition, instance: dg.DagsterInstance, day: str
) -> list[dg.AssetKey]:
    """The assets that a day lacks: those of a day without this one, and those of no day that were never made.

    Args:
        repository: the assets there are.
        instance: its records say what is materialised; nothing else is looked at.
        day: the partition key.

    Returns:
        Their keys in order of their names.
    """
    return sorted(
        key
        for key, definition in repository.assets_defs_by_key.items()
        if definition.is_materializable
        and not _is_there(instance, key, day if definition.partitions_def else None)
    )


def _is_there(instance: dg.DagsterInstance, key: dg.AssetKey, day: str | None) -> bool:
    if day is None:
        return instance.get_latest_materialization_event(key) is not None
    return day in instance.get_materialized_partitions(key)
