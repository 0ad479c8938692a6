"""Why a reading gave no value although something is there."""

from __future__ import annotations

from wizard.errors import WizardError


class DocumentError(WizardError):
    """A settings file cannot be understood; the message says where."""


class ReadingError(WizardError):
    """A fact could not be read, so that nothing is known about it."""


class NotCarriedOutError(WizardError):
    """The guide asks for something this version of the wizard does not carry out."""
