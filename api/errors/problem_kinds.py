"""The errors that callers are told of, and how: one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recovery.domain.clinic.hours import HoursError
from recovery.domain.clinical import protocol
from recovery.domain.content.knowledge import PageFault
from recovery.photos import reading, store
from recovery.services.access import access, codes, devices, limits, second_factor
from recovery.services.changes import corrections, preferences
from recovery.services.clinic import clinics, setting_up, staff_phones, team
from recovery.services.content import avoidance, content, knowledge, protocols, signing, wordings
from recovery.services.core import phones
from recovery.services.flags import nurse_texts, triage
from recovery.services.patients import enrolment
from recovery.services.read_models import summary
from recovery.services.reports import photos, reports
from recovery.services.tasks import tasks
from recovery.services.treatments import series, treatments


class InvalidBody(Exception):
    """The body is readable but not what was asked for. `errors` are pairs of JSON pointer and detail."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__()
        self.errors = errors


class WrongRole(Exception):
    """The caller's role may not do this."""


class UnreadableBody(Exception):
    """The body is not JSON."""


class RepeatedName(Exception):
    """A name stands twice in one object of the body."""


class WrongPhotoType(Exception):
    """The body is not sent as one of the kinds of picture that are read."""


class WrongContentType(Exception):
    """The body is not sent as application/json in UTF-8."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of problem. `type` is stable and may be relied on; `counts` keeps what was written."""

    status: int
    type: str
    title: str
    pointer: str | None = None
    counts: bool = False


