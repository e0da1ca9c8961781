"""The content files as they lie on disk, read as text: curves, wordings, schedule, signs, pages, the reader's
weights.

Read here, understood elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).resolve().parent
READER_WEIGHTS = _HERE / "reader" / "weights.ndjson"
"""The weights by which texts are read; written by `make reader`."""
READER_FIGURES = _HERE / "reader" / "figures.md"
"""How well these weights and bounds read texts; written by `make reader` too."""

_NOT_PROTOCOLS = frozenset(("avoid", "precautions", "response-times", "silence"))


@dataclass(frozen=True, kw_only=True)
class ContentFiles:
    """The text of every content file. `protocols` by file stem, the other mappings by language."""

    protocols: dict[str, str]
    response_times: str
    silence: str
    schedule: str
    catalogues: dict[str, str]
    sign_list: str
    signs: dict[str, str]
    findings: dict[str, str]
    inbound: dict[str, str]
    lexicons: dict[str, str]
    reader_weights: str
    reader_limits: str
    reader_figures: str
    wording_rules: dict[str, str]
    wording_rules_of_all: str
    check_in_bands: str
    check_in_words: dict[str, str]
    avoidance: str
    precautions: str
    care: dict[str, str]
    consents: dict[str, str]
    page_words: dict[str, str]
    pages: dict[str, dict[str, str]]


def read_content_files() -> ContentFiles:
    """Everything that ships below config: protocols, messages, signs, the reader of texts and the pages."""
    protocols = _HERE / "protocols"
    return ContentFiles(
        protocols={
            path.stem: path.read_text("utf-8")
            for path in sorted(protocols.glob("*.toml"))
            if path.stem not in _NOT_PROTOCOLS
        },
        response_times=(protocols / "response-times.toml").read_text("utf-8"),
        silence=(protocols / "silence.toml").read_text("utf-8"),
        schedule=(_HERE / "messages" / "schedule.toml").read_text("utf-8"),
        catalogues=_by_language("texts.toml"),
        sign_list=(_HERE / "signs.toml").read_text("utf-8"),
        signs=_by_language("signs.toml"),
        findings=_by_language("findings.toml"),
        inbound=_by_language("inbound.toml"),
        lexicons={
            path.stem: path.read_text("utf-8")
            for path in sorted((_HERE / "reader" / "lexicon").glob("*.toml"))
        },
        reader_weights=READER_WEIGHTS.read_text("utf-8"),
        reader_limits=(_HERE / "reader" / "bounds.toml").read_text("utf-8"),
        reader_figures=READER_FIGURES.read_text("utf-8"),
        wording_rules=_by_language("wording-rules.toml"),
        wording_rules_of_all=(_HERE / "messages" / "wording-rules.toml").read_text("utf-8"),
        check_in_bands=(_HERE / "check-in.toml").read_text("utf-8"),
        check_in_words=_by_language("check-in.toml"),
        avoidance=(protocols / "avoid.toml").read_text("utf-8"),
        precautions=(protocols / "precautions.toml").read_text("utf-8"),
        care=_by_language("aftercare.toml"),
        consents=_by_language("consent.toml"),
        page_words=_by_language("companion.toml"),
        pages={
            folder.name: {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.md"))}
            for folder in sorted((_HERE / "knowledge").iterdir())
        },
    )


def read_estimate() -> str:
    """How a clinic's own reports change the expected course."""
    return (_HERE / "estimate.toml").read_text("utf-8")


def read_export(language: str) -> str:
    """The words of the page of a patient's own data. Raises FileNotFoundError."""
    return (_HERE / "messages" / language / "export.toml").read_text("utf-8")


def _by_language(file: str) -> dict[str, str]:
    paths = sorted((_HERE / "messages").glob(f"*/{file}"))
    return {path.parent.name: path.read_text("utf-8") for path in paths}
