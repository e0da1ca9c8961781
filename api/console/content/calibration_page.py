"""Page of how well the bands of a version fit what the clinic's patients report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import render_template
from werkzeug.exceptions import NotFound

from api import app_state, auth, database
from api.console import console_blueprint, page_layout
from recovery.domain.clinical.calibration import band_calibration
from recovery.domain.clinical.calibration.band_calibration import Calibration, Counts, Group, Grouping
from recovery.domain.core.confidence_intervals import Share
from recovery.domain.core.language import Language
from recovery.models.clinic import clinics
from recovery.services.content.content import UnknownProtocol
from recovery.services.read_models import band_calibration as read_model

HEADINGS = {
    Grouping.DAY: "By day",
    Grouping.DEVICE: "By device",
    Grouping.DEPTH: "By depth",
    Grouping.LOT: "By lot",
    Grouping.SKIN_TYPE: "By skin type",
}


@dataclass(frozen=True, kw_only=True)
class CalibrationRow:
    """One group of answers: its shares above p90 and p97.5 under each version, as they are read."""

    name: str
    symptom: str
    answers: int
    shares: Sequence[str]


@console_blueprint.blueprint.get("/course/versions/<version>/calibration")
def calibration_page(version: str) -> str:
    """The shares of answers above the bands, by day, device, depth, lot and skin type."""
    session, content = database.current(), app_state.state().newest
    clinic = clinics.get_one(session, auth.staff().clinic_id)
    versions = list(dict.fromkeys((max(content.protocols), version)))
    try:
        calibrations = read_model.calibrate_versions(
            session, clinic=clinic, versions=versions, content=content, now=database.request_time()
        )
    except UnknownProtocol:
        raise NotFound from None
    shipped = calibrations[0]
    return render_template(
        "console/calibration.html",
        **page_layout.page_context(auth.staff()),
        version=version,
        versions=versions,
        warning=band_calibration.warning(shipped),
        early=list(_early_rows(shipped)),
        lots=bool(shipped.groups(Grouping.LOT)),
        most_lots=band_calibration.MOST_LOTS,
        tables=[(heading, list(_rows(grouping, calibrations))) for grouping, heading in HEADINGS.items()],
    )


def format_share(share: Share) -> str:
    """A share with its interval: `12.5 % (10.1 to 15.3)`."""
    if not share.total:
        return "–"
    low, high = share.interval
    return f"{100 * share.value:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def _rows(grouping: Grouping, calibrations: Sequence[Calibration]) -> Iterator[CalibrationRow]:
    names = app_state.state().newest.words_for(Language.ENGLISH).symptoms_nurse
    for group in calibrations[0].groups(grouping):
        counted = [each.counts.get(group, Counts()) for each in calibrations]
        yield CalibrationRow(
            name=f"Day {group.name}" if grouping is Grouping.DAY else group.name,
            symptom=names[group.symptom],
            answers=counted[0].answers,
            shares=[format_share(share) for each in counted for share in (each.p90, each.p97_5)],
        )


def _early_rows(shipped: Calibration) -> Iterator[CalibrationRow]:
    names = app_state.state().newest.words_for(Language.ENGLISH).symptoms_nurse
    for grouping in (Grouping.ALL, Grouping.DEVICE, Grouping.DEPTH, Grouping.LOT):
        for excess in shipped.excesses(grouping):
            yield CalibrationRow(
                name=_treated(excess.group),
                symptom=names[excess.group.symptom],
                answers=excess.above.total,
                shares=[format_share(excess.above)],
            )


def _treated(group: Group) -> str:
    """The treatments of a group; a depth is called by its curve, whose title says device and depth."""
    if group.grouping is Grouping.ALL:
        return "All treatments"
    if group.grouping is Grouping.LOT:
        return f"Lot {group.name}"
    unknown = group.grouping is Grouping.DEPTH and group.name == band_calibration.NOT_RECORDED
    return "Depth not recorded" if unknown else group.name
