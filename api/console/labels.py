"""What each word of an enum is called on the pages (urgencies, outcomes, rules, conditions), in the words of
nurses."""

from __future__ import annotations

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.clinical.findings import AssessmentRule
from recovery.domain.clinical.symptoms import Acid, Area, Device, Level
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState, Urgency
from recovery.domain.inbound.no_answer import NoAnswer
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients.consent import ConsentKind, EndReason
from recovery.domain.patients.consultation import Condition
from recovery.domain.patients.contact import AnswersBy
from recovery.domain.patients.precautions import Beside
from recovery.domain.review.escalation import EscalationStep
from recovery.domain.treatments.indication import Indication
from recovery.models.inbound.inbound_texts import InboundSource
from recovery.models.read_models.clinic_figures import DurationKind
from recovery.models.reports.reports import DeviceClock
from recovery.models.tasks.tasks import TaskKind
from recovery.services.changes.ended_follow_up import Ending
from recovery.services.flags.escalation_results import EscalationResult
from recovery.services.flags.flag_work import ContactResult

URGENCIES = {
    Urgency.EMERGENCY: "Needs someone now",
    Urgency.SAME_DAY: "In the next opening hours",
    Urgency.NEXT_BUSINESS_DAY: "By the next working day",
}
LEVELS = {
    Level.EXPECTED: "no finding",
    Level.WATCH: "watch",
    Level.ABNORMAL: "abnormal",
    Level.EMERGENCY: "emergency",
}
STATES = {
    FlagState.OPEN: "Nobody yet",
    FlagState.CLAIMED: "Claimed",
    FlagState.CONTACTED: "Patient reached",
    FlagState.RESOLVED: "Closed",
}
OUTCOMES = {
    FlagOutcome.EXPECTED_HEALING: "Expected healing",
    FlagOutcome.IRRITATION: "Irritation",
    FlagOutcome.INFECTION_SUSPECTED: "Infection suspected",
    FlagOutcome.COLD_SORE: "Cold sore",
    FlagOutcome.ALLERGY_OR_GRANULOMA: "Allergy or granuloma",
    FlagOutcome.BURN: "Burn",
    FlagOutcome.SCAR: "Scar",
    FlagOutcome.BRUISE: "Bruise beyond the expected",
    FlagOutcome.PIGMENT_CHANGE: "Pigment change",
    FlagOutcome.REFERRED: "Referred to a doctor",
    FlagOutcome.EMERGENCY: "Sent to emergency care",
    FlagOutcome.NOT_REACHED: "Patient not reached",
    FlagOutcome.OTHER: "Something else",
}
TOLD = {
    (EscalationStep.HOLDER, EscalationResult.HANDED_OVER): "whoever held it was mailed",
    (EscalationStep.HOLDER, EscalationResult.WAITING): "whoever held it is being mailed",
    (EscalationStep.HOLDER, EscalationResult.FAILED): "the mail to whoever held it did not leave",
    (EscalationStep.HOLDER, EscalationResult.NO_WAY): "whoever held it could not be mailed",
    (EscalationStep.ON_CALL, EscalationResult.ARRIVED): "the text to the on-call number arrived",
    (EscalationStep.ON_CALL, EscalationResult.HANDED_OVER): "the on-call number was texted",
    (EscalationStep.ON_CALL, EscalationResult.WAITING): "a text to the on-call number is on its way",
    (EscalationStep.ON_CALL, EscalationResult.FAILED): "no text reached the on-call number",
    (EscalationStep.ON_CALL, EscalationResult.NO_WAY): "no text went to the on-call number",
    (EscalationStep.MANAGER, EscalationResult.HANDED_OVER): "the managers were mailed",
    (EscalationStep.MANAGER, EscalationResult.WAITING): "the managers are being told",
    (EscalationStep.MANAGER, EscalationResult.FAILED): "the managers could not be reached",
    (
        EscalationStep.MANAGER,
        EscalationResult.OPERATOR,
    ): "whoever runs Afterglow was told, no manager was mailed",
    (EscalationStep.MANAGER, EscalationResult.NO_WAY): "there was no way to tell the managers",
}
"""What is said of a step by what came of it: never more than is known."""

TRIED = {
    EscalationStep.HOLDER: "turn of whoever holds it",
    EscalationStep.ON_CALL: "turn of the on-call number",
    EscalationStep.MANAGER: "turn of the managers",
}
"""Where nothing is known of what came of it."""

