"""The process that materialises one day of all assets unless it is there: ``python -m gmpsai_assets.launch.day DAY``.

It records which asset is being made (``display``), and the pulls how far they are (``fetch.progress``); the run itself
is recorded in DAGSTER_HOME.
"""

import argparse
import sys
from datetime import UTC, datetime
from uuid import uuid4

import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run
from dagster._core.remote_origin import RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.workspace.load import location_origins_from_yaml_paths

from gmpsai_assets import settings
from gmpsai_assets.automation.newest_day import WHOLE_DAY, missing_assets
from gmpsai_assets.definitions import defs
from gmpsai_assets.lake.day_store import Lake
from gmpsai_assets.launch.command import workspace_file
from gmpsai_assets.launch.display import recording_steps


def materialise(day: str) -> int:
    """Run the job of the day in this process; returns the exit code."""
    try:
        settings.refuse_day_without_partition(day, datetime.now(UTC))
    except ValueError as error:
        print(error)
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
) -> dg.JobExecutionResult:
    """Make the missing assets, and record each one that begins.

    As ``execute_in_process`` does, but with the place of the job in the workspace: without it the UI refuses to execute
    the run again, from failure or as a whole.
    """
    run_id = str(uuid4())
    job = defs.resolve_job_def(WHOLE_DAY)
    drafts = Lake(settings.data_directory()).drafts
    with recording_steps(drafts, day, len(missing)) as record:

        def note(entry: dg.EventLogEntry) -> None:
            event = entry.dagster_event
            if event and event.is_step_start and event.step_key in names:
                record(event.step_key)

        names = {key.to_user_string() for key in missing}
        instance.add_event_listener(run_id, note)
        run = instance.create_run_for_job(
            job,
            run_id=run_id,
            tags={**job.run_tags, **job.get_tags_for_partition_key(day, missing)},
            asset_selection=frozenset(missing),
            remote_job_origin=_place_in_the_workspace(),
        )
        return execute_run(InMemoryJob(job), run, instance)


def _place_in_the_workspace() -> RemoteJobOrigin:
    """The job as the webserver and the daemon know it."""
    (location,) = location_origins_from_yaml_paths([str(workspace_file())])
    repository = RemoteRepositoryOrigin(location, defs.get_repository_def().name)
    return repository.get_job_origin(WHOLE_DAY)


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
