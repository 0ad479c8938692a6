"""The questionnaire as a screen: what is seen, what keys do, what is sent, and what never leaves a field."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from textual.screen import Screen

from screens.operator import ScreenOperator
from screens.questionnaire import QuestionnaireScreen
from screens.requests import FillRequest
from screens.stage import Stage
from screens.widgets.form_field import FormField
from screens.widgets.form_sections import FormSection, Onward, SectionPane
from tests.fakes.forms import FakeForm
from tests.screens.form_app import FormApp, asked, focused
from tests.screens.frames import OneScreen, lines_of, text_of, wait_for_text, wait_until
from wizard.questions.form import FormQuestion, FormView, Given, Kept
from wizard.questions.model import Answer, AnswerSource, Proposal
from wizard.secrets import Secret

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.pilot import Pilot

    from tests.screens.conftest import Frame

SIZE = (80, 24)
FOUND = Proposal("/opt/shop", AnswerSource.MACHINE, "facts.compose.folder")
DEFAULT = Proposal("/srv/shop", AnswerSource.DEFAULT, "")


async def until_asked(pilot: Pilot[None], app: FormApp) -> None:
    """Wait until the engine waits for the person, and the first question has the focus."""
    await wait_until(pilot, lambda: app.waited and focused(app))


async def until_open(pilot: Pilot[None], app: FormApp) -> None:
    """Wait until the first question has the focus, though the engine still looks at the machine."""
    await wait_until(pilot, lambda: focused(app))


def at(app: FormApp, question: str) -> bool:
    """Whether the focus is on a question."""
    return focused(app) == question


async def until_taken(pilot: Pilot[None], form: FakeForm, count: int = 1) -> None:
    """Wait until the engine has carried out so many words."""
    await wait_until(pilot, lambda: len(form.taken) >= count)


async def test_enter_takes_what_is_typed_and_goes_on_to_the_next_open_question() -> None:
    """Typed, taken, marked with where it came from; the cursor stands at what is open next, across sections."""
    form = FakeForm([asked("name", why="It is shown."), asked("host", "host", section="Database")])
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        assert "It is shown." in text_of(app)
        await pilot.press(*"shop", "enter")
        await wait_until(pilot, lambda: focused(app) == "host")
        assert form.taken == [Given("name", "shop")]
        await pilot.press("pageup")
        await wait_for_text(pilot, "✓ Name")
        line = next(one for one in lines_of(app) if "✓ Name" in one)
        assert line.endswith("you")


async def test_a_proposal_is_taken_by_enter_only() -> None:
    """What was found stands below the empty field with its evidence; going past it takes nothing, enter takes it."""
    form = FakeForm([asked("folder", "path", proposals=(FOUND,)), asked("name")])
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        assert "• /opt/shop  (found on this machine: compose.folder)" in text_of(app)
        await pilot.press("tab", "tab")
        await wait_until(pilot, lambda: focused(app) == "name")
        assert form.taken == []
        await pilot.press("shift+tab", "shift+tab", "enter")
        await until_taken(pilot, form)
        assert form.taken == [Given("folder", "/opt/shop")]


async def test_two_proposals_that_differ_are_both_shown_and_none_is_taken_by_an_empty_enter() -> None:
    """Each stands with its evidence; the arrow goes to the right one."""
    other = replace(FOUND, value="/opt/other", evidence="facts.unit.folder")
    form = FakeForm(
        [asked("folder", "path", proposals=(FOUND, other))], refuses=lambda one: "" if one.raw else "Needed"
    )
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        assert "compose.folder" in text_of(app)
        assert "unit.folder" in text_of(app)
        await pilot.press("enter")
        await wait_for_text(pilot, "! Needed")
        await pilot.press("down", "down", "enter")
        await until_taken(pilot, form, 2)
        assert form.taken[-1] == Given("folder", "/opt/other")


async def test_a_refused_value_says_why_at_the_field_and_escape_puts_back_what_stood() -> None:
    """The focus stays where the mistake is; what was refused can be given up."""
    held = FormQuestion(asked("port", "number"), Answer("port", 80, AnswerSource.FILE), open=False)
    form = FakeForm([held], refuses=lambda one: "'x' is not a number" if one.raw == "x" else "")
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await wait_for_text(pilot, "answers file")
        await wait_until(pilot, lambda: app.waited)
        await pilot.press("up")
        await wait_until(pilot, lambda: focused(app) == "port")
        await pilot.press("home", "ctrl+k", "x")
        await wait_for_text(pilot, "Not yet: 'x' is not a number")
        assert form.taken == []
        await pilot.press("enter")
        await wait_for_text(pilot, "! 'x' is not a number")
        assert focused(app) == "port"
        await pilot.press("y", "escape")
        await wait_until(pilot, lambda: Kept("port") in form.taken)
        await wait_for_text(pilot, "answers file")


async def test_what_is_typed_is_taken_when_the_person_goes_on() -> None:
    """Tab past a changed field gives it, once; an untouched one gives nothing."""
    form = FakeForm([asked("name"), asked("other")])
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        await pilot.press(*"shop", "tab")
        await until_taken(pilot, form)
        await pilot.press("shift+tab", "tab", "tab")
        await wait_until(pilot, lambda: isinstance(app.focused, Onward))
        assert form.taken == [Given("name", "shop")]


async def test_facts_that_arrive_never_overwrite_what_is_typed() -> None:
    """While the engine looks at the machine the person may type; proposals and questions come around the text."""
    begun, hold = threading.Event(), threading.Event()

    class Slow(FakeForm):
        def begin(self, *, in_order: bool = False) -> None:
            self.looked(FormView(tuple(self.questions), looking=("Compose file",)))
            begun.set()
            hold.wait(60)
            found = replace(self.questions[0].asked, proposals=(FOUND,))
            self.questions = [FormQuestion(found), FormQuestion(asked("late"))]
            self.looked(FormView(tuple(self.questions)))

    form = Slow([asked("folder", "path")])
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await wait_for_text(pilot, "Looking at the machine: Compose file")
        await until_open(pilot, app)
        await pilot.press(*"/my")
        hold.set()
        await wait_for_text(pilot, "Late")
        assert "Answer: /my" in text_of(app)
        assert "• /opt/shop" in text_of(app)
        await wait_until(pilot, lambda: "Looking at" not in text_of(app))
        assert form.taken == []


async def test_whoever_went_to_an_answered_question_meanwhile_stays_there() -> None:
    """The end of the look at the machine takes nobody away from where they went by themselves."""
    hold = threading.Event()

    class Slow(FakeForm):
        def begin(self, *, in_order: bool = False) -> None:
            self.looked(FormView(tuple(self.questions), looking=("Compose file",)))
            hold.wait(60)

    answer = Answer("one", "x", AnswerSource.FILE)
    app = FormApp(Slow([FormQuestion(asked("one"), answer, open=False), asked("two")]))
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: at(app, "two"))
        await pilot.press("up")
        await wait_until(pilot, lambda: at(app, "one"))
        hold.set()
        await wait_until(pilot, lambda: app.waited)
        await pilot.pause()
        assert at(app, "one")


async def test_an_enter_that_is_too_early_answers_nothing() -> None:
    """An empty field is not refused for what the machine will propose there a moment later."""
    hold = threading.Event()

    class Slow(FakeForm):
        def begin(self, *, in_order: bool = False) -> None:
            self.looked(FormView(tuple(self.questions), looking=("Compose file",)))
            hold.wait(60)
            self.questions = [FormQuestion(replace(self.questions[0].asked, proposals=(FOUND,)))]

    form = Slow([asked("folder", "path")])
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await wait_for_text(pilot, "Looking at the machine: Compose file")
        await until_open(pilot, app)
        await pilot.press("enter")
        await wait_for_text(pilot, "what is found is proposed here")
        hold.set()
        await wait_for_text(pilot, "enter takes /opt/shop")
        await wait_until(pilot, lambda: "still looked at" not in text_of(app))
        assert form.taken == []
        await pilot.press("enter")
        await until_taken(pilot, form)
        assert form.taken == [Given("folder", "/opt/shop")]


async def test_answers_given_while_the_engine_is_at_work_wait_their_turn() -> None:
    """Nothing blocks: two answers during a long look are both taken afterwards, in their order."""
    hold = threading.Event()

    class Slow(FakeForm):
        def take(self, what: Any) -> FormView:
            if not self.taken:
                hold.wait(60)
            return super().take(what)

    form = Slow([asked("one"), asked("two"), asked("three")])
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        await pilot.press("a", "enter")
        await wait_for_text(pilot, "taking it …")
        await pilot.press("tab", "b", "tab", "c", "tab")
        hold.set()
        await until_taken(pilot, form, 3)
        assert form.taken == [Given("one", "a"), Given("two", "b"), Given("three", "c")]


async def test_only_the_newest_check_counts() -> None:
    """Typing fast asks the engine once it is free for the text that stands there then, and never blocks the screen."""
    hold, free = threading.Event(), threading.Event()

    class Slow(FakeForm):
        def check(self, given: Given) -> Any:
            free.set()
            hold.wait(60)
            return super().check(given)

    form = Slow([asked("name")], refuses=lambda one: "too short" if len(one.raw) < 6 else "")
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        await pilot.press("a")
        await wait_until(pilot, free.is_set)
        await pilot.press(*"bcde")
        hold.set()
        await wait_for_text(pilot, "Not yet: too short")
        await wait_until(pilot, lambda: len(form.checked) == 2)
        assert [one.raw for one in form.checked] == ["a", "abcde"]


@pytest.mark.parametrize("way", ["typed", "pasted"])
async def test_a_secret_is_never_shown_nor_counted_and_is_gone_once_given(way: str) -> None:
    """No frame holds it or its length, whoever asks the widget has nothing, and what is sent is a Secret."""
    form = FakeForm([asked("pin", "secret"), asked("name")])
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        frames = []
        for one in ("hush", "hush-hush"):
            if way == "typed":
                await pilot.press(*one)
            else:
                from textual import events

                app.screen.focused.post_message(events.Paste(one + "\n"))  # type: ignore[union-attr]
            await pilot.pause()
            frames.append(text_of(app))
        assert frames[0] == frames[1]
        assert "hush" not in frames[0]
        await pilot.press("backspace", "enter")
        await until_taken(pilot, form)
        await wait_until(pilot, lambda: focused(app) == "name")
        assert form.taken == [Given("pin", Secret("hushhush-hus"))]
        assert form.checked == []
        field = next(one for one in app.screen.query(FormField) if one.question.id == "pin")
        assert field.leave() is None
        assert "(given; type to give another)" in text_of(app)


async def test_choices_are_taken_by_enter_and_ticked_by_space() -> None:
    """One of several, several of several, yes or no, and a value of one's own."""
    choices = (("a", "Apples"), ("b", "Bananas"))
    form = FakeForm(
        [
            asked("one", "choice", choices=choices, other=True),
            asked("some", "choices", choices=choices),
            asked("sure", "yes_no", proposals=(Proposal(False, AnswerSource.DEFAULT, ""),)),
        ]
    )
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        await pilot.press("down", "down", *"Cherries", "enter")
        await wait_until(pilot, lambda: focused(app) == "some")
        await pilot.press("space", "down", "space", "enter")
        await wait_until(pilot, lambda: focused(app) == "sure")
        assert "> ( ) no  (default)" in text_of(app)
        await pilot.press("enter")
        await wait_for_text(pilot, "All is answered: go on to the checks")
        assert form.taken == [Given("one", "Cherries"), Given("some", ["a", "b"]), Given("sure", False)]


