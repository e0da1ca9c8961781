"""The carrier of development and demonstrations: each text shown at the terminal and, where asked, appended
to a file."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from datetime import datetime
from pathlib import Path
from typing import TextIO

from recovery.sms import gateway_interface, phone_masking


class ConsoleGateway:
    """Shows each text as one line with a masked number and takes it at once.

    Where `file` is set, each text is also appended there whole, as one NDJSON line
    `{"to", "body", "reference"}`; the file is made readable for its owner only, and several processes
    may write to it at once. A text that could not be written to the file is not taken.
    """

    def __init__(self, stream: TextIO, file: Path | None = None) -> None:
        self._stream = stream
        self._file = file
        self._lock = threading.Lock()

    def submit(self, outgoing: gateway_interface.OutgoingText) -> gateway_interface.Answer:
        """Write the text down; see `Gateway`."""
        if self._file is not None:
            line = _line(outgoing)
            try:
                written = _append(self._file, line)
            except OSError:
                return gateway_interface.NotAccepted(code="console_file")
            if written != len(line):
                return gateway_interface.Unconfirmed(code="console_file")
        self._show(f"{phone_masking.mask_number(outgoing.to)}  {_one_line(outgoing.body)}\n")
        return gateway_interface.Accepted(carrier_id=_carrier_id(outgoing.reference))

    def find(
        self, outgoing: gateway_interface.OutgoingText, since: datetime
    ) -> tuple[gateway_interface.CarrierRecord, ...]:
        """Whether the file holds this text; see `RecordLookup`. Without a file there are no records."""
        if self._file is None:
            raise gateway_interface.LookupFailed("no_file")
        try:
            lines = self._file.read_text("ascii").splitlines() if self._file.exists() else []
            records = [json.loads(line) for line in lines]
        except (OSError, ValueError) as error:
            raise gateway_interface.LookupFailed("unreadable_file") from error
        return tuple(
            gateway_interface.CarrierRecord(
                carrier_id=_carrier_id(record["reference"]),
                to=record["to"],
                body=record["body"],
                created_at=since,
                status=gateway_interface.CarrierStatus.DELIVERED,
            )
            for record in records
            if record["reference"] == outgoing.reference
        )

    def fetch(self, carrier_id: str) -> gateway_interface.CarrierRecord | None:
        """A terminal reports no end of a text; see `RecordLookup`."""
        raise gateway_interface.LookupFailed("no_records")

    def close(self) -> None:
        """Nothing is kept open; the stream belongs to the caller."""

    def _show(self, line: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        printable = line.encode(encoding, errors="replace").decode(encoding)
        try:
            with self._lock:
                self._stream.write(printable)
                self._stream.flush()
        except (OSError, ValueError):
            # A closed terminal is no reason to hold the text back.
            return


def _line(outgoing: gateway_interface.OutgoingText) -> bytes:
    fields = {"to": outgoing.to, "body": outgoing.body, "reference": outgoing.reference}
    return json.dumps(fields).encode("ascii") + b"\n"


def _append(file: Path, line: bytes) -> int:
    """Bytes written. One write to a file opened for appending is not torn by other processes."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        return os.write(descriptor, line)
    finally:
        os.close(descriptor)


def _one_line(body: str) -> str:
    """The body with everything a terminal would act on made visible."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in body
    )


def _carrier_id(reference: str) -> str:
    """Derived, not copied: the reference is a secret and an id is shown to staff."""
    return "console-" + hashlib.sha256(reference.encode("utf-8", errors="replace")).hexdigest()[:32]
