"""A questionnaire screen with an engine behind it: a thread that lets a form be filled in through the real operator."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from screens.operator import ScreenOperator
from screens.questionnaire import QuestionnaireScreen
from tests.fakes.forms import FakeForm
from tests.screens.one_screen import OneScreen
from wizard.assemble import Begin, begin
from wizard.errors import Gone, StoppedError
from wizard.guide.models import Question
from wizard.questions.model import Asked
from wizard.run.operator import Chosen, ProceedRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from screens.requests import FormChanged, Requested, Told
    from wizard.questions.form import Form
    from wizard.questions.model import AnswersFile


def asked(name: str, kind: str = "text", *, section: str = "Service", why: str = "", **parts: Any) -> Asked:
    """A question; of `parts`, those of `Asked` and those of `Question` find their places."""
    here = {one: parts.pop(one) for one in ("choices", "proposals", "problem", "previous", "rules") if one in parts}
    label = parts.pop("label", name.capitalize())
    of_guide = {"choices": [value for value, _ in here["choices"]]} if here.get("choices") else {}
    question = Question.model_validate({"id": name, "label": label, "type": kind, **of_guide, **parts})
    return Asked(question, section, label, why, **here)


class FormApp(OneScreen):
    """Shows the questionnaire while an engine's thread fills `form`."""

    def __init__(
        self, form: Form, *, glossary: dict[str, str] | None = None, hold: threading.Event | None = None
    ) -> None:
        """Fill `form`; the engine waits for `hold` before it begins."""
        self.questionnaire = QuestionnaireScreen("one", rehearsal=False, glossary=glossary or {})
        super().__init__(self.questionnaire)
        self.filled = threading.Event()
        self.waited = False
        """Whether the engine has waited for the person at least once."""
        self.operator = ScreenOperator(self.post_message)
        self._form = form
        self._hold = hold

    def on_mount(self) -> None:
        """Let the engine begin."""
        threading.Thread(target=self._work, daemon=True).start()

    def on_unmount(self) -> None:
        """End the engine."""
        self.operator.lose("the test is over")

    def _work(self) -> None:
        if self._hold is not None:
            self._hold.wait(60)
        try:
            self.operator.fill(self._form)
        except Gone:
            return
        self.filled.set()

    def on_requested(self, message: Requested) -> None:
        """Pass it on, as the conductor does."""
        self.take(message)

    def take(self, message: Requested) -> None:
        """Show what the engine asks."""
        self.questionnaire.asked(message)
        self.waited = True

    def on_form_changed(self, message: FormChanged) -> None:
        """Pass it on, as the conductor does."""
        self.questionnaire.form_changed(message.view)

    def on_told(self, message: Told) -> None:
        """Pass it on, as the conductor does."""
        self.questionnaire.told(message.event)


class GuideApp(FormApp):
    """Shows the questionnaire while the real engine prepares a run; it ends where findings and plan are shown."""

    def __init__(self, begin: Begin) -> None:
        """Begin a session."""
        super().__init__(FakeForm([]))
        self._begin = begin
        self.proceeding: ProceedRequest | None = None

    def _work(self) -> None:
        @contextmanager
        def front_end(_: AnswersFile) -> Iterator[ScreenOperator]:
            yield self.operator

        with suppress(Gone, StoppedError):
            begin(self._begin, front_end)

    def take(self, message: Requested) -> None:
        """Let the questions be answered, and stop behind them."""
        if isinstance(message.request, ProceedRequest):
            self.proceeding = message.request
            message.reply(Chosen("stop"))
        else:
            super().take(message)


def focused(app: FormApp) -> str:
    """Id of the question that has the focus; empty where none has."""
    from screens.widgets.form_field import FormField

    return next((one.question.id for one in app.screen.query(FormField) if one.has_focus_within), "")