def regions() -> tuple[tuple[str, str], ...]:
    """Two dozen choices."""
    return tuple((f"{where}-{number}", f"{where} {number}") for where in ("Europe", "Asia") for number in range(1, 13))


async def test_a_long_list_of_choices_is_filtered_by_typing(frame: Frame) -> None:
    """With its keys in sight at 80x24; characters with a meaning of their own are typed, and escape shows all again."""
    app = FormApp(form := FakeForm([asked("region", "choice", choices=regions())]))
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        await wait_for_text(pilot, "24 to choose from; / filters them")
        assert "/ Filter" in lines_of(app)[-1]
        await pilot.press("slash", *"wasia?")
        await wait_for_text(pilot, "> Filter: wasia?▏  none of 24; esc shows all")
        await pilot.press("enter")
        assert not form.taken
        await pilot.press("escape")
        await wait_for_text(pilot, "24 to choose from; / filters them")
        await pilot.press("slash", *"ASIA 12", "backspace")
        await wait_for_text(pilot, "> Filter: ASIA 1▏  4 of 24; esc shows all")
        frame(app)
        await pilot.press("enter", "down")
        await wait_for_text(pilot, "> ( ) Asia 10")
        await pilot.press("enter")
        await until_taken(pilot, form)
        assert form.taken == [Given("region", "Asia-10")]


