"""Which version of the product this is. CHANGELOG.md says what each brought; nothing else names it."""

VERSION = "1.1.0"
