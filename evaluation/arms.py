"""The arms: each world, clinic and kind of patient, named, under which the rules are looked at."""

from __future__ import annotations

import dataclasses

from evaluation import cohort, ground_truth
from recovery.domain.clinical import symptoms

SHALLOW = symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=0.5)
DEEP = symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=2.0)
RADIO_FREQUENCY = symptoms.TreatmentFacts(device=symptoms.Device.RF, depth_mm=1.5)
DEEPEST = symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=3.0)
DEEPEST_RADIO_FREQUENCY = symptoms.TreatmentFacts(device=symptoms.Device.RF, depth_mm=3.5)
SUPERFICIAL_ACID = symptoms.TreatmentFacts(
    device=symptoms.Device.PEN, depth_mm=1.0, acid=symptoms.Acid.SUPERFICIAL
)
TCA = symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.0, acid=symptoms.Acid.TCA)
NECK = symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.0, areas=(symptoms.Area.NECK,))
EYE_AREA = symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.0, areas=(symptoms.Area.EYE_AREA,))

LATE_DAYS = (14, 28, 56)
"""The check-ins at which everyone is asked about patches, bumps and lines."""

LINK = cohort.Arm(
    name="link, days 1 2 3 4 5 7, five answers",
    days=(1, 2, 3, 4, 5, 7),
    channel=cohort.AnswerChannel.LINK,
    asked_in_the_morning=True,
    reminded=(1, 2, 3, 4, 5, 7),
    asks_more=True,
)
NUMBERS = dataclasses.replace(
    LINK, name="numbers, days 1-7", days=(1, 2, 3, 4, 5, 6, 7), channel=cohort.AnswerChannel.APP
)
TEXT = cohort.Arm(
    name="text, days 1-7, numbers",
    days=(1, 2, 3, 4, 5, 6, 7),
    channel=cohort.AnswerChannel.TEXT,
    asked_in_the_morning=True,
    reminded=(1, 2, 3, 4, 5, 7),
    asks_more=True,
)

SHIPPED = (LINK, TEXT)
"""How patients are really asked and how they answer: what every figure is told of first."""

LATE = tuple(
    dataclasses.replace(
        arm, name=f"{arm.channel.value}, days 14, 28 and 56 too", days=(*arm.days, *LATE_DAYS)
    )
    for arm in SHIPPED
)
"""The whole schedule, for what begins after the first week."""

LATE_UNTIL_28 = tuple(
    dataclasses.replace(
        arm, name=f"{arm.channel.value}, days 14 and 28 too", days=(*arm.days, *LATE_DAYS[:-1])
    )
    for arm in SHIPPED
)
"""The schedule of whoever agreed to texts before the statement of consent told of day 56."""

TICKING = tuple(
    dataclasses.replace(
        arm, name=f"{arm.channel.value}, as patients tick", breakout_rate=0.1, worried_rate=0.05
    )
    for arm in SHIPPED
)
"""One course in ten has a few pimples ticked once, one in twenty a worry: starting estimates."""


def _link(name: str, **changed: object) -> cohort.Arm:
    return dataclasses.replace(LINK, name=f"link, {name}", **changed)  # type: ignore[arg-type]


def _text(name: str, **changed: object) -> cohort.Arm:
    return dataclasses.replace(TEXT, name=f"text, {name}", **changed)  # type: ignore[arg-type]


PRACTICE = (
    NUMBERS,
    _link("nothing asked more", asks_more=False),
    _link("60 % compliance", compliance=0.6),
    _text("60 % compliance", compliance=0.6),
    _link("full compliance", compliance=1.0),
    _link("half the answers once ill", answers_when_ill=0.5),
    _text("half the answers once ill", answers_when_ill=0.5),
    _link("typing errors 3 %", typo_rate=0.03),
    _text("typing errors 3 %", typo_rate=0.03),
    _link("never asked again", asks_again=False),
    _text("never asked again", asks_again=False),
    _link("three in ten give in", gives_in=0.3),
    _text("three in ten give in", gives_in=0.3),
    _link("optional scores left out in 3 of 10", skip_rate=0.3),
    _link(
        "late 10 %, twice 3 %, wrong moment 2 %", late_rate=0.1, duplicate_rate=0.03, wrong_moment_rate=0.02
    ),
    _link("shallow pen", treatments=(SHALLOW,)),
    _link("deep pen", treatments=(DEEP,)),
    _link("radio frequency", treatments=(RADIO_FREQUENCY,)),
    _link("pen, 3.0 mm", treatments=(DEEPEST,)),
    _link("radio frequency, 3.5 mm", treatments=(DEEPEST_RADIO_FREQUENCY,)),
    _link("acids in the same session", treatments=(SUPERFICIAL_ACID, TCA)),
    _link("neck and eye area", treatments=(NECK, EYE_AREA)),
    _link("third session", earlier_sessions=2),
    _link(
        "all of it at once",
        treatments=(cohort.REFERENCE_TREATMENT, SHALLOW, DEEP, RADIO_FREQUENCY, NECK, EYE_AREA),
        skip_rate=0.3,
        late_rate=0.1,
        duplicate_rate=0.03,
        wrong_moment_rate=0.02,
        earlier_sessions=1,
    ),
)
"""What differs from clinic to clinic."""

ROBUSTNESS = (
    _link("heavy reactors, levels x1.35", world=ground_truth.World(level=1.35)),
    _link("levels x0.7", world=ground_truth.World(level=0.7)),
    _link("slower healing x1.3", world=ground_truth.World(time=1.3)),
    _link("noise x1.5", world=ground_truth.World(noise=1.5)),
    _link("ones where nothing is felt", world=ground_truth.World(felt_from=0.0)),
    _link("complications slow first", world=ground_truth.World(onset_power=1.7)),
    _link("complications sudden", world=ground_truth.World(onset_power=0.5)),
    _link("healing with a long tail", world=ground_truth.World(healing_power=0.8)),
)
"""How far the truth may be from the first simulation, one assumption at a time."""
