"""DuckDB views in which people read machine time: codes with their names, cycles with their recipes and users.

Here is SQL text alone; the catalogue executes it after the views of the plain tables, on which it stands.
"""

from gmpsai_assets.acnet.tclk import EVENTS, event_meaning
from gmpsai_assets.lake.tables import DayTable, column_description
from gmpsai_assets.machine_time.tclk_catalogue import SCHEMA, tclk_catalogue


def _text(value: str | None) -> str:
    if value is None:
        return "null::varchar"
    escaped = value.replace("'", "''")
    return f"'{escaped}'"


EVENT_MACROS = (
    "create macro event_label(code) as printf('$%02X', code)",
    "create macro event_meaning(code) as "
    f"[{', '.join(_text(event_meaning(code)) for code in EVENTS)}][code + 1]",
)
"""Names of TCLK events for every view that has their codes: ``event_label(12)`` is ``$0C``."""

_NAMES = {
    "event": ("event_label", "event_meaning"),
    "booster_reset": ("reset", "reset_meaning"),
}


def name_columns(table: DayTable) -> str:
    """What a view selects besides the columns of a table: the names of its event codes, each with a comma before."""
    return "".join(
        f", event_label({column}) as {label}, event_meaning({column}) as {meaning}"
        for column, (label, meaning) in _NAMES.items()
        if column in table.schema.names
    )


_NAMED_EVENTS = """
create or replace view named_events as
select e.day, e.time, t.label, t.meaning, t.clock_class, e.supercycle_seconds, e.event
from event_data e join tclk_events t using (event)
"""

_RECIPE_SUMMARIES = """
create or replace view recipe_summaries as
with entries as (select distinct * exclude (day) from recipes),
counts as (
    select recipe_id, label, any_value(meaning) as meaning, count(*) as entries
    from entries join tclk_events using (event) group by recipe_id, label
)
select recipe_id, sum(entries)::bigint as entries, map_from_entries(list((label, entries) order by label)) as planned
from counts group by recipe_id
"""

_SUPERCYCLES_WITH_RECIPES = """
create or replace view supercycles_with_recipes as
select s.* exclude (latest), r.entries, r.planned,
    case when near then v.result end as result,
    case when near then v.fitting_recipe_id end as fitting_recipe_id,
    case when near then v.missing end as missing,
    case when near then v.unplanned end as unplanned
from (select *, start + interval 500 milliseconds as latest from supercycles) s
left join recipe_summaries r using (recipe_id)
asof left join (
    select start as seen_start, result, fitting_recipe_id, missing, unplanned
    from reconciled_supercycles where began_on_day
) v on v.seen_start <= s.latest,
lateral (select v.seen_start > s.start - interval 500 milliseconds as near)
"""
"""Captured starts and those of the event log differ by milliseconds."""

_PLANNED_EVENTS = """
create or replace view planned_events as
select s.day, s.start as supercycle_start, r.offset_seconds,
    try(s.start + to_microseconds((r.offset_seconds * 1e6)::bigint)) as planned,
    t.label, t.meaning, r.machine, r.state_id, r.event, s.recipe_id
from supercycles s
join (select distinct * exclude (day) from recipes) r using (recipe_id)
join tclk_events t using (event)
"""

_NAMED_RECONCILED_EVENTS = """
create or replace view named_reconciled_events as
select r.day, t.label, t.meaning, r.* exclude (day, event_label, event_meaning)
from reconciled_events r join tclk_events t using (event)
"""

_NAMED_RECONCILED_CODES = """
create or replace view named_reconciled_codes as
select r.day, t.label, t.meaning, r.* exclude (day, event_label, event_meaning)
from reconciled_codes r join tclk_events t using (event)
"""

_NAMED_CYCLES = """
create or replace view named_cycles as
select c.reset, c.reset_meaning, t.beam_user, c.* exclude (reset, reset_meaning)
from cycles c left join tclk_events t on c.booster_reset = t.event
"""

_BOOSTER_BEAM_CYCLES = """
create or replace view booster_beam_cycles as
select * from named_cycles where beam_user is not null
"""

NAMED_VIEWS = (
    _NAMED_EVENTS,
    _RECIPE_SUMMARIES,
    _SUPERCYCLES_WITH_RECIPES,
    _PLANNED_EVENTS,
    _NAMED_RECONCILED_EVENTS,
    _NAMED_RECONCILED_CODES,
    _NAMED_CYCLES,
    _BOOSTER_BEAM_CYCLES,
)


def machine_time_views() -> tuple[str, ...]:
    """Statements for the catalogue, in order; they need the views of all daily tables."""
    return (*_tclk_events(), *NAMED_VIEWS)


def _tclk_events() -> list[str]:
    rows = ", ".join(
        f"({row['event']}::utinyint, {', '.join(_text(row[name]) for name in SCHEMA.names[1:])})"
        for row in tclk_catalogue().to_pylist()
    )
    columns = ", ".join(SCHEMA.names)
    return [
        f"create or replace view tclk_events as select * from (values {rows}) as events({columns})",
        *(
            f"comment on column tclk_events.{field.name} is {_text(column_description(field))}"
            for field in SCHEMA
        ),
    ]
