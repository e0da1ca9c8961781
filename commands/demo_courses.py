"""The courses of the demonstration clinic: who was treated when, and what was reported.

Nobody here exists. Numbers are from the range reserved for fiction. Hours count from the treatment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from recovery.domain.clinical.symptoms import Area, Device, Symptom, WarningSign
from recovery.domain.flags.flag_lifecycle import FlagOutcome
from recovery.domain.patients.contact import AnswersBy
from recovery.domain.treatments.indication import Indication

_ORDER = (
    Symptom.REDNESS,
    Symptom.SWELLING,
    Symptom.PEELING,
    Symptom.PAIN,
    Symptom.ITCHING,
    Symptom.DRYNESS,
    Symptom.BRUISING,
)


@dataclass(frozen=True)
class DemoReport:
    """One report: hours since the treatment, scores in the order of `_ORDER`, signs, a note."""

    hours: float
    scores: tuple[int, ...]
    signs: tuple[WarningSign, ...] = ()
    note: str | None = None

    def by_symptom(self) -> dict[Symptom, int]:
        """The scores under their names."""
        return dict(zip(_ORDER, self.scores, strict=False))


@dataclass(frozen=True, kw_only=True)
class DemoCourse:
    """One patient of the demonstration and what happened. `worked` closes the flag it led to."""

    first_name: str
    year_of_birth: int
    skin_type: int
    hours_ago: float
    device: Device = Device.PEN
    depth_mm: Decimal = Decimal("1.2")
    areas: tuple[Area, ...] = (Area.FACE,)
    indication: Indication = Indication.ACNE_SCARS
    session_number: int = 1
    answers_by: AnswersBy = AnswersBy.LINK
    reports: tuple[DemoReport, ...] = field(default=())
    claimed: bool = False
    resolution: tuple[FlagOutcome, str] | None = None


COURSES = (
    # An infection: easing at first, then hotter, sorer, with pus.
    DemoCourse(
        first_name="Rosa",
        year_of_birth=1988,
        skin_type=3,
        hours_ago=76,
        depth_mm=Decimal("1.5"),
        reports=(
            DemoReport(22, (4, 2, 1, 1, 1)),
            DemoReport(46, (3, 2, 2, 2, 1)),
            DemoReport(
                75,
                (7, 5, 2, 6, 2),
                (WarningSign.PUS, WarningSign.SPREADING_HEAT),
                "Left cheek feels hot since last night and there is yellow fluid on my pillow.",
            ),
        ),
    ),
    # Prolonged redness on skin type V, told as a darker patch.
    DemoCourse(
        first_name="Imani",
        year_of_birth=1979,
        skin_type=5,
        hours_ago=146,
        depth_mm=Decimal("1.5"),
        indication=Indication.HYPERPIGMENTATION,
        reports=(
            DemoReport(23, (5, 3, 1, 1, 1)),
            DemoReport(47, (5, 2, 3, 1, 1)),
            DemoReport(71, (4, 1, 4, 0, 1)),
            DemoReport(119, (4, 0, 2, 0, 1), (), "Not red, but clearly darker and warm to the touch."),
            DemoReport(143, (4, 0, 1, 0, 1)),
        ),
    ),
    # Silent: treated three days ago, nothing heard.
    DemoCourse(first_name="Tomas", year_of_birth=1995, skin_type=2, hours_ago=74),
    # Normal healers.
    DemoCourse(
        first_name="Hanna",
        year_of_birth=1991,
        skin_type=2,
        hours_ago=98,
        indication=Indication.FINE_LINES,
        reports=(
            DemoReport(24, (3, 2, 1, 0, 1, 2)),
            DemoReport(48, (2, 1, 2, 0, 1, 3)),
            DemoReport(72, (1, 0, 3, 0, 1, 2)),
            DemoReport(96, (0, 0, 2, 0, 0, 1)),
        ),
    ),
    DemoCourse(
        first_name="Kofi",
        year_of_birth=1984,
        skin_type=6,
        hours_ago=50,
        indication=Indication.TEXTURE,
        reports=(DemoReport(25, (2, 2, 0, 1)), DemoReport(49, (1, 1, 2, 0))),
    ),
    DemoCourse(
        first_name="Mei",
        year_of_birth=1999,
        skin_type=3,
        hours_ago=26,
        depth_mm=Decimal("0.5"),
        indication=Indication.UNEVEN_TONE,
        answers_by=AnswersBy.TEXT,
        reports=(DemoReport(24, (2, 1, 0, 0)),),
    ),
    DemoCourse(
        first_name="Luc",
        year_of_birth=1972,
        skin_type=1,
        hours_ago=5,
        indication=Indication.WRINKLES,
        session_number=2,
    ),
    # A cold sore announcing itself on day 2.
    DemoCourse(
        first_name="Petra",
        year_of_birth=1967,
        skin_type=2,
        hours_ago=52,
        indication=Indication.WRINKLES,
        session_number=3,
        reports=(
            DemoReport(23, (3, 2, 1, 1, 1)),
            DemoReport(
                51, (2, 1, 2, 2, 3), (WarningSign.COLD_SORE_TINGLE,), "Tingling at the corner of my lip."
            ),
        ),
    ),
    # Radio-frequency: slower by nature, held by its own curve.
    DemoCourse(
        first_name="Amira",
        year_of_birth=1986,
        skin_type=4,
        hours_ago=100,
        device=Device.RF,
        depth_mm=Decimal("2.0"),
        areas=(Area.FACE, Area.NECK),
        reports=(
            DemoReport(24, (4, 3, 0, 2, 1)),
            DemoReport(48, (3, 2, 1, 1, 1)),
            DemoReport(97, (1, 0, 3, 0, 1)),
        ),
    ),
    # Easing too slowly after a deep treatment: for the next working day, and a nurse has it.
    DemoCourse(
        first_name="Jonas",
        year_of_birth=1990,
        skin_type=2,
        hours_ago=99,
        device=Device.PEN,
        depth_mm=Decimal("2.5"),
        areas=(Area.CHEST,),
        indication=Indication.STRETCH_MARKS,
        reports=(
            DemoReport(24, (5, 3, 0, 2)),
            DemoReport(48, (5, 3, 1, 1)),
            DemoReport(72, (5, 2, 2, 1)),
            DemoReport(97, (5, 2, 3, 1)),
        ),
        claimed=True,
    ),
    # An itch that was looked at and closed.
    DemoCourse(
        first_name="Sofia",
        year_of_birth=1993,
        skin_type=3,
        hours_ago=125,
        reports=(
            DemoReport(24, (3, 2, 1, 0, 2)),
            DemoReport(
                50, (4, 3, 2, 1, 4), (WarningSign.HIVES,), "Small raised spots beside the treated skin."
            ),
            DemoReport(74, (2, 1, 2, 0, 2)),
            DemoReport(121, (0, 0, 1, 0, 1)),
        ),
        resolution=(
            FlagOutcome.IRRITATION,
            "Called: spots appeared after a new moisturiser, gone without it. Keeps to the plain cream.",
        ),
    ),
    # Swollen lips twenty minutes ago: the screen told her to call; somebody has to make sure.
    DemoCourse(
        first_name="Nadia",
        year_of_birth=1982,
        skin_type=4,
        hours_ago=29,
        indication=Indication.TEXTURE,
        reports=(
            DemoReport(
                28.8,
                (4, 5, 1, 2, 5),
                (WarningSign.LIP_TONGUE_THROAT_SWELLING,),
                "Lips are swelling, started an hour after a new serum.",
            ),
        ),
    ),
)

_ZONES = (
    "America/Chicago",
    "America/Los_Angeles",
    "America/Halifax",
    "Europe/Paris",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Pacific/Auckland",
    "Pacific/Honolulu",
)


def zone_at_work(now: datetime) -> str:
    """A zone in which it is mid-morning to early afternoon, so that the demonstration is awake."""
    return min(_ZONES, key=lambda name: abs(_hours_from_noon(now, name)) // 3)


def _hours_from_noon(now: datetime, name: str) -> float:
    local = now.astimezone(ZoneInfo(name))
    return (local - local.replace(hour=12, minute=0, second=0)) / timedelta(hours=1)
