"""One question of a form: label, why, a control that fits its type, where the answer came from, what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from screens.widgets.form_lines import Answered, FormLine, FormSecret, PutBack, Typed
from screens.widgets.form_options import FormOptions, Kind, Option
from screens.widgets.form_paths import FormPath
from screens.widgets.form_table import FormTable
from screens.widgets.form_words import answer_words, as_typed, how_to_answer, proposal_words, stands_in
from screens.widgets.marked_line import MarkedLine
from wizard.guide.models.questions import QuestionType
from wizard.plain.clean import clean, clean_line
from wizard.questions.form import Checked, FormQuestion, Given
from wizard.questions.model import AnswerSource
from wizard.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.app import ComposeResult

    from wizard.questions.model import Asked

_CHOOSES: Final = frozenset({QuestionType.YES_NO, QuestionType.CHOICE, QuestionType.CHOICES})
NO_CHOICES: Final = "There is nothing to choose from yet: it comes from what is answered or found elsewhere."
_EMPTY: Final = ""
"""The raw value that leaves an answer empty."""


def shape_of(asked: Asked) -> tuple[bool, bool, bool]:
    """Which controls a question needs: a list to choose from, a line to type in, and whether several can be ticked."""
    kind = asked.question.type
    listed = kind is QuestionType.YES_NO or (bool(asked.choices) and kind is not QuestionType.TABLE)
    typed = kind not in _CHOOSES or asked.question.other or not listed
    if kind is QuestionType.VERSION and listed and not asked.question.other and asked.question.choices is not None:
        typed = False
    return listed, typed, kind is QuestionType.CHOICES and listed


class FormField(Vertical):
    """Shows a question; `show` brings it up to date and leaves alone what the person is typing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,ctrl+e", "explain", "Explain", key_display="f1", id="form.explain", tooltip="How to answer this"),
    ]

    DEFAULT_CSS = """
    FormField { height: auto; padding: 0 1; margin-bottom: 1; }
    FormField Static { width: 1fr; height: auto; }
    FormField > .head { height: auto; }
    FormField > .head > .label { text-style: bold; }
    FormField > .head > .state { width: auto; max-width: 36; color: $text-muted; padding-left: 1; }
    FormField.-open > .head > .state { color: $text-warning; }
    FormField.-refused > .head > .state { color: $text-error; text-style: bold; }
    FormField:focus-within > .head > .label { color: $text-primary; }
    FormField > .why { padding-left: 2; color: $text-muted; }
    FormField > .controls { height: auto; padding-left: 2; }
    FormField > .problem { padding-left: 2; display: none; }
    FormField.-problem > .problem { display: block; color: $text-muted; }
    FormField.-refused > .problem { display: block; color: $text-error; }
    FormField > .how { padding-left: 2; display: none; color: $text-muted; }
    FormField.-explained > .how { display: block; }
    """

    class Gave(Message):
        """The person gave a value; `by_key` where they pressed enter, so that it may go on."""

        def __init__(self, field: FormField, given: Given, *, by_key: bool) -> None:
            """Carry what was given."""
            super().__init__()
            self.field = field
            self.given = given
            self.by_key = by_key

    class Tried(Message):
        """What the person types could be checked."""

        def __init__(self, given: Given) -> None:
            """Carry what is typed."""
            super().__init__()
            self.given = given

    class GaveUp(Message):
        """The person gave up what was refused."""

        def __init__(self, field: FormField) -> None:
            """Carry the field."""
            super().__init__()
            self.field = field

    def __init__(self, question: FormQuestion, explained: str = "") -> None:
        """Show `question`; `explained` are words of the glossary that it uses."""
        super().__init__()
        self.question = question
        self.shape = shape_of(question.asked)
        self._explained = explained
        self._pending = False
        self._typing = False
        self._wants_focus = False
        self._sent: str | None = None
        """The text that was given and not judged yet."""
        self._hint = ""
        self._list = FormOptions(Kind.SOME if self.shape[2] else Kind.ONE)
        self._proposed = FormOptions(Kind.PROPOSED)
        self._paths = FormOptions(Kind.PROPOSED)
        self._line = self._line_of(question.asked)
        self._example = self._line.placeholder
        self._secret = FormSecret()
        self._table = FormTable(question) if question.asked.question.type is QuestionType.TABLE else None

    @staticmethod
    def _line_of(asked: Asked) -> FormLine:
        kind = asked.question.type
        plain = kind not in (QuestionType.CHOICE, QuestionType.CHOICES)
        example = stands_in(kind, asked.choices) if plain else ""
        return FormPath(placeholder=example) if kind is QuestionType.PATH else FormLine(placeholder=example)

    def compose(self) -> ComposeResult:
        """Label and state, why, controls, what is wrong, how it is answered."""
        with Horizontal(classes="head"):
            yield Static(classes="label", markup=False)
            yield Static(classes="state", markup=False)
        yield Static(classes="why", markup=False)
        with Vertical(classes="controls"):
            yield from self._controls()
        yield Static(classes="problem", markup=False)
        yield Static(classes="how", markup=False)

    def _controls(self) -> Iterator[Widget]:
        listed, typed, _ = self.shape
        kind = self.question.asked.question.type
        if self._table is not None:
            yield self._table
            return
        if kind is QuestionType.SECRET:
            yield MarkedLine(self._secret, "Secret:")
            yield self._proposed
            return
        if listed:
            yield self._list
        if typed:
            before = "Others, with commas:" if self.shape[2] else "Another:" if listed else "Answer:"
            yield MarkedLine(self._line, before)
            yield self._paths
        yield self._proposed

    def on_mount(self) -> None:
        """Show the question."""
        self._paths.display = self._proposed.display = False
        self._paths.can_focus = self._proposed.can_focus = False
        self._draw()
        if self._wants_focus:
            self.call_after_refresh(self.focus_control)

    # -- what is shown -----------------------------------------------------------------------------

    def show(self, question: FormQuestion, *, pending: bool = False) -> None:
        """Show the question as it is now; `pending` says that an answer is on its way to the engine."""
        if question == self.question and pending == self._pending:
            return
        self.question, self._pending = question, pending
        if self.is_mounted:
            self._draw()

    def show_check(self, checked: Checked) -> None:
        """Say what would become of what is typed, as long as that is what is typed."""
        if self._table is not None:
            self._table.show_mistakes(checked.given.raw, checked.mistakes)
            # What is wrong with a cell is said beside the cells.
            self._hint = "" if checked.mistakes else checked.problem
        elif checked.given.raw != self._line.value and not self.shape[0]:
            return
        else:
            self._hint = checked.problem if self._typing else ""
        self._draw_problem()

    def focus_control(self) -> None:
        """Put the cursor where the question is answered, as soon as there is something to put it on."""
        if not self.is_mounted:
            self._wants_focus = True
            return
        for control in self.query("FormTableGrid, FormOptions, FormLine, FormSecret"):
            if control.focusable:
                control.focus()
                return

    def _draw(self) -> None:
        asked, answer = self.question.asked, self.question.answer
        self.set_class(self.question.open, "-open")
        self.set_class(self._refused, "-refused")
        sign = "!" if self._refused else "○" if self.question.open else "✓"
        self._say("label", f"{sign} {clean_line(asked.label)}")
        self._say("state", self._state())
        notes = self._notes()
        self._say("why", notes)
        self.query_one(".why").display = bool(notes)
        how = "\n".join(text for text in (how_to_answer(asked), self._explained) if text)
        self._say("how", how)
        self._draw_controls(asked, answer.value if answer is not None else None)
        self._draw_problem()

    def _draw_controls(self, asked: Asked, value: Any) -> None:
        listed, typed, several = self.shape
        stands = asked.previous if self.question.open and asked.previous is not None else value
        if self._table is not None:
            self._table.show(self.question, stands)
            return
        if asked.question.type is QuestionType.SECRET:
            self._secret.show(given=isinstance(value, Secret))
            self._proposed.show(self._takeable(asked))
            return
        if listed:
            self._draw_list(asked, value, stands)
        if typed:
            in_list = listed and not several and stands in [one for one, _ in asked.choices]
            shown = [] if in_list or stands is None else stands
            if several and isinstance(shown, list):
                shown = [one for one in shown if one not in [choice for choice, _ in asked.choices]]
            meant = None if several or isinstance(shown, list) else stands
            self._line.show(as_typed(shown), meant, instead_of=None if self._pending else self._sent)
            self._sent = self._sent if self._pending else None
            taken = self._one_proposal
            self._line.placeholder = self._example if taken is None else f"enter takes {as_typed(taken)}"
        self._proposed.show(() if listed and not several else self._takeable(asked))

    def _draw_list(self, asked: Asked, value: Any, stands: Any) -> None:
        """The choices, each with where it was found; the cursor on what stands or, by itself, on what is proposed."""
        marks: dict[Any, str] = {}
        for one in asked.proposals:
            for part in one.value if isinstance(one.value, list) else [one.value]:
                marks.setdefault(part, proposal_words(one))
        choices = [(True, "yes"), (False, "no")] if asked.question.type is QuestionType.YES_NO else asked.choices
        options = [Option(choice, label, marks.get(choice, "")) for choice, label in choices]
        if asked.question.optional:
            options.append(Option(_EMPTY, "Leave it empty"))
        left_empty = value is None and self.question.answer is not None
        chosen = value if isinstance(value, list) else [_EMPTY] if left_empty else [] if value is None else [value]
        known = stands if stands in [one.value for one in options] else None
        at = known if known is not None else next((one.value for one in asked.proposals), None)
        self._list.show(options, chosen, at)

    def _takeable(self, asked: Asked) -> list[Option]:
        """What may be taken as it is: proposals that are not the answer, and nothing where that is allowed."""
        answer = self.question.answer
        stands = answer.value if answer is not None and not self.question.open else None
        options = [
            Option(one.value, as_typed(one.value), proposal_words(one))
            for one in asked.proposals
            if one.value != stands and (self.question.open or one.source is AnswerSource.MACHINE)
        ]
        if asked.question.optional and (answer is None or answer.value is not None):
            options.append(Option(_EMPTY, "Leave it empty"))
        return options

    def _state(self) -> str:
        answer = self.question.answer
        if self._pending:
            return "taking it …"
        if self._typing:
            return "typed, not taken yet"
        if self._refused:
            return "not taken"
        if self.question.open:
            return "to be confirmed" if self.question.asked.proposals else "open"
        return answer_words(answer) if answer is not None else "left empty"

    @property
    def _refused(self) -> bool:
        return self.question.open and bool(self.question.asked.problem)

    def _draw_problem(self) -> None:
        """What is wrong: while something is typed with that, else with what was given."""
        # A single mistake in a table is said beside its cells already.
        given = "" if len(self.question.mistakes) == 1 else self.question.asked.problem
        text = self._hint if self._typing else given or self._hint
        self._say("problem", clean(f"Not yet: {text}" if self._typing else f"! {text}") if text else "")
        self.set_class(bool(text), "-problem")
        self.set_class(self._refused and not self._typing, "-refused")
        self._say("state", self._state())
        if text:
            self.call_after_refresh(self._show_whole)

    def _show_whole(self) -> None:
        """Bring what is said below the cursor into sight; where there is no room for all of it the cursor matters."""
        pane = self.parent
        if self.has_focus_within and isinstance(pane, Widget) and self.size.height <= pane.size.height:
            self.scroll_visible(animate=False)

    @property
    def typing(self) -> bool:
        """Whether something is typed that was not taken yet."""
        return self._typing

    @property
    def _one_proposal(self) -> Any:
        """The value that enter takes where nothing is typed."""
        found = self.question.asked.proposals
        return found[0].value if len(found) == 1 and self.question.open else None

    def _notes(self) -> str:
        """Why it is asked, and what one has to know to answer."""
        asked = self.question.asked
        notes = [clean(asked.why)] if asked.why else []
        notes += ["It may be left empty."] if asked.question.optional else []
        notes += ["Space ticks, enter takes what is ticked."] if self.shape[2] else []
        of_choices = asked.question.type in (QuestionType.CHOICE, QuestionType.CHOICES)
        notes += [NO_CHOICES] if of_choices and not asked.choices and not asked.question.other else []
        return " ".join(notes)

    def _say(self, part: str, text: str) -> None:
        where = self.query_one(f".{part}", Static)
        if str(where.content) != text:
            where.update(Content(text))

    # -- keys --------------------------------------------------------------------------------------

    def action_explain(self) -> None:
        """Show or hide how it is answered."""
        self.toggle_class("-explained")
        self.call_after_refresh(self._show_whole)

    # -- what the controls say ---------------------------------------------------------------------

    @on(Answered)
    def _answered(self, event: Answered) -> None:
        event.stop()
        raw = event.raw
        if event.control is self._paths:
            self._line.fill(str(raw))
            self._line.focus()
            return
        if event.control is self._line:
            raw = self._typed_line(raw)
        if event.control is self._secret and raw == Secret("") and not self.question.open:
            return
        self._typing, self._hint, self._sent = False, "", self._line.value
        self._paths.show(())
        self.post_message(self.Gave(self, Given(self.question.id, raw), by_key=True))

    def leave(self) -> Given | None:
        """What was typed or ticked and not taken, now that the person goes on; None where nothing was."""
        self._paths.show(())
        raw: Any
        if self._table is not None:
            raw = self._table.left()
        elif self.question.asked.question.type is QuestionType.SECRET:
            raw = self._secret.left()
        else:
            ticked, line = self._list.left(), self._line.left()
            if self._pending and line == self._sent:
                line = None
            raw = self._typed_line(line) if line is not None else ticked
        self._typing, self._hint, self._sent = False, "", self._line.value
        return None if raw is None else Given(self.question.id, raw)

    def on_descendant_blur(self) -> None:
        """Look where the person goes once they are there."""
        self.call_later(self._look_where)

    def _look_where(self) -> None:
        """Take what was typed where the person went on to something else."""
        if self.has_focus_within or not self.screen.is_active or not self.app.app_focus:
            return
        if (given := self.leave()) is not None:
            self.post_message(self.Gave(self, given, by_key=False))

    def _typed_line(self, raw: Any) -> Any:
        """What was typed; nothing typed means the one proposal there is, and the text of a proposal that proposal."""
        if self.shape[2]:
            return [*self._list.ticked, *(word.strip() for word in str(raw).split(",") if word.strip())]
        proposals = self.question.asked.proposals
        if raw in ("", None) and self._one_proposal is not None:
            return self._one_proposal
        return next((one.value for one in proposals if as_typed(one.value) == raw), raw)

    @on(Typed)
    def _typed(self, event: Typed) -> None:
        event.stop()
        self._typing = event.raw is not None
        if not self._typing or event.raw == "":
            self._hint = ""
        self._draw_problem()
        if event.control is self._line and self.shape[2]:
            return
        if self._typing and event.raw != "":
            self.post_message(self.Tried(Given(self.question.id, event.raw)))

    @on(PutBack)
    def _put_back(self, event: PutBack) -> None:
        event.stop()
        self._typing, self._hint = False, ""
        self._paths.show(())
        if self._refused:
            self.post_message(self.GaveUp(self))
        self._draw_problem()

    @on(FormPath.Listed)
    def _list_paths(self, event: FormPath.Listed) -> None:
        event.stop()
        here = self._line.value
        if not self._line.has_focus:
            return
        shown = event.paths if self._line.changed and event.paths != (here,) else ()
        self._paths.show([Option(path, path) for path in shown])
