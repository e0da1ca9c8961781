"""What the acts of the audit trail are called on the pages."""

from __future__ import annotations

from collections.abc import Mapping

from api.console import labels
from recovery.domain.clinic.staff_roles import Role
from recovery.models.core.audit import ActorKind, AuditEntry
from recovery.models.read_models.audit_trail import ActKind

ACTS: Mapping[str, str] = {
    "access.refused": "Was refused what their role may not do",
    "audit.export": "Took the audit trail along as a table",
    "audit.read": "Read the audit trail",
    "avoidance.save": "Changed how long to avoid what",
    "clinic.add": "Added the clinic",
    "clinic.add_live": "Added the clinic, live at once",
    "clinic.change": "Changed the clinic's hours or numbers",
    "clinic.due_times_moved": "Moved due times with the opening hours",
    "clinic.go_live": "Put the clinic live",
    "clinic.resume_texts": "Let texts go again",
    "clinic.stop_texts": "Stopped all texts",
    "complication.list": "Read the recorded complications",
    "complication.record": "Recorded a complication",
    "complication.withdraw": "Took a complication back",
    "consultation.read": "Read the consultation",
    "consultation.record": "Wrote the consultation",
    "content.followed": "Gave whoever is followed what was signed",
    "content.sign": "Signed curve, rules and wordings",
    "content.withdraw": "Took signed content back at once",
    "done.list": "Read the list of what was done",
    "figures.export": "Took the rows behind a figure along",
    "figures.read": "Read the rows behind a figure",
    "flag.claimed": "Claimed the flag",
    "flag.closed_list": "Read the list of closed flags",
    "flag.contact": "Noted a call",
    "flag.handed_over": "Handed the flag over",
    "flag.list": "Read the queue",
    "flag.note": "Wrote a note on the flag",
    "flag.read": "Read the flag",
    "flag.released": "Gave the flag back",
    "flag.reopened": "Opened the flag again",
    "flag.resolved": "Closed the flag",
    "flag.text": "Texted the patient from the flag",
    "flag.told": "Wrote down what the patient told",
    "flag.undone": "Took the last step back",
    "inbox.given": "Gave a text to the clinic",
    "inbox.list": "Read the list of texts to read",
    "inbox.read": "Marked a text as read",
    "inbox.unread": "Marked a text as not read after all",
    "messages.read": "Read the patient's texts",
    "page.reset": "Put the shipped page back",
    "page.save": "Changed a page that patients read",
    "patient.change": "Changed the patient's details",
    "patient.end": "Ended texts or the follow-up",
    "patient.enrol": "Enrolled the patient",
    "patient.export": "Took their own data along",
    "patient.import": "Imported the patient from a file",
    "patient.invite_at_desk": "Showed a code at the desk",
    "patient.invite_by_text": "Sent a link by text",
    "patient.leave": "Left the follow-up",
    "patient.list": "Read a list of patients",
    "patient.opt_in": "Asked for texts again",
    "patient.opt_out": "Asked for no more texts",
    "patient.read": "Read the patient's page",
    "patient.renew_invitation": "Asked for a new link",
    "patient.set_band": "Changed what is known of this skin",
    "patient.sign_in": "Signed in",
    "patient.sign_in_refused": "A sign-in as this patient was refused",
    "patient.sign_out": "Signed out",
    "patient.sign_out_everywhere": "Signed the patient out everywhere",
    "patient.take_as_real": "Took a practice patient as a real one",
    "patient.texts_paused": "Paused the texts until a nurse has read one",
    "patient.withdraw_consent": "Withdrew a consent",
    "photo.list": "Read the list of photos",
    "photo.read": "Looked at a photo",
    "photo.store": "Sent a photo",
    "protocol.change_draft": "Changed a draft of the expected course",
    "protocol.draft": "Kept a draft of the expected course",
    "protocol.publish": "Published an expected course",
    "record.export": "Took the patient's record along as a file",
    "record.read": "Read the patient's record",
    "report.put": "Reported",
    "report.signs_denied": "Answered that there is no sign",
    "series.agree": "Agreed on the plan of sessions",
    "series.read": "Read the plan of sessions",
    "staff.add": "Added somebody to the staff",
    "staff.change": "Changed somebody's role or access",
    "staff.confirm_role": "Confirmed a role that somebody else proposed",
    "staff.invite": "Made a link for a password",
    "staff.join": "Chose a password by a link",
    "staff.password": "Changed their password",
    "staff.phone": "Proved a phone of their own",
    "staff.propose_role": "Proposed a role, for a second person to confirm",
    "staff.recovery_code_spent": "Signed in with a recovery code",
    "staff.recovery_codes": "Made new recovery codes",
    "staff.refuse_role": "Refused a role that somebody else proposed",
    "staff.released": "Gave back what somebody held who left",
    "staff.remove_totp": "Took a lost second factor away",
    "staff.sign_in": "Signed in",
    "staff.sign_in_refused": "A sign-in to this account was refused",
    "staff.sign_out": "Signed out",
    "staff.sign_out_elsewhere": "Signed out everywhere else",
    "staff.totp": "Set a second factor",
    "staff.totp_propose": "Began to set a second factor",
    "task.claimed": "Claimed a task",
    "task.done": "Closed a task",
    "task.given": "Gave a task's text to the patient",
    "task.list": "Read the follow-up list",
    "task.read": "Read a task",
    "task.released": "Gave a task back",
    "task.text": "Texted the patient from a task",
    "task.undone": "Took the last step of a task back",
    "treatment.correct": "Corrected the treatment",
    "treatment.record": "Recorded the treatment",
    "treatment.withdraw": "Withdrew the treatment",
    "wording.reset": "Put the shipped words of a text back",
    "wording.save": "Changed the words of a text",
}
ACTORS: Mapping[ActorKind, str] = {
    ActorKind.PATIENT: "the patient",
    ActorKind.STAFF: "somebody of the staff",
    ActorKind.WORKER: "automatically",
    ActorKind.OPERATOR: "whoever runs Afterglow",
    ActorKind.NOBODY: "nobody we know",
}
KINDS: Mapping[ActKind, str] = {
    ActKind.READ: "Reading",
    ActKind.CHANGE: "Changes",
    ActKind.SIGN_IN: "Signing in and out",
    ActKind.REFUSED: "Refused",
}
REFUSED_BECAUSE = {
    "password": "wrong password or code",
    "secret": "wrong year of birth or PIN",
    "last": "further ones within the hour are counted, not listed",
}


def act(entry: AuditEntry) -> str:
    """What was done, in a few words; what a later program wrote down, by the name it has there."""
    return ACTS.get(entry.action, entry.action)


def actor(entry: AuditEntry, name: str | None) -> str:
    """Who did it: by name, where somebody of the staff is known."""
    return name or ACTORS[entry.actor_kind]


def more(entry: AuditEntry) -> str:
    """What else was kept of an act: words of ours, never of anybody's health."""
    said = []
    if "asked" in entry.detail:
        said.append(f"{labels.ROLES[Role(entry.detail['role'])].lower()}: {entry.detail['asked']}")
    if "because" in entry.detail and entry.detail["because"] in REFUSED_BECAUSE:
        said.append(REFUSED_BECAUSE[entry.detail["because"]])
    if "changed" in entry.detail and entry.action != "treatment.withdraw":
        said.append(str(entry.detail["changed"]).replace("_", " "))
    if entry.detail.get("last"):
        said.append(REFUSED_BECAUSE["last"])
    return "; ".join(said)
