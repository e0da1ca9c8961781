"""Finding a patient by name, phone or year of birth."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import render_template, request, url_for

from api import auth, cursors, database
from api.console import page_frame, site
from recovery.domain.staff import MAY, Duty
from recovery.models import patients
from recovery.services import audit

ROWS = 40
MOST_WORDS = 6
LONGEST_QUESTION = 100
_IN_NUMBERS = str.maketrans("", "", " -./()")


@dataclass(kw_only=True)
class Wanted:
    """What somebody typed to find a patient: parts of names, of the number, and a year."""

    names: list[str] = field(default_factory=list)
    digits: list[str] = field(default_factory=list)
    born: int | None = None


@site.blueprint.get("/patients")
def patients_page() -> str:
    """Those whom the question fits, the one enrolled last first; all without one."""
    caller, session, now = auth.staff(), database.current(), database.now()
    typed = request.args.get("q", "")[:LONGEST_QUESTION]
    wanted, after = understood(typed), cursors.read(request.args.get("after"))
    found = patients.find(
        session,
        caller.clinic_id,
        names=wanted.names,
        digits=wanted.digits,
        born=wanted.born,
        after=after,
        limit=ROWS + 1,
    )
    audit.read_list(session, caller.clinic_id, caller.staff_id, "patient.list", now=now)
    shown = found[:ROWS]
    older = None
    if len(found) > ROWS:
        place = cursors.written(shown[-1].created_at, shown[-1].id)
        older = url_for("console.patients_page", q=typed or None, after=place)
    return render_template(
        "console/patients.html",
        **page_frame.frame(caller),
        rows=shown,
        typed=typed,
        older=older,
        first=after is None,
        may_import=caller.role in MAY[Duty.SETTING_UP],
    )


def understood(typed: str) -> Wanted:
    """Four figures that can be a year are one; other figures are part of the number; the rest are names."""
    wanted = Wanted()
    number = typed.strip().translate(_IN_NUMBERS)
    if _is_number(number) and len(number) > 4:
        wanted.digits.append(number)
        return wanted
    for word in typed.split()[:MOST_WORDS]:
        figures = word.translate(_IN_NUMBERS)
        if _is_number(figures):
            if len(figures) == 4 and figures.startswith(("19", "20")) and wanted.born is None:
                wanted.born = int(figures)
            else:
                wanted.digits.append(figures)
        elif word.isprintable():
            wanted.names.append(word)
    return wanted


def _is_number(text: str) -> bool:
    figures = text.removeprefix("+")
    return figures.isascii() and figures.isdigit()
