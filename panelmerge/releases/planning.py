"""Which migrations bring the database from where it is to a release, release by release, and what each step does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.state import ProjectState

from panelmerge.lib.errors import Refusal
from panelmerge.releases.current import Standing, complete_release, standing
from panelmerge.releases.looking import Look, look
from panelmerge.releases.manifest import ABOUT, APPS, NEWEST, RELEASES, About, between

Key = tuple[str, str]
# Tables that every step may touch; they hold no data of anybody's.
BOOKKEEPING = ("django_migrations", "django_content_type", "auth_permission", "panelmerge_release")


class NotPossible(Refusal):
    """The database cannot go from where it is to that release."""

    code = "not_possible"
    status = 409


@dataclass(frozen=True, slots=True)
class Step:
    """One release forward, or one back to ``release``. ``goals`` and ``plan`` are what the executor is given."""

    release: str
    forward: bool
    goals: list[tuple[str, str | None]]
    plan: list[tuple[Migration, bool]]
    # The release whose description the step is: on the way back the one that is left.
    of: str

    @property
    def about(self) -> About:
        return ABOUT[self.of]

    @property
    def title(self) -> str:
        return f"Migrating to {self.release}" if self.forward else f"Going back to {self.release}"

    @property
    def migrations(self) -> list[str]:
        return [f"{migration.app_label}.{migration.name}" for migration, _ in self.plan]


@dataclass(frozen=True, slots=True)
class Plan:
    start: Standing
    target: str
    steps: list[Step]
    rows: Mapping[str, int]

    @property
    def seconds(self) -> float:
        return sum(step.about.expected_seconds(self.rows) for step in self.steps)


def plan_upgrade(target: str = NEWEST) -> Plan:
    """From wherever the database is, an empty one too. Raises NotPossible with what to do instead."""
    seen = look()
    start = standing(seen)
    _refuse_what_is_not_ours(start)
    whole = complete_release(seen.applied)
    order = list(RELEASES)
    if start.database and order.index(start.database) > order.index(target):
        raise NotPossible(f"The database is at {start.database} already. To go back: manage.py rollback --to {target}")
    if start.database is None and whole and order.index(whole) > order.index(target):
        target = whole
    executor = MigrationExecutor(connection)
    applied = dict(executor.loader.applied_migrations)
    steps = []
    for release in between(whole, target):
        executor.loader.applied_migrations = applied
        goals = [key for key in _goals(executor, release) if key not in applied]
        plan = executor.migration_plan(goals)
        if any(backwards for _, backwards in plan):
            raise NotPossible(f"The applied migrations are not in the order of their releases; {release} lags behind.")
        if plan:
            steps.append(Step(release, True, goals, plan, release))
        applied |= {(migration.app_label, migration.name): migration for migration, _ in plan}
    return Plan(start, target, steps, counted(seen))


def plan_rollback(target: str) -> Plan:
    """Back from a named release, each step asked whether it can be undone before the first is taken.

    Raises NotPossible.
    """
    seen = look()
    start = standing(seen)
    _refuse_what_is_not_ours(start)
    order = list(RELEASES)
    if start.database is None:
        raise NotPossible("The database is not at a named release. Run: manage.py upgrade")
    if order.index(target) >= order.index(start.database):
        raise NotPossible(f"The database is at {start.database}; {target} is not below it.")
    executor = MigrationExecutor(connection)
    applied = dict(executor.loader.applied_migrations)
    steps, one_way = [], []
    for place in range(order.index(start.database), order.index(target), -1):
        executor.loader.applied_migrations = applied
        # An app that is there already would be taken a step beyond: only those that move are named.
        goals = [
            (app, last)
            for app, last in ((app, RELEASES[order[place - 1]][app]) for app in APPS)
            if last != RELEASES[order[place]][app]
        ]
        plan = executor.migration_plan(goals)
        for migration, _ in plan:
            if not all(operation.reversible for operation in migration.operations):
                one_way.append(f"{migration.app_label}.{migration.name}")
        steps.append(Step(order[place - 1], False, goals, plan, order[place]))
        gone = {(migration.app_label, migration.name) for migration, _ in plan}
        applied = {key: migration for key, migration in applied.items() if key not in gone}
    if one_way:
        raise NotPossible(
            f"These steps cannot be undone, so none is taken: {', '.join(one_way)}. Restore a backup instead: "
            f"manage.py rollback --to {target} --from-backup DIR"
        )
    return Plan(start, target, steps, counted(seen))


def _goals(executor: MigrationExecutor, release: str) -> list[Key]:
    """The last migrations of a release: of our apps; at the newest also of the packages."""
    ours = [(app, last) for app, last in RELEASES[release].items() if last]
    if release != NEWEST:
        return ours
    return ours + [key for key in executor.loader.graph.leaf_nodes() if key[0] not in APPS]


def _refuse_what_is_not_ours(start: Standing) -> None:
    if start.made_by == "flask":
        raise NotPossible(
            "This database was made by the older Flask application. Take it in place first: "
            "python manage.py adopt_legacy --dry-run"
        )
    if start.unknown:
        raise NotPossible(
            f"A newer PanelMerge has been here: this code does not know {', '.join(start.unknown)}. Run the newer "
            "code, or restore a backup of this release."
        )


def counted(seen: Look) -> dict[str, int]:
    """Rows of every table that is there."""
    found = {}
    with connection.cursor() as cursor:
        for table in seen.tables:
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")
            found[table] = cursor.fetchone()[0]
    return found


def state_after(applied: set[Key]) -> ProjectState:
    """The models as they are when exactly these migrations are applied. Not to be changed: it is remembered."""
    return _state(frozenset(applied))


@lru_cache(maxsize=16)
def _state(applied: frozenset[Key]) -> ProjectState:
    loader = _loader()
    last: dict[str, str] = {}
    for key in loader.graph.nodes:
        children = {child.key for child in loader.graph.node_map[key].children if child.key[0] == key[0]}
        if key in applied and not children & applied:
            last[key[0]] = key[1]
    return loader.project_state(sorted(last.items()))


@cache
def _loader() -> MigrationLoader:
    return MigrationLoader(None)


def tables_of(state: ProjectState) -> dict[str, set[str]]:
    """{table: columns} of every model of a state, tables between two models too."""
    return {
        model._meta.db_table: {field.column for field in model._meta.local_concrete_fields}
        for model in state.apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
