"""The process that materialises one day of all assets unless it is there: ``python -m gmpsai_assets.launch.day DAY``.

It records which asset is being made (``display``), and the pulls how far they are (``fetch.progress``); the run itself
is recorded in DAGSTER_HOME.
"""

import argparse
import sys
from uuid import uuid4

import dagster as dg

from gmpsai_assets import settings
from gmpsai_assets.automation.newest_day import WHOLE_DAY, missing_assets
from gmpsai_assets.definitions import defs
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.launch.display import recording_steps
from gmpsai_assets.partitions import DAILY


def materialise(day: str) -> int:
    """Run the job of the day in this process; returns the exit code."""
    if not DAILY.has_partition_key(day):
        first = DAILY.get_first_partition_key()
        print(f"{day} is no day partition: days run from {first} to yesterday (GMPSAI_FIRST_DAY).")
        return 2
    with dg.DagsterInstance.get() as instance:
        missing = missing_assets(defs.get_repository_def(), instance, day)
        if not missing:
            print(f"{day} is there already.")
            return 0
        result = _run(instance, day, missing)
        if result.success:
            return 0
        for event in result.filter_events(lambda each: each.is_step_failure):
            print(f"FAILED {event.step_key}: {_reason(event)}")
        return 1


def _run(
    instance: dg.DagsterInstance, day: str, missing: list[dg.AssetKey]
) -> dg.ExecuteInProcessResult:
    """Make the missing assets, and record each one that begins."""
    run_id = str(uuid4())
    drafts = Lake(settings.data_directory()).drafts
    with recording_steps(drafts, day, len(missing)) as record:

        def note(entry: dg.EventLogEntry) -> None:
            event = entry.dagster_event
            if event and event.is_step_start and event.step_key in names:
                record(event.step_key)

        names = {key.to_user_string() for key in missing}
        instance.add_event_listener(run_id, note)
        return defs.resolve_job_def(WHOLE_DAY).execute_in_process(
            instance=instance,
            partition_key=day,
            asset_selection=missing,
            run_id=run_id,
            raise_on_error=False,
        )


def _reason(event: dg.DagsterEvent) -> str:
    """How the asset explains its failure, or else the error itself; the traceback is in the UI."""
    failure = event.step_failure_data
    if failure.user_failure_data and failure.user_failure_data.description:
        return failure.user_failure_data.description
    error = failure.error
    while error and error.cause:
        error = error.cause
    return error.message.strip() if error else "unknown; see the run in the UI"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("day")
    sys.exit(materialise(parser.parse_args().day))