async def test_where_all_is_answered_already_the_cursor_is_at_the_line_that_goes_on() -> None:
    """In the last section, although another one was made first and wanted the keys as soon as it was whole."""
    sections = ("One", "Two", "Three")
    answered = [
        FormQuestion(asked(name.lower(), section=name), Answer(name.lower(), "x", AnswerSource.OPERATOR), open=False)
        for name in sections
    ]
    app = FormApp(FakeForm(answered))
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: app.waited)
        await wait_for_text(pilot, "> All is answered: go on to the checks")
        await pilot.press("up")
        await wait_until(pilot, lambda: focused(app) == "three")


async def test_a_section_that_was_left_before_it_was_whole_takes_no_keys() -> None:
    """The keys it wanted while it was put on the screen stay where somebody has gone since."""
    pane = SectionPane(
        FormSection("One", "", (FormQuestion(asked("name"), Answer("name", "x", AnswerSource.OPERATOR), open=False),)),
        {},
    )
    async with OneScreen(Screen()).run_test(size=SIZE) as pilot:
        mounted = pilot.app.screen.mount(pane)
        pane.enter()
        pane.display = False
        await mounted
        await pilot.pause()
        assert pilot.app.focused is None


async def test_what_is_proposed_far_down_a_long_list_is_seen() -> None:
    """Also in a list nobody has gone to yet, and with more below it."""
    proposal = Proposal("Asia-7", AnswerSource.DEFAULT, "")
    form = FakeForm([asked("name"), asked("region", "choice", choices=regions(), proposals=(proposal,))])
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        assert focused(app) == "name"
        await wait_for_text(pilot, "( ) Asia 7  (default)")
        assert "↓ more" in text_of(app)