KINDS: Mapping[type[Exception], Kind] = {
    access.NotSignedIn: Kind(status=401, type="not-signed-in", title="Sign in first"),
    access.SecondFactorMissing: Kind(
        status=403, type="second-factor-missing", title="Set up a second factor first"
    ),
    second_factor.WrongPassword: Kind(
        status=422, type="invalid", title="That is not your password", pointer="#/password"
    ),
    second_factor.WrongCode: Kind(
        status=422, type="invalid", title="That is not the code the app shows now", pointer="#/code"
    ),
    second_factor.NothingProposed: Kind(
        status=422, type="invalid", title="Ask for a second factor first", pointer="#/code"
    ),
    access.SignInRefused: Kind(
        status=401, type="sign-in-refused", title="That does not sign you in", counts=True
    ),
    access.InvitationEnded: Kind(status=401, type="invitation-ended", title="This invitation has ended"),
    access.TooManySecrets: Kind(
        status=429,
        type="too-many-secrets",
        title="Too many wrong secrets today; call the clinic",
        counts=True,
    ),
    codes.SeveralRecords: Kind(
        status=409, type="several-records", title="This opens several records; say which of `records`"
    ),
    limits.TooManyTries: Kind(
        status=429, type="too-many-requests", title="Tried too often; wait as long as Retry-After says"
    ),
    devices.UnknownDevice: Kind(status=404, type="not-found", title="Not found"),
    enrolment.UnknownPatient: Kind(status=404, type="not-found", title="Not found"),
    enrolment.PinRequired: Kind(
        status=422,
        type="pin-required",
        title="Another patient has this number: let this one choose a PIN of 4 to 8 digits",
        pointer="#/pin",
    ),
    enrolment.PinTaken: Kind(
        status=422,
        type="pin-taken",
        title="Let the patient choose another PIN: this one opens for somebody else on the number",
        pointer="#/pin",
    ),
    enrolment.ConsentFromTheFuture: Kind(
        status=422, type="invalid", title="A consent cannot lie in the future", pointer="#/consents"
    ),
    enrolment.ReasonRequired: Kind(
        status=422, type="invalid", title="A reason is needed", pointer="#/because"
    ),
    series.ImpossibleSessionDay: Kind(
        status=422,
        type="invalid",
        title="A next session lies between today and two years ahead",
        pointer="#/next_session_on",
    ),
    treatments.UnknownTreatment: Kind(status=404, type="not-found", title="Not found"),
    treatments.ImpossibleTreatmentTime: Kind(
        status=422,
        type="invalid",
        title="A treatment lies in the past, at most 60 days back",
        pointer="#/performed_at",
    ),
    corrections.ReportedBefore: Kind(
        status=422,
        type="invalid",
        title="The patient reported earlier than the treatment would then have been",
        pointer="#/performed_at",
    ),
    protocols.UnknownVersion: Kind(status=404, type="not-found", title="Not found"),
    content.UnknownProtocol: Kind(
        status=422, type="invalid", title="No protocol has this version", pointer="#/protocol"
    ),
    preferences.WordingRequired: Kind(
        status=422,
        type="invalid",
        title="A consent is kept with the words it was given to",
        pointer="#/texts/wording",
    ),
    preferences.SharedNumber: Kind(
        status=409, type="shared-number", title="Others have this number: text START from the phone itself"
    ),
    phones.NotAPhoneNumber: Kind(
        status=422,
        type="invalid",
        title="A phone number is written with its country code, like +14155550123",
        pointer="#/phone",
    ),
    HoursError: Kind(
        status=422, type="invalid", title="Not an IANA time zone, like America/Chicago", pointer="#/time_zone"
    ),
    reports.ImpossibleTime: Kind(
        status=422,
        type="impossible-time",
        title="The signs cannot have been seen then: before the treatment, or in the future",
        pointer="#/seen_at",
    ),
    reports.TooManyReports: Kind(status=429, type="too-many-reports", title="Too many reports in a day"),
    reports.ReportIdTaken: Kind(status=409, type="report-id-taken", title="Another report has this id"),
    reports.RevisionConflict: Kind(
        status=409, type="revision-conflict", title="This revision is stored with another content"
    ),
    triage.UnknownFlag: Kind(status=404, type="not-found", title="Not found"),
    triage.CommentRequired: Kind(
        status=422, type="invalid", title="A flag is resolved with a comment", pointer="#/comment"
    ),
    triage.HeldBySomeoneElse: Kind(status=409, type="held-by-someone-else", title="Somebody holds this flag"),
    triage.UnknownColleague: Kind(
        status=422, type="invalid", title="Nobody of the clinic who may sign in has this id", pointer="#/to"
    ),
    triage.AnotherIsOpen: Kind(
        status=409, type="another-flag-is-open", title="Another flag of this treatment is open"
    ),
    triage.NothingToUndo: Kind(
        status=409, type="nothing-to-undo", title="Only one's own last step is undone, within a minute"
    ),
    nurse_texts.CannotText: Kind(status=409, type="cannot-text", title="No text may go to this patient"),
    triage.IllegalMove: Kind(status=409, type="illegal-move", title="The flag cannot do that now"),
    tasks.UnknownTask: Kind(status=404, type="not-found", title="Not found"),
    tasks.UnknownText: Kind(status=404, type="not-found", title="Not found"),
    wordings.UnknownText: Kind(status=404, type="not-found", title="Not found"),
    wordings.FaultyWording: Kind(
        status=422, type="faulty-wording", title="These words may not be sent", pointer="#/template"
    ),
    avoidance.UnknownThing: Kind(status=404, type="not-found", title="Not found"),
    knowledge.UnknownPage: Kind(status=404, type="not-found", title="Not found"),
    PageFault: Kind(status=422, type="faulty-page", title="This text is not a page", pointer="#/text"),
    photos.UnknownReport: Kind(status=404, type="not-found", title="Not found"),
    photos.UnknownPhoto: Kind(status=404, type="not-found", title="Not found"),
    photos.PhotoIdTaken: Kind(status=409, type="photo-id-taken", title="Another photo has this id"),
    photos.TooManyPhotos: Kind(
        status=409, type="too-many-photos", title="This report has as many photos as one may have"
    ),
    reading.NotAPhoto: Kind(
        status=422,
        type="not-a-photo",
        title="This cannot be read as a still photo in JPEG, PNG, WebP or HEIC",
    ),
    reading.PhotoTooLarge: Kind(
        status=422, type="photo-too-large", title="This photo has too many pixels; send a smaller copy"
    ),
    reading.TooManyPhotosAtOnce: Kind(
        status=503, type="try-later", title="Try again in a moment; nothing was lost"
    ),
    store.StoreAway: Kind(status=503, type="try-later", title="Try again in a moment; nothing was lost"),
    clinics.EmailTaken: Kind(
        status=409, type="email-taken", title="Somebody signs in with this e-mail address already"
    ),
    team.UnknownMember: Kind(status=404, type="not-found", title="Not found"),
    team.LastOne: Kind(
        status=409, type="last-one", title="Somebody has to be left who can set up the clinic"
    ),
    staff_phones.WrongCode: Kind(
        status=422,
        type="wrong-code",
        title="That is not the code, or it has ended; ask for a new one",
        pointer="#/code",
        counts=True,
    ),
    summary.WrongPeriod: Kind(status=422, type="invalid", title="These days cannot be summed up"),
    setting_up.WrongSetting: Kind(status=422, type="invalid", title="This cannot be used"),
    setting_up.NotReady: Kind(
        status=409, type="not-ready", title="Something is missing before the clinic may go live"
    ),
    signing.ChangedSinceRead: Kind(
        status=409, type="changed-since-read", title="It changed since you read it; read it again"
    ),
    protocol.ProtocolError: Kind(status=422, type="invalid", title="This is not a protocol"),
    protocols.VersionTaken: Kind(
        status=409, type="version-taken", title="There is a protocol of this version; name a new one"
    ),
    protocols.AlreadyPublished: Kind(
        status=409, type="already-published", title="A published version does not change"
    ),
    protocols.EffectiveInThePast: Kind(
        status=422,
        type="invalid",
        title="A version takes effect now or later",
        pointer="#/effective_from",
    ),
    protocols.AboveAlertBudget: Kind(
        status=409,
        type="above-alert-budget",
        title="It would flag more than the alert budget; publish it with a reason",
    ),
    clinics.UnknownClinic: Kind(status=404, type="not-found", title="Not found"),
    WrongRole: Kind(status=403, type="wrong-role", title="Your role may not do this"),
    UnreadableBody: Kind(status=400, type="unreadable-body", title="The body is not JSON"),
    RepeatedName: Kind(
        status=400, type="unreadable-body", title="A name stands twice in one object of the body"
    ),
    WrongPhotoType: Kind(
        status=415,
        type="wrong-content-type",
        title="Send the body as image/jpeg, image/png, image/webp, image/heic or image/heif",
    ),
    WrongContentType: Kind(
        status=415, type="wrong-content-type", title="Send the body as application/json in UTF-8"
    ),
}
"""Every error that a use case can raise towards a caller, and those of reading the request."""
