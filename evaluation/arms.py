"""The worlds, clinics and patients under which the rules are looked at, each with a name."""

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

LATE_DAYS = (14, 28)
"""The check-ins at which everyone is asked about patches, bumps and lines."""


LOW_COMPLIANCE = cohort.Arm(name="60 % compliance", compliance=0.6)
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
    name="text, days 1-7",
    days=(1, 2, 3, 4, 5, 6, 7),
    channel=cohort.AnswerChannel.TEXT,
    asked_in_the_morning=True,
    reminded=(1, 2, 3, 4, 5, 7),
    asks_more=True,
)
WITH_LATE_CHECK_INS = cohort.Arm(name="with days 14 and 28", days=(*cohort.REFERENCE.days, *LATE_DAYS))

SENT = (LOW_COMPLIANCE, LINK, TEXT)
"""How patients are really asked and how they answer: shown as fully as the reference."""

PRACTICE = (
    cohort.Arm(name="full compliance", compliance=1.0),
    cohort.Arm(name="typing errors 3 %", typo_rate=0.03),
    cohort.Arm(name="never asked again", asks_again=False),
    dataclasses.replace(TEXT, name="text, never asked again", asks_again=False),
    cohort.Arm(name="optional scores left out in 3 of 10", skip_rate=0.3),
    cohort.Arm(
        name="late 10 %, twice 3 %, wrong moment 2 %",
        late_rate=0.1,
        duplicate_rate=0.03,
        wrong_moment_rate=0.02,
    ),
    cohort.Arm(name="shallow pen", treatments=(SHALLOW,)),
    cohort.Arm(name="deep pen", treatments=(DEEP,)),
    cohort.Arm(name="radio frequency", treatments=(RADIO_FREQUENCY,)),
    cohort.Arm(name="pen, 3.0 mm", treatments=(DEEPEST,)),
    cohort.Arm(name="radio frequency, 3.5 mm", treatments=(DEEPEST_RADIO_FREQUENCY,)),
    cohort.Arm(name="acids in the same session", treatments=(SUPERFICIAL_ACID, TCA)),
    cohort.Arm(name="neck and eye area", treatments=(NECK, EYE_AREA)),
    cohort.Arm(name="third session", earlier_sessions=2),
    cohort.Arm(
        name="all of it at once",
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
    cohort.Arm(name="heavy reactors, levels x1.35", world=ground_truth.World(level=1.35)),
    cohort.Arm(name="levels x1.3", world=ground_truth.World(level=1.3)),
    cohort.Arm(name="levels x0.7", world=ground_truth.World(level=0.7)),
    cohort.Arm(name="slower healing x1.3", world=ground_truth.World(time=1.3)),
    cohort.Arm(name="noise x1.5", world=ground_truth.World(noise=1.5)),
    cohort.Arm(name="ones where nothing is felt", world=ground_truth.World(felt_from=0.0)),
    cohort.Arm(name="complications slow first", world=ground_truth.World(onset_power=1.7)),
    cohort.Arm(name="complications sudden", world=ground_truth.World(onset_power=0.5)),
    cohort.Arm(name="healing with a long tail", world=ground_truth.World(healing_power=0.8)),
)
"""How far the truth may be from the first simulation."""