async def test_what_is_ticked_stays_ticked_behind_a_filter() -> None:
    """Ticks made under several filters are taken together; the cursor stays at what was found."""
    app = FormApp(form := FakeForm([asked("regions", "choices", choices=regions())]))
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        await pilot.press("slash", *"europe 3", "down", "space", "escape")
        await wait_for_text(pilot, "> [x] Europe 3")
        await pilot.press("slash", *"asia 7", "enter", "space")
        await wait_for_text(pilot, "Filter: asia 7  1 of 24, 2 ticked; esc shows all")
        await pilot.press("enter")
        await until_taken(pilot, form)
        assert form.taken == [Given("regions", ["Europe-3", "Asia-7"])]


async def test_the_mouse_takes_a_choice() -> None:
    """A click on a line takes it."""
    form = FakeForm([asked("one", "choice", choices=(("a", "Apples"), ("b", "Bananas")))])
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        row = next(number for number, line in enumerate(lines_of(app)) if "Bananas" in line)
        await pilot.click(offset=(12, row))
        await until_taken(pilot, form)
        assert form.taken == [Given("one", "b")]


async def test_an_optional_question_is_left_empty_by_a_word() -> None:
    """It says that it may be, and enter without text does it."""
    form = FakeForm([asked("note", optional=True)])
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        assert "It may be left empty." in text_of(app)
        await pilot.press("enter")
        await wait_for_text(pilot, "left empty (you)")
        assert form.taken == [Given("note", "")]


async def test_one_key_goes_on_and_says_what_is_still_open() -> None:
    """With something open ctrl+g goes there and says so; with all answered the engine goes on."""
    form = FakeForm([asked("name"), asked("host", section="Database")])
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        await pilot.press("pagedown")
        await wait_until(pilot, lambda: focused(app) == "host")
        await pilot.press(*"db", "ctrl+g")
        await wait_for_text(pilot, "Not yet: 1 question still open, the first is “Name”.")
        await wait_until(pilot, lambda: focused(app) == "name")
        assert form.taken == [Given("host", "db")]
        await pilot.press("x", "ctrl+g")
        await wait_until(pilot, app.filled.is_set)


