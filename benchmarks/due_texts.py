"""A database with many texts due and many that went out long ago, filled by SQL, for drain and lateness."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import create_engine, make_url, pool, text

from postgres_launcher.launcher import Endpoints
from postgres_launcher.roles import API, DATABASE, OWNER, WORKER

CLINICS = 100
PROTOCOL = "standard-2026-11"

FILL = (
    """INSERT INTO clinic (name, text_name, phone, time_zone, weekly_hours, out_of_hours_phone, on_call_phone,
                           emergency_number, protocol, mode, texts_per_day, created_at)
       SELECT 'c', 'Clinic', '+12025550100', :zone, '{}', '+12025550101', '+12025550102', '911', :protocol,
              'live', 10000000, now()
       FROM generate_series(1, :clinics)""",
    """CREATE TEMP TABLE numbered AS SELECT id, row_number() OVER () - 1 AS number FROM clinic""",
    """INSERT INTO patient (clinic_id, first_name, last_name, phone, year_of_birth, language, time_zone,
                            answers_by, created_at)
       SELECT numbered.id, 'P', 'S', '+1' || (2000000000 + n), 1990, 'en', :zone, 'link', now()
       FROM generate_series(1, :due) AS n JOIN numbered ON numbered.number = n % :clinics""",
    """INSERT INTO consent (clinic_id, patient_id, kind, wording, given_at)
       SELECT clinic_id, id, 'recovery_texts', 'yes', now() FROM patient""",
    """INSERT INTO treatment (clinic_id, id, patient_id, performed_at, device, areas, session_number,
                              protocol, created_at)
       SELECT clinic_id, id, id, now() - interval '2 days', 'pen', '{face}', 1, :protocol,
              now() FROM patient""",
    """INSERT INTO message (clinic_id, patient_id, treatment_id, step, template, due_at, useful_until, state,
                            attempts, to_phone, body, reference, carrier_id, worker_id, claimed_at,
                            settled_at, created_at)
       SELECT clinic_id, id, id, 'old' || n, 'day1_link', now() - n * interval '1 day',
              now() - n * interval '1 day' + interval '6 hours', 'delivered', 1, phone,
              'Clinic: how is your skin today? Tell us here: https://c.example/' || gen_random_uuid(),
              gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), now() - n * interval '1 day',
              now() - n * interval '1 day', now() - n * interval '1 day'
       FROM generate_series(3, 2 + greatest(1, :history / :due)) AS n
       CROSS JOIN (SELECT * FROM patient LIMIT least(:history, :due)) AS someone
       WHERE :history > 0""",
    """INSERT INTO message (clinic_id, patient_id, treatment_id, step, template, details, due_at,
                            useful_until, state, created_at, asks_day, silence_at)
       SELECT clinic_id, id, id, 'day2_link', 'day2_link', '{}',
              now() + make_interval(days => :in_days), now() + interval '2 days', 'planned', now(), 2,
              now() + interval '3 days'
       FROM patient""",
)


def zone_at_noon() -> str:
    """A zone of fixed offset in which it is about noon, so that texts may leave."""
    # The names count westwards.
    return f"Etc/GMT{-round(12 - datetime.now(UTC).hour - datetime.now(UTC).minute / 60):+d}"


def fill(ends: Endpoints, *, due: int, history: int, in_days: int = 0) -> None:
    """`due` texts with a link, each to a patient of its own, due now or in some days."""
    engine = create_engine(ends.owner_url, poolclass=pool.StaticPool)
    values = {
        "clinics": CLINICS,
        "due": due,
        "history": history,
        "in_days": in_days,
        "zone": zone_at_noon(),
        "protocol": PROTOCOL,
    }
    with engine.connect() as connection:
        for statement in FILL:
            wanted = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), wanted)
        connection.commit()
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    engine.dispose()


@contextmanager
def copied(ends: Endpoints, name: str) -> Iterator[Endpoints]:
    """A copy of the database, dropped in the end."""
    super_url = make_url(ends.superuser_url).set(database="postgres")
    server = create_engine(super_url, isolation_level="AUTOCOMMIT", poolclass=pool.NullPool)
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {DATABASE} OWNER {OWNER}"))
        connection.execute(text(f"GRANT CONNECT ON DATABASE {name} TO {API}, {WORKER}"))
        connection.execute(text("CHECKPOINT"))
    try:
        yield Endpoints(
            **{
                field: make_url(url).set(database=name).render_as_string(hide_password=False)
                for field, url in vars(ends).items()
            }
        )
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
