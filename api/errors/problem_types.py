"""One table of the errors that callers are told of: for each exception its type, status, title and detail;
exceptions of the API itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recovery.domain.clinic.opening_hours import HoursError
from recovery.domain.clinical import protocol
from recovery.domain.content.knowledge_pages import PageFault
from recovery.domain.patients.birth_year import ImplausibleBirthYear
from recovery.photos import photo_decoder, store
from recovery.services.access import (
    authentication,
    patient_devices,
    rate_limits,
    repeated_requests,
    second_factor,
    sign_in_codes,
)
from recovery.services.changes import content_withdrawal, patient_preferences, treatment_corrections
from recovery.services.clinic import (
    clinic_setup,
    clinics,
    factor_removal,
    role_proposals,
    staff_members,
    staff_phones,
)
from recovery.services.content import (
    avoidance,
    content,
    content_signing,
    knowledge_pages,
    protocols,
    running_content,
    wordings,
)
from recovery.services.core import phone_numbers
from recovery.services.flags import complications, flag_work, nurse_texts
from recovery.services.patients import enrolment
from recovery.services.read_models import clinic_summary
from recovery.services.reports import photos, reports, seen_time, strongest_area
from recovery.services.tasks import task_work
from recovery.services.training import training_patients
from recovery.services.treatments import session_plan, treatments


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


class UnreadableKey(Exception):
    """The Idempotency-Key is not one string in quotation marks."""


class WrongPhotoType(Exception):
    """The body is not sent as one of the kinds of picture that are read."""


class WrongContentType(Exception):
    """The body is not sent as application/json in UTF-8."""


@dataclass(frozen=True, kw_only=True)
class ProblemType:
    """One kind of problem. `type` is stable and may be relied on; `counts` keeps what was written."""

    status: int
    type: str
    title: str
    pointer: str | None = None
    counts: bool = False


KINDS: Mapping[type[Exception], ProblemType] = {
    UnreadableKey: ProblemType(
        status=400,
        type="unreadable-key",
        title="An Idempotency-Key is one string in quotation marks, of 1 to 128 characters",
    ),
    repeated_requests.StillAtWork: ProblemType(
        status=409, type="still-at-work", title="The request with this Idempotency-Key is still at work"
    ),
    repeated_requests.KeyOfAnotherRequest: ProblemType(
        status=422,
        type="key-of-another-request",
        title="This Idempotency-Key came with another request before",
    ),
    authentication.NotSignedIn: ProblemType(status=401, type="not-signed-in", title="Sign in first"),
    authentication.SecondFactorMissing: ProblemType(
        status=403, type="second-factor-missing", title="Set up a second factor first"
    ),
    second_factor.PasswordRequired: ProblemType(
        status=422, type="invalid", title="That is not your password", pointer="#/password"
    ),
    second_factor.WrongTotpCode: ProblemType(
        status=422, type="invalid", title="That is not the code the app shows now", pointer="#/code"
    ),
    second_factor.NothingProposed: ProblemType(
        status=422, type="invalid", title="Ask for a second factor first", pointer="#/code"
    ),
    authentication.SignInRefused: ProblemType(
        status=401, type="sign-in-refused", title="That does not sign you in", counts=True
    ),
    authentication.InvitationEnded: ProblemType(
        status=401, type="invitation-ended", title="This invitation has ended"
    ),
    authentication.TooManyWrongSecrets: ProblemType(
        status=429,
        type="too-many-secrets",
        title="Too many wrong secrets today; call the clinic",
        counts=True,
    ),
    sign_in_codes.SeveralRecords: ProblemType(
        status=409, type="several-records", title="This opens several records; say which of `records`"
    ),
    rate_limits.TooManyTries: ProblemType(
        status=429, type="too-many-requests", title="Tried too often; wait as long as Retry-After says"
    ),
    patient_devices.UnknownDevice: ProblemType(status=404, type="not-found", title="Not found"),
    enrolment.UnknownPatient: ProblemType(status=404, type="not-found", title="Not found"),
    treatments.AlikeTreatment: ProblemType(
        status=409,
        type="alike-treatment",
        title="One alike is recorded within the hour; send it with `anyway` if this is another",
    ),
    training_patients.PracticeStays: ProblemType(
        status=409, type="practice-stays", title="Who lived a practice week stays a patient for practice"
    ),
    enrolment.PinRequired: ProblemType(
        status=422,
        type="pin-required",
        title="Another patient has this number: let this one choose a PIN of 4 to 8 digits",
        pointer="#/pin",
    ),
    enrolment.PinTaken: ProblemType(
        status=422,
        type="pin-taken",
        title="Let the patient choose another PIN: this one opens for somebody else on the number",
        pointer="#/pin",
    ),
    enrolment.ConsentFromTheFuture: ProblemType(
        status=422, type="invalid", title="A consent cannot lie in the future", pointer="#/consents"
    ),
    enrolment.ReasonRequired: ProblemType(
        status=422, type="invalid", title="A reason is needed", pointer="#/because"
    ),
    session_plan.ImpossibleSessionDay: ProblemType(
        status=422,
        type="invalid",
        title="A next session lies between today and two years ahead",
        pointer="#/next_session_on",
    ),
    treatments.UnknownTreatment: ProblemType(status=404, type="not-found", title="Not found"),
    treatments.ImpossibleTreatmentTime: ProblemType(
        status=422,
        type="invalid",
        title="A treatment lies in the past, at most 60 days back",
        pointer="#/performed_at",
    ),
    treatments.UnknownPractitioner: ProblemType(
        status=422,
        type="invalid",
        title="Nobody of the clinic has this id",
        pointer="#/performed_by",
    ),
    treatment_corrections.ReportsPrecedeTreatment: ProblemType(
        status=422,
        type="invalid",
        title="The patient reported earlier than the treatment would then have been",
        pointer="#/performed_at",
    ),
    protocols.UnknownVersion: ProblemType(status=404, type="not-found", title="Not found"),
    content.UnknownProtocol: ProblemType(
        status=422, type="invalid", title="No protocol has this version", pointer="#/protocol"
    ),
    patient_preferences.WordingRequired: ProblemType(
        status=422,
        type="invalid",
        title="A consent is kept with the words it was given to",
        pointer="#/texts/wording",
    ),
    patient_preferences.SharedNumber: ProblemType(
        status=409, type="shared-number", title="Others have this number: text START from the phone itself"
    ),
    phone_numbers.NotAPhoneNumber: ProblemType(
        status=422,
        type="invalid",
        title="A phone number is written with its country code, like +14155550123",
        pointer="#/phone",
    ),
    ImplausibleBirthYear: ProblemType(
        status=422,
        type="invalid",
        title="Nobody who is treated now was born in this year",
        pointer="#/year_of_birth",
    ),
    HoursError: ProblemType(
        status=422,
        type="invalid",
        title="Not the IANA time zone of a place, like America/Chicago",
        pointer="#/time_zone",
    ),
    seen_time.ImpossibleTime: ProblemType(
        status=422,
        type="impossible-time",
        title="The signs cannot have been seen then: before the treatment, or in the future",
        pointer="#/seen_at",
    ),
    strongest_area.UnknownArea: ProblemType(
        status=422,
        type="invalid",
        title="The body is not as documented",
        pointer="#/strongest",
    ),
    reports.TooManyReports: ProblemType(
        status=429, type="too-many-reports", title="Too many reports in a day"
    ),
    reports.ReportIdTaken: ProblemType(
        status=409, type="report-id-taken", title="Another report has this id"
    ),
    reports.RevisionConflict: ProblemType(
        status=409, type="revision-conflict", title="This revision is stored with another content"
    ),
    complications.UnknownComplication: ProblemType(status=404, type="not-found", title="Not found"),
    complications.NotAComplication: ProblemType(
        status=422, type="invalid", title="This outcome is no complication", pointer="#/outcome"
    ),
    complications.ImpossibleBeginning: ProblemType(
        status=422,
        type="invalid",
        title="A complication begins between the day of its treatment and today",
        pointer="#/began_on",
    ),
    flag_work.UnknownFlag: ProblemType(status=404, type="not-found", title="Not found"),
    flag_work.CommentRequired: ProblemType(
        status=422, type="invalid", title="A flag is resolved with a comment", pointer="#/comment"
    ),
    flag_work.HeldBySomeoneElse: ProblemType(
        status=409, type="held-by-someone-else", title="Somebody holds this flag"
    ),
    flag_work.UnknownColleague: ProblemType(
        status=422, type="invalid", title="Nobody of the clinic who may sign in has this id", pointer="#/to"
    ),
    flag_work.AnotherFlagOpen: ProblemType(
        status=409, type="another-flag-is-open", title="Another flag of this treatment is open"
    ),
    flag_work.NothingToUndo: ProblemType(
        status=409, type="nothing-to-undo", title="Only one's own last step is undone, within a minute"
    ),
    nurse_texts.TextNotAllowed: ProblemType(
        status=409, type="cannot-text", title="No text may go to this patient"
    ),
    flag_work.IllegalTransition: ProblemType(
        status=409, type="illegal-move", title="The flag cannot do that now"
    ),
    task_work.UnknownTask: ProblemType(status=404, type="not-found", title="Not found"),
    task_work.UnknownInboxEntry: ProblemType(status=404, type="not-found", title="Not found"),
    task_work.TaskHeldByAnother: ProblemType(
        status=409, type="held-by-someone-else", title="Somebody sees to this task"
    ),
    task_work.TaskDone: ProblemType(status=409, type="illegal-move", title="The task is done"),
    task_work.NoStepToUndo: ProblemType(
        status=409, type="nothing-to-undo", title="Only one's own last step is undone, within a minute"
    ),
    wordings.UnknownText: ProblemType(status=404, type="not-found", title="Not found"),
    wordings.FaultyWording: ProblemType(
        status=422, type="faulty-wording", title="These words may not be sent", pointer="#/template"
    ),
    avoidance.UnknownAvoidItem: ProblemType(status=404, type="not-found", title="Not found"),
    knowledge_pages.UnknownPage: ProblemType(status=404, type="not-found", title="Not found"),
    PageFault: ProblemType(status=422, type="faulty-page", title="This text is not a page", pointer="#/text"),
    photos.UnknownReport: ProblemType(status=404, type="not-found", title="Not found"),
    photos.UnknownPhoto: ProblemType(status=404, type="not-found", title="Not found"),
    photos.PhotoIdTaken: ProblemType(status=409, type="photo-id-taken", title="Another photo has this id"),
    photos.TooManyPhotos: ProblemType(
        status=409, type="too-many-photos", title="This report has as many photos as one may have"
    ),
    photo_decoder.NotAPhoto: ProblemType(
        status=422,
        type="not-a-photo",
        title="This cannot be read as a still photo in JPEG, PNG, WebP or HEIC",
    ),
    photo_decoder.PhotoTooLarge: ProblemType(
        status=422, type="photo-too-large", title="This photo has too many pixels; send a smaller copy"
    ),
    photo_decoder.TooManyPhotosAtOnce: ProblemType(
        status=503, type="try-later", title="Try again in a moment; nothing was lost"
    ),
    running_content.UnreadableContent: ProblemType(
        status=503, type="content-unreadable", title="What this clinic's director signed cannot be read now"
    ),
    store.StoreUnavailable: ProblemType(
        status=503, type="try-later", title="Try again in a moment; nothing was lost"
    ),
    clinics.EmailTaken: ProblemType(
        status=409, type="email-taken", title="Somebody signs in with this e-mail address already"
    ),
    staff_members.UnknownMember: ProblemType(status=404, type="not-found", title="Not found"),
    factor_removal.OwnFactor: ProblemType(
        status=409, type="own-second-factor", title="Your own second factor is replaced with your password"
    ),
    staff_members.AboveOwnRole: ProblemType(status=403, type="wrong-role", title="Your role may not do this"),
    role_proposals.NoDirectorYet: ProblemType(
        status=409,
        type="no-director-yet",
        title="The first medical director is named by whoever runs the installation",
    ),
    role_proposals.UnknownProposal: ProblemType(status=404, type="not-found", title="Not found"),
    role_proposals.OwnProposal: ProblemType(
        status=409, type="second-person-needed", title="A second person has to confirm this"
    ),
    content_withdrawal.NotSignedBefore: ProblemType(
        status=409, type="not-signed-before", title="Only what was signed before comes back at once"
    ),
    content_withdrawal.UnknownPart: ProblemType(status=404, type="not-found", title="Not found"),
    staff_members.LastManager: ProblemType(
        status=409, type="last-one", title="Somebody has to be left who can set up the clinic"
    ),
    staff_phones.WrongPhoneCode: ProblemType(
        status=422,
        type="wrong-code",
        title="That is not the code, or it has ended; ask for a new one",
        pointer="#/code",
        counts=True,
    ),
    clinic_summary.WrongPeriod: ProblemType(
        status=422, type="invalid", title="These days cannot be summed up"
    ),
    clinic_setup.WrongSetting: ProblemType(status=422, type="invalid", title="This cannot be used"),
    clinic_setup.NotReady: ProblemType(
        status=409, type="not-ready", title="Something is missing before the clinic may go live"
    ),
    content_signing.ChangedSinceRead: ProblemType(
        status=409, type="changed-since-read", title="It changed since you read it; read it again"
    ),
    protocol.ProtocolError: ProblemType(status=422, type="invalid", title="This is not a protocol"),
    protocols.VersionTaken: ProblemType(
        status=409, type="version-taken", title="There is a protocol of this version; name a new one"
    ),
    protocols.AlreadyPublished: ProblemType(
        status=409, type="already-published", title="A published version does not change"
    ),
    protocols.EffectiveInThePast: ProblemType(
        status=422,
        type="invalid",
        title="A version takes effect now or later",
        pointer="#/effective_from",
    ),
    protocols.AboveAlertBudget: ProblemType(
        status=409,
        type="above-alert-budget",
        title="It would flag more than the alert budget; publish it with a reason",
    ),
    clinics.UnknownClinic: ProblemType(status=404, type="not-found", title="Not found"),
    WrongRole: ProblemType(status=403, type="wrong-role", title="Your role may not do this"),
    UnreadableBody: ProblemType(status=400, type="unreadable-body", title="The body is not JSON"),
    RepeatedName: ProblemType(
        status=400, type="unreadable-body", title="A name stands twice in one object of the body"
    ),
    WrongPhotoType: ProblemType(
        status=415,
        type="wrong-content-type",
        title="Send the body as image/jpeg, image/png, image/webp, image/heic or image/heif",
    ),
    WrongContentType: ProblemType(
        status=415, type="wrong-content-type", title="Send the body as application/json in UTF-8"
    ),
}
"""Every error that a use case can raise towards a caller, and those of reading the request."""