async def test_questions_come_and_go_and_it_says_so() -> None:
    """What appears is put in its place, what goes takes nothing else along, and words say what changed."""

    class Growing(FakeForm):
        def take(self, what: Any) -> FormView:
            super().take(what)
            if what == Given("cluster", True):
                self.questions.insert(1, FormQuestion(asked("nodes", "number")))
                return replace(self.view(), changed=("Asked now: Nodes",))
            if what == Given("cluster", False):
                del self.questions[1]
                return replace(self.view(), changed=("Not asked any more: Nodes",))
            return self.view()

    form = Growing([asked("cluster", "yes_no"), asked("name")])
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        await pilot.press("enter")
        await wait_for_text(pilot, "Asked now: Nodes")
        await wait_until(pilot, lambda: focused(app) == "nodes")
        shown = [line.split()[1] for line in lines_of(app) if line.strip().startswith(("○", "✓"))]
        assert shown == ["Cluster", "Nodes", "Name"]
        await pilot.press("up")
        await wait_until(pilot, lambda: focused(app) == "cluster")
        await pilot.press("end", "enter")
        await wait_for_text(pilot, "Not asked any more: Nodes")
        assert all(one.question.id != "nodes" for one in app.screen.query(FormField))


async def test_why_no_way_leads_to_the_target_is_said_and_the_versions_are_gone_to() -> None:
    """All is answered, and still it does not go on: the reason stands there, enter leads to the version."""

    class Stuck(FakeForm):
        def view(self) -> FormView:
            return FormView(tuple(self.questions), path_problem="1.0 to 9.9 would be a downgrade")

    target = FormQuestion(
        asked("target_version", "version"), Answer("target_version", "9.9", AnswerSource.FILE), open=False
    )
    app = FormApp(Stuck([target]))
    async with app.run_test(size=SIZE) as pilot:
        await wait_for_text(pilot, "! 1.0 to 9.9 would be a downgrade")
        await wait_until(pilot, lambda: isinstance(app.focused, Onward))
        await pilot.press("enter")
        await wait_until(pilot, lambda: focused(app) == "target_version")
        assert not app.filled.is_set()


async def test_everything_can_be_read_by_scrolling_at_the_smallest_size() -> None:
    """A dozen questions with long reasons: wherever the focus goes, the field with it is seen."""
    why = "It is needed because " + "of many reasons " * 20
    form = FakeForm([asked(f"q{number}", why=why) for number in range(12)])
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        for _ in range(11):
            await pilot.press("tab")
        await wait_until(pilot, lambda: focused(app) == "q11")
        await wait_until(pilot, lambda: "Answer:" in text_of(app) and "Q11" in text_of(app))
        line = app.focused
        assert line is not None
        assert app.screen.region.contains_region(line.region)


async def test_text_of_the_guide_is_never_markup() -> None:
    """Brackets and escape sequences of a guide stand there as text."""
    form = FakeForm([asked("name", why="[/bar] [red]x \x1b[31m", label="[b]Name[/b]")])
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        assert "[b]Name[/b]" in text_of(app)
        assert "[/bar] [red]x" in text_of(app)


async def test_help_at_a_question_shows_how_and_the_words_of_the_guide() -> None:
    """F1 shows an example and what the glossary says of the words used."""
    form = FakeForm([asked("window", "time_window", why="The broker is away then.")])
    app = FormApp(form, glossary={"broker": "It passes messages on."})
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        await pilot.press("f1")
        await wait_for_text(pilot, "For example: 22:00-02:00")
        assert "broker: It passes messages on." in text_of(app)


@pytest.mark.parametrize("below", ["how", "problem"])
async def test_what_is_said_below_the_lowest_line_is_in_sight(below: str) -> None:
    """The explanation a key opens, and what is wrong with an answer, are seen without scrolling to them."""
    names = [f"q{number}" for number in range(8)]
    form = FakeForm([asked(name) for name in names], refuses=lambda _: "It does not fit.")
    app = FormApp(form, glossary={"q7": "The last of them."})
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        await pilot.press(*["tab"] * 7)
        await wait_until(pilot, lambda: focused(app) == "q7")
        await pilot.press(*(["f1"] if below == "how" else ["x", "enter"]))
        await wait_for_text(pilot, "q7: The last of them." if below == "how" else "! It does not fit.")
        assert "> Answer:" in text_of(app)


