"""Query and answers of data_export: everything that is kept of a patient, in schemas."""

from __future__ import annotations

import marshmallow as ma

from api.formats.patient_fields import PatientFields
from api.formats.request_bodies import StoredEnum, Timestamp
from api.patient.schemas import ScoresOut
from recovery.domain.clinical.symptoms import Acid, AnswerScale, Area, Device, Level, Symptom, WarningSign
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState, Urgency
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.treatments.indication import Indication
from recovery.models.reports.reports import AssessmentCause
from recovery.services.flags.flag_work import ContactResult


class ExportQuery(ma.Schema):
    """`json` for machines, `html` for a page to read or print; without it the `Accept` header decides."""

    format = ma.fields.String(load_default=None, validate=ma.validate.OneOf(("json", "html")))


class PatientData(PatientFields):
    """Who the record is about."""

    prefers_calls_since = Timestamp(required=True, allow_none=True)


class ClinicData(ma.Schema):
    """Who keeps it."""

    name = ma.fields.String(required=True)
    phone = ma.fields.String(required=True)


class ConsentData(ma.Schema):
    """What was agreed to, in which words."""

    kind = ma.fields.Enum(ConsentKind, by_value=True, required=True)
    wording = ma.fields.String(required=True)
    given_at = Timestamp(required=True)
    withdrawn_at = Timestamp(required=True, allow_none=True)


class DeviceData(ma.Schema):
    """A device that was signed in."""

    device = ma.fields.String(required=True)
    created_at = Timestamp(required=True)
    last_seen_at = Timestamp(required=True)
    expires_at = Timestamp(required=True)


class RevisionData(ma.Schema):
    """What was said in one revision of a report. `answers` says how its scores were given."""

    revision = ma.fields.Integer(required=True)
    seen_at = Timestamp(required=True)
    received_at = Timestamp(required=True)
    scores = ma.fields.Nested(ScoresOut, required=True)
    answers = ma.fields.Enum(AnswerScale, by_value=True, required=True, attribute="scale")
    warning_signs = ma.fields.List(StoredEnum(WarningSign), required=True)
    confirmed = ma.fields.List(StoredEnum(Symptom), required=True)
    strongest = ma.fields.Enum(Area, by_value=True, required=True, allow_none=True)
    note = ma.fields.String(required=True, allow_none=True)


class JudgedData(ma.Schema):
    """How a report, a silence or what was told to the staff was judged, in the words for the patient."""

    revision = ma.fields.Integer(required=True, allow_none=True)
    cause = ma.fields.Enum(AssessmentCause, by_value=True, required=True)
    judged_at = Timestamp(required=True)
    level = ma.fields.Enum(Level, by_value=True, required=True)
    day = ma.fields.Integer(required=True)
    protocol_version = ma.fields.String(required=True)
    findings = ma.fields.List(ma.fields.String(), required=True)


class PhotoData(ma.Schema):
    """A photo sent with a report; its picture is at `/me/reports/{report}/photos/{id}`."""

    id = ma.fields.UUID(required=True)
    received_at = Timestamp(required=True)


class ReportData(ma.Schema):
    """One report with all its revisions."""

    id = ma.fields.UUID(required=True)
    revisions = ma.fields.List(ma.fields.Nested(RevisionData), required=True)
    photos = ma.fields.List(ma.fields.Nested(PhotoData), required=True)
    assessments = ma.fields.List(ma.fields.Nested(JudgedData), required=True)


class ContactData(ma.Schema):
    """A nurse got in touch, or tried to."""

    at = Timestamp(required=True)
    result = ma.fields.Enum(ContactResult, by_value=True, required=True)


class FlagData(ma.Schema):
    """What a nurse looked at, and what it turned out to be."""

    urgency = ma.fields.Enum(Urgency, by_value=True, required=True)
    state = ma.fields.Enum(FlagState, by_value=True, required=True)
    opened_at = Timestamp(required=True)
    resolved_at = Timestamp(required=True, allow_none=True)
    outcome = ma.fields.Enum(FlagOutcome, by_value=True, required=True, allow_none=True)
    contacts = ma.fields.List(ma.fields.Nested(ContactData), required=True)


class ComplicationData(ma.Schema):
    """What the clinic recorded after a treatment without a flag, and the day on which it began."""

    outcome = ma.fields.Enum(FlagOutcome, by_value=True, required=True)
    began_on = ma.fields.Date(required=True)


class TreatmentData(ma.Schema):
    """One treatment, withdrawn ones (entered in error) too, with what followed it."""

    id = ma.fields.UUID(required=True)
    performed_at = Timestamp(required=True)
    device = ma.fields.Enum(Device, by_value=True, required=True)
    depth_mm = ma.fields.Float(required=True, allow_none=True)
    areas = ma.fields.List(ma.fields.Enum(Area, by_value=True), required=True)
    acid = ma.fields.Enum(Acid, by_value=True, required=True)
    indication = ma.fields.Enum(Indication, by_value=True, required=True, allow_none=True)
    numbing = ma.fields.String(required=True, allow_none=True)
    topical = ma.fields.String(required=True, allow_none=True)
    lot = ma.fields.String(required=True, allow_none=True)
    session_number = ma.fields.Integer(required=True)
    withdrawn_at = Timestamp(required=True, allow_none=True)
    reports = ma.fields.List(ma.fields.Nested(ReportData), required=True)
    silences = ma.fields.List(ma.fields.Nested(JudgedData), required=True)
    told = ma.fields.List(ma.fields.Nested(JudgedData), required=True)
    complications = ma.fields.List(ma.fields.Nested(ComplicationData), required=True)
    flags = ma.fields.List(ma.fields.Nested(FlagData), required=True)


class TextData(ma.Schema):
    """A text the clinic sent. Links and codes are taken out."""

    sent_at = Timestamp(required=True, allow_none=True)
    state = ma.fields.String(required=True)
    words = ma.fields.String(required=True)


class ReceivedData(ma.Schema):
    """A text the patient sent."""

    received_at = Timestamp(required=True)
    words = ma.fields.String(required=True)


class OwnData(ma.Schema):
    """Everything that is kept of the patient, except what staff wrote for each other: ask the clinic."""

    exported_at = Timestamp(required=True)
    patient = ma.fields.Nested(PatientData, required=True)
    clinic = ma.fields.Nested(ClinicData, required=True)
    consents = ma.fields.List(ma.fields.Nested(ConsentData), required=True)
    devices = ma.fields.List(ma.fields.Nested(DeviceData), required=True)
    treatments = ma.fields.List(ma.fields.Nested(TreatmentData), required=True)
    texts_sent = ma.fields.List(ma.fields.Nested(TextData), required=True)
    texts_received = ma.fields.List(ma.fields.Nested(ReceivedData), required=True)