CONTACTS = {
    ContactResult.REACHED: "Reached the patient",
    ContactResult.NO_ANSWER: "No answer",
    ContactResult.LEFT_MESSAGE: "Left a message",
}
RULES = {
    AssessmentRule.WARNING_SIGN: "warning sign",
    AssessmentRule.FAR_ABOVE: "far above the band",
    AssessmentRule.REBOUND: "back after improving",
    AssessmentRule.PERSISTENCE: "not falling",
    AssessmentRule.LATE: "lasting too long",
    AssessmentRule.ITCH: "itch",
    AssessmentRule.CLUSTER: "several together",
    AssessmentRule.PERSONAL_BAND: "unlike this patient before",
    AssessmentRule.OVERRIDE: "patient's own setting",
    AssessmentRule.SILENCE: "no answer",
    AssessmentRule.TOLD: "told to the staff",
}
TEXT_STATES = {
    MessageState.PLANNED: "planned",
    MessageState.CLAIMED: "being sent",
    MessageState.IN_DOUBT: "not known whether sent",
    MessageState.ACCEPTED: "handed over",
    MessageState.SENT: "sent",
    MessageState.DELIVERED: "delivered",
    MessageState.UNDELIVERED: "not delivered",
    MessageState.FAILED: "failed",
    MessageState.EXPIRED: "not sent, too late",
    MessageState.CANCELLED: "not sent",
    MessageState.QUARANTINED: "held back",
}
TEMPLATES = {
    "day0": "Care on the day",
    "first_text": "Check-in by text",
    "dayN_text": "Check-in by text",
    "marks_text": "Late check-in by text",
    "emergency": "Emergency: what to do",
    "emergency_sign": "Emergency, its sign named: what to do",
    "emergency_self_harm": "Thoughts of self-harm: the crisis line",
    "flag_same_day": "A nurse will call soon",
    "flag_after_hours": "A nurse will call when open",
    "flag_next_day": "A nurse will look next working day",
    "on_call_alert": "Alert to the on-call number",
    "staff_alert": "Alert to staff",
    "staff_factor": "To staff: the second factor was changed",
    "invitation": "Link to the app",
    "optin_confirm": "Texts confirmed",
    "ask_signs": "Thanks for the scores, asked for signs",
    "ask_signs_tip": "Thanks for the scores, asked for signs",
    "ask_signs_marks": "Thanks for the scores, asked for signs and for marks of an earlier treatment",
    "got_scores": "Thanks for the scores",
    "as_expected": "Scores as expected, no sign",
    "asked_again": "Thanks for the scores, asked once more later",
    "which_sign": "Asked which sign it is",
    "marks_none": "Thanks: no patches, bumps or lines",
    "got_text": "Answer to a message",
    "maybe_emergency": "May be an emergency: what to do",
    "repair_scores": "Asked for numbers again",
    "stopped": "Texts ended, said back",
    "stopped_danger": "Texts ended, and what to do in danger",
    "stopped_self_harm": "Texts ended, and the crisis line",
    "texts_paused": "Texts wait for a nurse",
    "photos": "How to send photos",
    "late": "Nobody has read it in time: whom to call",
    "late_emergency": "Nobody has opened it yet: what to do",
    "help": "Answer to HELP",
    "last": "Last text to somebody silent",
    "login_code": "Code to sign in",
    "again_link": "Asked once more, with link",
    "again_text": "Asked once more by text",
    "reminder_link": "Reminder with link",
    "reminder_text": "Reminder by text",
    "session_reminder": "Next session",
    "start_ack": "Answer to START",
    "stop_ack": "Answer to STOP",
    "seen": "A nurse has looked",
    "tried_to_call": "We tried to call",
}
UNANSWERED = {
    NoAnswer.TOO_MANY: "The patient got no answer: too many texts within an hour",
    NoAnswer.OPTED_OUT: "The patient got no answer: no texts are wanted",
}
TASKS = {
    TaskKind.SILENCE: "No answer to check-ins: call",
    TaskKind.UNDELIVERABLE: "Texts do not arrive: call, and check the number",
    TaskKind.OPTED_OUT: "Wants no more texts: follow up by phone",
    TaskKind.TEXT_TO_READ: "Text to read",
    TaskKind.NOTE_TO_READ: "Note with a report",
    TaskKind.UNMATCHED_TEXT: "Text from a shared or unknown number",
    TaskKind.MAY_STOP: "May want no more texts: read it, and decide",
    TaskKind.PUT_ASIDE: "A text could not be sent and was put aside",
}
SOURCES = {InboundSource.TEXT: "Text", InboundSource.NOTE: "Note with a report"}
STEPS = {
    DurationKind.REVIEW: "Report reviewed",
    DurationKind.FIRST_ACTION: "First action",
    DurationKind.CONTACT: "First call",
    DurationKind.RESOLVE: "Closed",
}
AGES = {
    "under_4_hours": "under 4 h",
    "under_24_hours": "4 to 24 h",
    "under_3_days": "1 to 3 days",
    "older": "older",
}
INDICATIONS = {
    Indication.ACNE_SCARS: "Acne scars",
    Indication.SURGICAL_SCARS: "Surgical scars",
    Indication.STRETCH_MARKS: "Stretch marks",
    Indication.WRINKLES: "Wrinkles",
    Indication.FINE_LINES: "Fine lines",
    Indication.HYPERPIGMENTATION: "Hyperpigmentation",
    Indication.UNEVEN_TONE: "Uneven tone",
    Indication.TEXTURE: "Texture",
}
CONDITIONS = {
    Condition.BLEEDING: "Bleeding disorder or blood thinners",
    Condition.DIABETES_UNCONTROLLED: "Diabetes that is not controlled",
    Condition.SKIN_INFECTION: "Infection or herpes now",
    Condition.ACTIVE_ACNE: "Active acne",
    Condition.ROSACEA: "Rosacea",
    Condition.KELOID: "Tends to keloids",
    Condition.SOLAR_KERATOSIS: "Solar keratosis",
    Condition.OPEN_SKIN: "Open wound or eczema",
    Condition.RECENT_SCAR: "A fresh scar",
    Condition.SYSTEMIC_INFECTION: "Ill with an infection",
    Condition.IMMUNE_TREATMENT: "Chemotherapy, radiotherapy or high-dose steroids",
    Condition.RECENT_FILLER: "Filler not long ago",
    Condition.RECENT_SURGERY: "Surgery not long ago",
    Condition.ANAESTHETIC_ALLERGY: "Allergy to anaesthetics or numbing cream",
    Condition.ISOTRETINOIN: "Isotretinoin now or not long ago",
    Condition.PREGNANCY: "Pregnant or may be",
    Condition.COLD_SORES: "Has had cold sores",
    Condition.DARK_MARKS: "Tends to dark marks",
    Condition.RETINOID: "Retinoid or acid in the last days",
    Condition.SUNBURN: "Sunburn not long ago",
    Condition.PACEMAKER: "Pacemaker or another implanted device",
    Condition.METAL_IMPLANT: "Metal implant in the area",
    Condition.NICKEL_ALLERGY: "Allergy to nickel or another metal",
    Condition.TOPICAL_ALLERGY: "Allergy to a serum, cream or dressing",
    Condition.VITILIGO: "Vitiligo",
    Condition.PSORIASIS: "Psoriasis",
    Condition.LICHEN: "Lichen planus",
    Condition.HIV_OR_TRANSPLANT: "HIV, a transplant or another weak defence",
    Condition.G6PD_DEFICIENCY: "G6PD deficiency or methaemoglobinaemia",
    Condition.BREASTFEEDING: "Breastfeeding",
}
BESIDES = {Beside.NUMBING: "numbing", Beside.TOPICAL: "what is put on"}
ENDINGS = {
    Ending.TEXTS: "All texts to this number",
    Ending.RECOVERY_TEXTS: "Recovery texts",
    Ending.SESSION_REMINDERS: "Session reminders",
    Ending.FOLLOW_UP: "The whole follow-up",
}
END_REASONS = {
    EndReason.ASKED: "Asked for it",
    EndReason.WRONG_NUMBER: "Wrong number",
    EndReason.DIED: "Has died",
    EndReason.OTHER: "Another reason",
}
CONSENTS = {ConsentKind.RECOVERY_TEXTS: "Recovery texts", ConsentKind.SESSION_REMINDERS: "Session reminders"}
AREAS = {area: area.value.replace("_", " ").capitalize() for area in Area}
ROLES = {
    Role.NURSE: "Nurse",
    Role.PRACTITIONER: "Practitioner",
    Role.MANAGER: "Manager",
    Role.MEDICAL_DIRECTOR: "Medical director",
}
SKIN_TYPES = ("I", "II", "III", "IV", "V", "VI")
LANGUAGES = {Language.ENGLISH: "English", Language.SPANISH: "Spanish", Language.FRENCH: "French"}
ANSWERS = {AnswersBy.LINK: "answers on the page", AnswersBy.TEXT: "answers by text"}
DEVICES = {Device.PEN: "pen", Device.ROLLER: "roller", Device.RF: "radio-frequency"}
ACIDS = {Acid.NONE: "None", Acid.SUPERFICIAL: "Superficial acid", Acid.TCA: "TCA"}
CLOCKS = {
    DeviceClock.TRUSTED: "",
    DeviceClock.CORRECTED: "phone clock corrected",
    DeviceClock.AHEAD: "phone clock ahead",
}