async def test_a_refused_secret_is_no_mistake_any_more_while_another_is_typed() -> None:
    """What was wrong is no longer said once something is typed; what is typed is not sent before it is given."""
    form = FakeForm(
        [asked("pin", "secret")], refuses=lambda one: "an answer is needed" if one.raw == Secret("") else ""
    )
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        await pilot.press("enter")
        await wait_for_text(pilot, "! an answer is needed")
        await pilot.press("h")
        await wait_for_text(pilot, "typed, not taken yet")
        assert "an answer is needed" not in text_of(app)
        assert form.checked == []


async def test_the_title_says_of_which_guide_and_that_it_is_a_rehearsal() -> None:
    """Where one is comes first, the guide last, where it is cut off before anything that changes."""
    screen = QuestionnaireScreen("one", rehearsal=True, glossary={}, guide_title="Upgrade Stockroom")
    async with OneScreen(screen).run_test(size=SIZE) as pilot:
        await wait_for_text(pilot, "REHEARSAL · Questions · Upgrade Stockroom")
        path = ("1.3.2", "1.4", "1.5")
        screen.form_changed(FormView((FormQuestion(asked("name")),), path=path, ready=True))
        await wait_for_text(pilot, "REHEARSAL · Questions · 0 of 1 answered · 1.3.2 → 1.4 → 1.5 · Upgrade Stockr")


async def test_sections_stand_beside_the_questions_where_there_is_room() -> None:
    """At 120 columns the sections are a list with their states in words; choosing one shows its questions."""
    form = FakeForm([asked("name"), asked("host", section="Database", problem="It was refused.")])
    app = FormApp(form)
    async with app.run_test(size=(120, 40)) as pilot:
        await until_asked(pilot, app)
        await wait_for_text(pilot, "1 problem, 1 open")
        await pilot.press("escape", "down")
        await wait_for_text(pilot, "! It was refused.")
        await pilot.press("enter")
        await wait_until(pilot, lambda: focused(app) == "host")


def test_an_incomplete_form_is_never_taken_as_filled_in() -> None:
    """Whatever a screen replies, the operator asks on until the form is complete."""
    from wizard.questions.form import Filled

    replies: list[Any] = [Filled(), Given("name", "x"), Filled()]
    seen: list[FillRequest] = []

    def post(message: Any) -> None:
        if isinstance(getattr(message, "request", None), FillRequest):
            seen.append(message.request)
            message.reply(replies.pop(0))

    ScreenOperator(post).fill(FakeForm([asked("name")]))
    assert [one.view.complete for one in seen] == [False, False, True]


async def test_a_section_that_is_not_drawn_yet_is_entered_once_it_is() -> None:
    """All is answered in sections of many questions: the last one, which takes its time, gets the focus in the end."""
    held = [
        FormQuestion(
            asked(f"port{number}", "number", section=f"Part {number // 60}"),
            Answer(f"port{number}", number, AnswerSource.FILE),
            open=False,
        )
        for number in range(120)
    ]
    app = FormApp(FakeForm(held))
    async with app.run_test(size=SIZE) as pilot:
        await wait_until(pilot, lambda: isinstance(app.focused, Onward))
        await wait_for_text(pilot, "Section 2 of 2: done")


async def test_escape_shows_the_sections_where_they_do_not_stand_beside_the_questions() -> None:
    """They take the place of the questions; enter goes into one, escape goes back."""
    app = FormApp(FakeForm([asked("folder"), asked("host", section="Network")]))
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        await pilot.press("escape")
        await wait_for_text(pilot, ">○ Service")
        assert "○ Network" in text_of(app)
        assert "esc Back" in text_of(app)
        assert "esc Sections" not in text_of(app)
        await pilot.press("escape")
        await wait_until(pilot, lambda: focused(app) == "folder")
        await pilot.press("escape")
        await wait_for_text(pilot, ">○ Service")
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: focused(app) == "host")
        assert "○ Service" not in text_of(app)


async def test_a_list_that_was_passed_by_shows_its_default_again() -> None:
    """Arrows over the options choose nothing: whoever comes back and presses enter takes what is proposed."""
    found = Proposal(False, AnswerSource.DEFAULT, "")
    app = FormApp(form := FakeForm([asked("first"), asked("sure", "yes_no", proposals=(found,)), asked("last")]))
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        await pilot.press("down", "up")
        await wait_for_text(pilot, "> ( ) yes")
        await pilot.press("up")
        await wait_until(pilot, lambda: focused(app) == "first")
        await pilot.press("down")
        await wait_for_text(pilot, "> ( ) no")
        await pilot.press("enter")
        await wait_until(pilot, lambda: form.taken)
        assert form.taken == [Given("sure", False)]


