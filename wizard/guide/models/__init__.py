"""The models of the guide format, version 1; the one declaration of every key.

The JSON Schema, the author's reference and lint's knowledge of which text is an expression
all come from here.
"""

from wizard.guide.models.base import Kind, Model, kind_of
from wizard.guide.models.checks import Check, CheckRef, Fix, StepCheck
from wizard.guide.models.facts import Fact
from wizard.guide.models.guide import (
    Defaults,
    Forbidden,
    Guide,
    Impact,
    Note,
    NoteKind,
    Phase,
    Procedure,
    Versions,
)
from wizard.guide.models.questions import Column, Question, QuestionType, Section, Valid
from wizard.guide.models.steps import ActionKind, Step

__all__ = [
    "ActionKind",
    "Check",
    "CheckRef",
    "Column",
    "Defaults",
    "Fact",
    "Fix",
    "Forbidden",
    "Guide",
    "Impact",
    "Kind",
    "Model",
    "Note",
    "NoteKind",
    "Phase",
    "Procedure",
    "Question",
    "QuestionType",
    "Section",
    "Step",
    "StepCheck",
    "Valid",
    "Versions",
    "kind_of",
]