async def test_a_question_that_comes_while_its_section_is_being_drawn_is_shown() -> None:
    """The engine does not wait for the screen: what comes between two steps of drawing is not forgotten."""
    first, second = FormQuestion(asked("name")), FormQuestion(asked("host"))

    class Late(SectionPane):
        def compose(self) -> ComposeResult:
            yield from super().compose()
            self.show(FormSection("Service", "", (first, second)), (), "On")

    class Around(Stage):
        def compose(self) -> ComposeResult:
            yield Late(FormSection("Service", "", (first,)), {})

    app = OneScreen(Around())
    async with app.run_test(size=SIZE) as pilot:
        await wait_for_text(pilot, "Host")
        assert text_of(app).index("Name") < text_of(app).index("Host")


async def test_a_path_that_is_longer_than_the_line_is_seen_whole() -> None:
    """What enter would take is never cut off, however long a folder's name is."""
    folder = "/opt/" + "a-very-long-name-of-a-folder/" * 4 + "the-end"
    form = FakeForm([asked("folder", "path", proposals=(Proposal(folder, AnswerSource.MACHINE, "compose.folder"),))])
    app = FormApp(form)
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        proposed = text_of(app).partition("• ")[2]
        assert "".join(proposed.split()).startswith(f"{folder}(foundonthismachine:")


async def test_page_keys_lead_to_the_sections_however_long_one_is() -> None:
    """A section that does not fit the screen keeps the page keys from nobody."""
    app = FormApp(FakeForm([*(asked(f"q{number}") for number in range(12)), asked("host", section="Network")]))
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        await pilot.press("pagedown")
        await wait_until(pilot, lambda: focused(app) == "host")
        await pilot.press("pageup")
        await wait_until(pilot, lambda: focused(app) == "q0")


async def test_once_the_machine_is_looked_at_the_cursor_is_at_the_first_open_question() -> None:
    """It waited at one further down only because those before it were not judged yet; what is typed there holds it."""
    early = FormView((FormQuestion(asked("name"), open=False), FormQuestion(asked("host"))), ready=False)
    mistaken = asked("name", problem="answers.yaml:4: 'x' is no name")
    for typed, stays_at in (("", "name"), ("db", "host")):
        hold = threading.Event()
        app = FormApp(FakeForm([mistaken, asked("host")]), hold=hold)
        async with app.run_test(size=SIZE) as pilot:
            app.questionnaire.form_changed(early)
            await wait_until(pilot, partial(at, app, "host"))
            await pilot.press(*typed)
            hold.set()
            await wait_for_text(pilot, "answers.yaml:4")
            await wait_until(pilot, partial(at, app, stays_at))


async def test_the_cursor_stays_in_sight_where_questions_above_it_have_more_to_say() -> None:
    """Problems and proposals that come make what stands above longer, and push nothing out of sight."""
    names = [f"q{number}" for number in range(5)]
    app = FormApp(FakeForm([asked(name) for name in names]))
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        await pilot.press(*["tab"] * 4)
        await wait_until(pilot, lambda: focused(app) == "q4")
        longer = [FormQuestion(asked(name, problem="It does not fit.\n" * 4)) for name in names[:4]]
        app.questionnaire.form_changed(FormView((*longer, FormQuestion(asked("q4")))))
        await wait_for_text(pilot, "It does not fit.")
        await wait_for_text(pilot, "> Answer:")


async def test_a_given_value_that_is_no_choice_leaves_the_cursor_at_the_default() -> None:
    """Enter takes what is proposed, not the choice that happens to stand first."""
    proposed = Proposal("3.0", AnswerSource.DEFAULT, "")
    choices = (("1.1", "1.1"), ("3.0", "3.0"))
    target = asked("target", "choice", choices=choices, proposals=(proposed,), previous="9.0", problem="No such one.")
    app = FormApp(form := FakeForm([target]))
    async with app.run_test(size=SIZE) as pilot:
        await until_asked(pilot, app)
        await wait_for_text(pilot, "> ( ) 3.0")
        await pilot.press("enter")
        await until_taken(pilot, form)
        assert form.taken == [Given("target", "3.0")]
