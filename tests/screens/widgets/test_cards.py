"""Cards by keys alone and by mouse: every field is shown, every reply is what the engine is promised."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual import events
from textual.widgets import Input

from screens import requests
from screens.requests import FillRequest, Requested
from screens.widgets.card_base import Card
from screens.widgets.card_choices import Choices
from screens.widgets.card_confirm import ConfirmCard
from screens.widgets.card_for import card_for
from screens.widgets.card_rows import CardText, Row, Tick
from tests.screens.frames import wait_for_text, wait_until
from tests.screens.widgets.cards import LARGE, SMALL, Asked, asked
from wizard.run.operator import (
    Choice,
    ChoiceRequest,
    Chosen,
    Confirmed,
    ConfirmRequest,
    Looked,
    RecordField,
    SecretRequest,
    TickBox,
)
from wizard.secrets import Secret

if TYPE_CHECKING:
    from typing import Any

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE])

PLAIN = ConfirmRequest(
    "stop", "2.1 Stop the service", "Do this now?", shown=("systemctl stop app", "sleep 1"), where="in /srv, as root"
)
FULL = ConfirmRequest(
    "begin",
    "1.3 Before the outage",
    "Everyone has to know.",
    ticks=(TickBox("The users were told"), TickBox("The backup is elsewhere")),
    typed="begin now",
    records=(RecordField("change", "Number of the change"), RecordField("who", "Who was told", optional=True)),
    danger=True,
    opens="https://change.example/42",
    lines=("last line of the output",),
)
FAILED = ChoiceRequest(
    "failed:migrate",
    "4.2 Migrate failed",
    "the command ended with exit 1\nA known error: stop the old service first.",
    (
        Choice("again", "Run it again, not known to be safe", reason=True, danger=True),
        Choice("done", "Mark it done", reason=True),
        Choice("undo", "Undo this step"),
        Choice("undo-run", "Undo the whole run", danger=True),
        Choice("stop", "Stop here; it can be resumed"),
    ),
    lines=("ERROR: table is locked", "rolled back"),
)
STALLED = ChoiceRequest(
    "stalled:pull",
    "3.1 Pull seems stuck",
    "It has printed nothing for 10 min.",
    (Choice("wait", "Wait on"), Choice("stop", "Stop the command", danger=True)),
    default="wait",
)
GATE = ChoiceRequest(
    "gate:nodes",
    "5 Enough nodes",
    "Only two nodes answer.",
    (
        Choice("hold", "Do not go on"),
        Choice("override", "Go on all the same", reason=True, typed="nodes", danger=True),
    ),
    default="hold",
)


@pytest.fixture(autouse=True)
def quiet_at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cards open soon, but for the tests of what is typed before they do."""
    if request.function not in (
        test_what_is_typed_ahead_answers_nothing,
        test_it_stays_closed_as_long_as_somebody_types,
    ):
        monkeypatch.setattr(Card, "QUIET", 0.02)


# -- the word ------------------------------------------------------------------------------------


@SIZES
async def test_a_plain_yes_takes_an_arrow_and_enter(size: tuple[int, int]) -> None:
    """What will happen is shown with its place, and enter alone says nothing."""
    async with asked(PLAIN, size) as it:
        assert "$ systemctl stop app" in it.text
        assert "This will happen, in /srv, as root:" in it.text
        await it.press("enter", "space", "enter")
        assert not it.requested.answered
        await it.press("down", "enter")
        assert it.reply == Confirmed(yes=True)
        assert it.app.dismissed


@pytest.mark.parametrize("keys", [("n", "enter"), ("2", "enter"), ("down", "down", "space"), ("tab", "tab", "enter")])
async def test_a_no_by_any_way_to_it(keys: tuple[str, ...]) -> None:
    """Letter, digit, arrows and tab lead to the same row; only enter or space takes it."""
    async with asked(PLAIN) as it:
        await it.press(*keys[:-1])
        assert not it.requested.answered
        await it.press(keys[-1])
        assert it.reply == Confirmed(yes=False)


@SIZES
async def test_everything_that_is_wanted_is_filled_by_keys(size: tuple[int, int]) -> None:
    """Boxes, exact words, notes: the row of yes says what is missing until nothing is."""
    async with asked(FULL, size) as it:
        for words in ("DANGER", "Everyone has to know.", "https://change.example/42", "| last line of the output"):
            assert words in it.text
        assert "(c copies it, once you are at the replies)" in it.text, "in a line c is a letter"
        assert "Yes (not yet: 2 not ticked, words not typed, 1 to fill in)" in it.text
        await it.press("space", "down", "enter", "down")
        assert "[x] The users were told" in it.text
        await it.type("begin now")
        await it.press("enter")
        await it.type("42")
        await it.press("enter", "enter", "enter")
        assert it.reply == Confirmed(yes=True, records={"change": "42"})


async def test_a_yes_too_early_leads_to_what_is_missing() -> None:
    """Nothing is replied; the first box that is not ticked has the focus, and empty lines say what they want."""
    async with asked(FULL) as it:
        await it.press("y", "enter")
        assert not it.requested.answered
        assert isinstance(it.app.focused, Tick)
        assert "Something is needed here." in it.text
        assert "That is not the same." in it.text or "Not complete yet." in it.text


async def test_exact_words_are_checked_while_typed_and_cannot_be_pasted() -> None:
    """They are there to be read, so the clipboard does not count; blanks around them are a difference."""
    async with asked(replace(FULL, ticks=(), records=())) as it:
        it.app.post_message(events.Paste("begin now"))
        await wait_for_text(it.pilot, "nothing was pasted")
        await it.type("begin")
        assert "Not complete yet." in it.text
        await it.type("x")
        assert "That is not the same." in it.text
        await it.press("backspace", "space", "n", "o", "w", "enter", "enter")
        assert it.reply == Confirmed(yes=True)


async def test_a_danger_without_exact_words_is_asked_about_once_more() -> None:
    """The same key twice goes back; going on takes another one between."""
    async with asked(replace(PLAIN, danger=True)) as it:
        await it.press("y", "enter", "enter")
        assert not it.requested.answered
        await it.press("enter", "down", "enter")
        assert it.reply == Confirmed(yes=True)


async def test_the_letters_still_lead_to_a_reply_once_it_is_asked_again() -> None:
    """Y leads to carrying it out and n back, not to the rows that are out of sight; enter takes either."""
    async with asked(replace(PLAIN, danger=True)) as it:
        await it.press("y", "enter", "y")
        assert "> 2 ! Yes, do it" in it.text
        await it.press("n", "enter")
        assert "nothing is done" not in it.text
        assert not it.requested.answered
        await it.press("enter", "y", "enter")
        assert it.reply == Confirmed(yes=True)


async def test_enter_takes_no_tick_back() -> None:
    """After space it goes on to the next, as after a line; only space takes a tick back, and the hint says so."""
    async with asked(FULL) as it:
        assert "space: tick" in it.text
        await it.press("space", "enter", "enter", "enter")
        assert it.text.count("[x]") == 2
        assert isinstance(it.app.focused, Input)
        await it.press("up", "space")
        assert it.text.count("[x]") == 1


async def test_it_can_be_left_for_later_with_a_reason() -> None:
    """Only where the request says why it may be; without a reason nothing is replied."""
    async with asked(replace(PLAIN, item=2, shown=(), defer="the node may stay in")) as it:
        assert "It may be left for after the run: the node may stay in" in it.text
        assert "Yes, it is done" in it.text
        await it.press("3", "enter", "enter", "down", "down", "enter")
        assert not it.requested.answered
        await it.type("later is fine")
        await it.press("enter", "enter")
        assert it.reply == Confirmed(yes=False, deferred="later is fine")


async def test_a_long_difference_scrolls_and_keeps_the_replies_in_sight() -> None:
    """A thousand lines, the sign of each in front; tab leads to the replies at once."""
    lines = ("--- a.conf", "+++ a.conf", "@@ -1 +1 @@", *(f"+line {number}" for number in range(1000)))
    async with asked(replace(PLAIN, shown=(), difference=lines)) as it:
        assert "+line 1" in it.text
        assert "1 Yes, do it" in it.text
        await it.press("pagedown", "pagedown")
        assert "+line 30" in it.text
        await it.press("tab", "enter")
        assert it.reply == Confirmed(yes=True)


async def test_the_address_is_copied_and_never_opened() -> None:
    """The key only copies; the address stands whole on the screen."""
    async with asked(replace(PLAIN, opens="https://lb.example/a/b")) as it:
        await it.press("c")
        assert it.app.clipboard == "https://lb.example/a/b"


# -- decisions -----------------------------------------------------------------------------------


@SIZES
async def test_a_failure_shows_why_and_proposes_nothing(size: tuple[int, int]) -> None:
    """The last lines, the advice and all choices stand there; enter alone takes none of them."""
    async with asked(FAILED, size) as it:
        for words in ("! 4.2 Migrate failed", "exit 1", "A known error", "| ERROR: table is locked", "5 Stop here"):
            assert words in it.text
        await it.press("enter")
        assert not it.requested.answered
        await it.press("3", "enter")
        assert it.reply == Chosen("undo")


async def test_a_choice_with_a_reason_wants_one_and_escape_goes_back() -> None:
    """An empty reason is refused; escape forgets the choice and answers nothing."""
    async with asked(FAILED) as it:
        await it.press("2", "enter", "enter")
        assert "Something is needed here." in it.text
        await it.press("escape")
        assert "1 ! Run it again" in it.text
        await it.press("enter")
        await it.type("seen by hand")
        await it.press("enter", "enter")
        assert it.reply == Chosen("done", "seen by hand")


async def test_a_dangerous_choice_needs_a_second_key() -> None:
    """Enter, enter goes back to the choices; the danger stands there as a word and a sign."""
    async with asked(FAILED) as it:
        assert "4 ! Undo the whole run" in it.text
        await it.press("4", "enter")
        assert "This is dangerous." in it.text
        await it.press("enter")
        assert not it.requested.answered
        await it.press("4", "enter", "2", "enter")
        assert it.reply == Chosen("undo-run")


async def test_a_card_may_be_withdrawn_while_a_choice_is_asked_about_once_more() -> None:
    """Who takes the session over may answer in the moment of the key: nothing is left to be asked, and nothing ends."""
    async with asked(FAILED) as it:
        choices = it.card.query_one(Choices)
        await asyncio.gather(choices._row_taken(Row.Taken(choices.query(Row)[3])), choices.remove())
        assert not it.requested.answered


async def test_what_a_choice_will_do_is_read_before_the_yes() -> None:
    """Its words stand in the place of what happened and scroll, with the replies in sight; escape brings that back."""
    says = ("20 steps are taken back.", *(f"  1.{number} Step: it [/bar] is put back" for number in range(20, 0, -1)))
    ways = (Choice("stop", "Stop here"), Choice("undo-run", "Undo the whole run", danger=True, says=says))
    async with asked(replace(FAILED, choices=ways)) as it:
        assert "exit 1" in it.text
        await it.press("2", "enter")
        for words in ("20 steps are taken back.", "This is dangerous.", "> 1 Back; nothing is done", "2 ! Yes: Undo"):
            assert words in it.text
        assert "exit 1" not in it.text
        assert "1.1 Step" not in it.text
        await it.press("pagedown", "pagedown")
        assert "1.1 Step: it [/bar] is put back" in it.text
        assert "2 ! Yes: Undo" in it.text
        await it.press("escape")
        assert "exit 1" in it.text
        assert "taken back" not in it.text
        await it.press("enter", "2", "enter")
        assert it.reply == Chosen("undo-run")


async def test_what_is_harmless_but_says_what_it_will_do_is_asked_once_more() -> None:
    """Its words and a second key, without the word of danger."""
    undo = Choice("undo", "Undo this step", says=("1 step is taken back.",))
    async with asked(replace(FAILED, choices=(undo, Choice("stop", "Stop here")), default="undo")) as it:
        await it.press("enter")
        assert not it.requested.answered, "what asks once more is proposed to nobody"
        await it.press("1", "enter")
        assert "1 step is taken back." in it.text
        assert "dangerous" not in it.text
        await it.press("2", "enter")
        assert it.reply == Chosen("undo")


async def test_a_harmless_proposal_takes_one_enter() -> None:
    """What the engine proposes has the focus from the start, unless it is dangerous."""
    async with asked(STALLED) as it:
        await it.press("enter")
        assert it.reply == Chosen("wait")
    async with asked(replace(STALLED, default="stop")) as it:
        await it.press("enter")
        assert not it.requested.answered


async def test_words_and_a_reason_together() -> None:
    """A gate is passed by its exact name and why, in this order, and not by one of them."""
    async with asked(GATE) as it:
        await it.press("down", "enter")
        await it.type("nodes")
        await it.press("enter")
        await it.press("enter")
        assert not it.requested.answered
        await it.type("third is mended")
        await it.press("enter", "enter")
        assert it.reply == Chosen("override", "third is mended")


async def test_many_choices_scroll_and_leave_room_to_read() -> None:
    """Thirty choices under some lines: text stays in sight, and the last one can be reached."""
    choices = tuple(Choice(str(number), f"Item {number}") for number in range(30))
    async with asked(ChoiceRequest("which", "Which", "first\nsecond", choices)) as it:
        assert "second" in it.text
        await it.press("down", *(["down"] * 29))
        assert "> Item 29" in it.text
        await it.press("enter")
        assert it.reply == Chosen("29")


@SIZES
async def test_the_mouse_takes_and_never_takes_a_danger_at_once(size: tuple[int, int]) -> None:
    """A click on a row is enough for what is harmless."""
    async with asked(FAILED, size) as it:
        await it.pilot.click(it.card.query_one(Choices).row("undo-run"))
        await it.pilot.pause()
        assert not it.requested.answered
        await it.pilot.click(it.card.query("_Once Row").first())
        await it.pilot.pause()
        await it.pilot.click(it.card.query_one(Choices).row("stop"))
        await it.pilot.pause()
        assert it.reply == Chosen("stop")


async def test_boxes_are_ticked_by_the_mouse() -> None:
    """A click ticks, another takes that back."""
    async with asked(replace(FULL, typed="", records=(), danger=False)) as it:
        first, second = it.card.query(Tick)
        for tick in (first, second, second, second):
            await it.pilot.click(tick)
        await it.pilot.click(it.card.query_one(Choices).row("yes"))
        await it.pilot.pause()
        assert it.reply == Confirmed(yes=True)


# -- what must not answer ------------------------------------------------------------------------


@pytest.mark.parametrize("request_", [PLAIN, FAILED, STALLED], ids=["confirm", "failed", "stalled"])
async def test_what_is_typed_ahead_answers_nothing(
    request_: ConfirmRequest | ChoiceRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`y`, enter, a digit and arrows pressed as the card appears are swallowed, and so are clicks."""
    usual = Card.QUIET
    # However long a busy machine takes to draw it, the keyboard has not been quiet for a while.
    monkeypatch.setattr(Card, "QUIET", 60.0)
    async with asked(request_, opened=False) as it:
        for key in ("y", "enter", "1", "enter", "down", "enter", "tab", "space", "enter"):
            await it.pilot.press(key)
        await wait_until(it.pilot, lambda: it.card.query(Row))
        await it.pilot.click(it.card.query(Row).first())
        await it.pilot.pause()
        assert not it.requested.answered
        assert not it.card.open
        monkeypatch.setattr(Card, "QUIET", usual)
        await it.pilot.press("down")
        await it.opened()
        assert not it.requested.answered


async def test_it_stays_closed_as_long_as_somebody_types(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every key begins the quiet time anew, so a typist who does not look up answers nothing."""
    usual = Card.QUIET
    monkeypatch.setattr(Card, "QUIET", 600.0)  # however long a key takes here, the next one comes in time
    async with asked(STALLED, opened=False) as it:
        await wait_until(it.pilot, lambda: it.card._quiet.waits)
        begun = [it.card._quiet._timer]
        for _ in range(6):
            await it.pilot.press("enter")
            assert not it.card.open
            begun.append(it.card._quiet._timer)
        assert len(set(begun)) == 7
        assert all(timer is not None and timer.cancelled() for timer in begun[:-1]), "of those before none opens it"
        assert not it.requested.answered
        monkeypatch.setattr(Card, "QUIET", usual)
        await it.pilot.press("down")
        await it.opened()


@pytest.mark.parametrize("request_", [PLAIN, FAILED, GATE, FULL, SecretRequest("p", "Password")])
async def test_escape_answers_nothing(request_: ConfirmRequest | ChoiceRequest | SecretRequest) -> None:
    """It hides the card to show what is behind, and says how it comes back."""
    async with asked(request_) as it:
        await it.press("escape")
        assert "A question waits for you: escape shows it again" in it.text
        await it.press("enter", "1", "enter")
        assert not it.requested.answered
        await it.press("escape")
        assert it.card.region.area
        await it.opened()


async def test_a_card_replies_once() -> None:
    """What comes after the first reply is not heard, and a card whose request was refused opens no more."""
    requested = Requested(STALLED)
    card = card_for(requested)
    requested.refuse(RuntimeError("left"))
    card.reply(Chosen("stop"))
    with pytest.raises(RuntimeError, match="left"):
        requested.wait()


async def test_text_from_outside_is_shown_as_it_is() -> None:
    """Markup is no markup, escape sequences are gone, and what cannot be seen in a command is spelled out."""
    request = ConfirmRequest(
        "x",
        "[/bar] title \x1b[31mred",
        "[bold]say[/bold]\x07 [link=x]",
        ticks=(TickBox("tick [/bar]"),),
        records=(RecordField("r", "record [@click=quit]"),),
        shown=("echo \x1b[2J[/bar]",),
        difference=("+added [/bar]\x1b[1m",),
        lines=("line [/x]",),
        opens="https://x/[/bar]",
    )
    async with asked(request, LARGE) as it:
        for words in (
            "[/bar] title red", "[bold]say[/bold] [link=x]", "tick [/bar]", "record [@click=quit]",
            r"$ echo \x1b[2J[/bar]", r"+added [/bar]\x1b[1m", "| line [/x]", "https://x/[/bar]",
        ):  # fmt: skip
            assert words in it.text, words


# -- secrets -------------------------------------------------------------------------------------


async def test_a_secret_is_taken_and_stands_nowhere() -> None:
    """It is masked while typed, given as a Secret, and the line is empty afterwards."""
    async with asked(SecretRequest("password", "Password of the database", "It was never stored.")) as it:
        await it.press("enter")
        assert "Something is needed here." in it.text
        await it.type("hunter2")
        assert "hunter2" not in it.text
        assert "•••••••" in it.text
        line = it.card.query_one(Input)
        await it.press("enter")
        assert it.reply == Secret("hunter2")
        assert line.value == ""


async def test_a_secret_is_pasted_once() -> None:
    """As it is, but for the line end a safe puts behind it; neither several lines nor signs that nobody sees."""
    async with asked(SecretRequest("password", "Password")) as it:
        it.app.post_message(events.Paste("-- begin --\nhunter2\n-- end --\n"))
        it.app.post_message(events.Paste("\x1b[1mhunter3\x1b[0m\n"))
        it.app.post_message(events.Paste("hunter2\n"))
        await wait_for_text(it.pilot, "•••••••")
        await it.press("enter")
        assert it.reply == Secret("hunter2")


async def test_lines_pasted_into_a_line_are_all_there() -> None:
    """A record holds one line: several become one, once, none is dropped unseen, and nothing in it acts as a key."""
    async with asked(replace(PLAIN, records=(RecordField("why", "Why"),))) as it:
        it.card.query_one(Input).focus()
        it.app.post_message(events.Paste("agreed with \x1b[1mAnn\x1b[0m,\n  ticket 42\n"))
        await wait_for_text(it.pilot, "agreed with Ann, ticket 42")
        assert it.card.query_one(Input).value == "agreed with Ann, ticket 42"


async def test_a_secret_that_is_not_given_is_forgotten() -> None:
    """What was typed when the dialog is closed from outside is not kept in the widget."""
    async with asked(SecretRequest("password", "Password")) as it:
        await it.type("hunter2")
        line = it.card.query_one(Input)
        it.requested.refuse(RuntimeError("left"))
        it.app.shown.dismiss(None)
        await wait_until(it.pilot, lambda: it.app.dismissed and not line.is_attached)
        assert line.value == ""


# -- boxes that tick themselves --------------------------------------------------------------------


async def test_a_box_ticks_itself_while_its_check_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's thread looks while it waits; what was seen is shown, and the word is still the person's."""
    monkeypatch.setattr(requests, "GLANCE_EVERY", 0.05)
    monkeypatch.setattr(requests, "LOOK_EVERY", 0.05)
    seen = Looked(holds=False, seen=("Port 8080: open [/bar]",))
    looks = 0

    def look() -> Looked:
        nonlocal looks
        looks += 1
        return seen

    async with asked(replace(PLAIN, shown=(), item=1, look=look)) as it:
        replies: list[Any] = []
        engine = threading.Thread(target=lambda: replies.append(it.requested.wait()), daemon=True)
        engine.start()
        await wait_for_text(it.pilot, "[ ] its check does not hold yet")
        assert "Port 8080: open [/bar]" in it.text
        seen = Looked(holds=True, seen=("Port 8080: closed",))
        await wait_for_text(it.pilot, "[x] its check holds")
        seen = Looked(holds=False, seen=("Port 8080: open",))
        await wait_for_text(it.pilot, "[ ] its check does not hold yet")
        assert not it.requested.answered
        await it.press("y", "enter")
        await wait_until(it.pilot, lambda: replies == [Confirmed(yes=True)])
        after = looks
        await asyncio.sleep(0.2)
        assert looks == after
        engine.join(30)


# -- any request -----------------------------------------------------------------------------------

_TEXT = st.text(max_size=60)
_WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=6)
_CHOICES = st.lists(
    st.builds(Choice, key=_WORDS, label=_TEXT, reason=st.booleans(), typed=st.just("") | _WORDS, danger=st.booleans()),
    min_size=1,
    max_size=12,
    unique_by=lambda choice: choice.key,
).map(tuple)
_RECORDS = st.lists(
    st.builds(RecordField, id=_WORDS, label=_TEXT, optional=st.booleans()), max_size=2, unique_by=lambda one: one.id
).map(tuple)
_REQUESTS = (
    st.builds(
        ConfirmRequest,
        id=_WORDS,
        title=_TEXT,
        say=_TEXT,
        ticks=st.lists(st.builds(TickBox, say=_TEXT), max_size=4).map(tuple),
        typed=st.just("") | _WORDS,
        records=_RECORDS,
        danger=st.booleans(),
        shown=st.lists(_TEXT, max_size=3).map(tuple),
        where=_TEXT,
        difference=st.lists(_TEXT, max_size=30).map(tuple),
        lines=st.lists(_TEXT, max_size=5).map(tuple),
        opens=_TEXT,
        item=st.integers(0, 3),
        defer=st.just("") | _TEXT,
    )
    | st.builds(
        ChoiceRequest,
        id=_WORDS,
        title=_TEXT,
        text=_TEXT,
        choices=_CHOICES,
        lines=st.lists(_TEXT, max_size=9).map(tuple),
    )
    | st.builds(SecretRequest, id=_WORDS, label=_TEXT, why=_TEXT)
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(request_=_REQUESTS, pick=st.integers(0, 11))
def test_any_request_can_be_answered_by_keys(
    request_: ConfirmRequest | ChoiceRequest | SecretRequest, pick: int
) -> None:
    """Whatever the engine puts, keys alone give a reply of the type it is promised."""
    asyncio.run(_answer(request_, pick))


async def _answer(request: ConfirmRequest | ChoiceRequest | SecretRequest, pick: int) -> None:
    async with asked(request) as it:
        match request:
            case SecretRequest():
                await it.press("s", "enter")
                assert it.reply == Secret("s")
            case ConfirmRequest():
                await _say_yes(it, request)
                noted = {one.id: "r" for one in request.records}
                assert it.reply == Confirmed(yes=True, records=noted)
            case ChoiceRequest():
                choice = request.choices[pick % len(request.choices)]
                await _take(it, choice)
                assert it.reply == Chosen(choice.key, "r" if choice.reason else "")


async def _say_yes(it: Asked, request: ConfirmRequest) -> None:
    card = it.card
    assert isinstance(card, ConfirmCard)
    for tick in card.query(Tick):
        tick.focus()
        await it.press("space")
    wanted = [*([request.typed] if request.typed else []), *("r" for _ in request.records)]
    for line, text in zip(card.query(Input), wanted, strict=True):
        line.focus()
        await it.type(text)
    card.query_one(Choices).row("yes").focus()
    await it.press("enter")
    if request.danger and not request.typed:
        await it.press("down", "enter")


async def _take(it: Asked, choice: Choice) -> None:
    it.card.query_one(Choices).row(choice.key).focus()
    await it.press("enter")
    if not (choice.typed or choice.reason or choice.danger):
        return
    if choice.typed:
        await it.type(choice.typed)
        await it.press("enter")
    if choice.reason:
        await it.press("r", "enter")
    if not (choice.typed or choice.reason):
        await it.press("down")
    await it.press("enter")


async def test_a_request_with_a_screen_of_its_own_has_no_card() -> None:
    """The questionnaire is no card, and asking for one is a mistake that says so."""
    with pytest.raises(TypeError, match="FillRequest"):
        card_for(Requested(FillRequest(None)))  # type: ignore[arg-type]


async def test_a_choice_that_was_given_up_is_not_carried_out_by_the_next_one() -> None:
    """Back and another choice in one breath: what is asked about then is the other one, with nothing of the first."""
    async with asked(FAILED) as it:
        choices = it.card.query_one(Choices)
        await it.press("4", "enter")
        choices.action_back()
        choices.row("done").action_take()
        await it.pilot.pause()
        assert not it.requested.answered
        assert "Yes: Mark it done" in it.text
        assert "This is dangerous." not in it.text


async def test_a_scrollbar_makes_no_line_longer() -> None:
    """A card that was cut off for a while is whole again: what was hidden is not pushed out by the scrollbar itself."""
    line = "x" * 72
    long = ConfirmRequest("long", "Read it", say="\n".join([line] * 10))
    async with asked(long) as it:
        text = it.card.query_one(CardText)
        assert it.text.count(line) == 10
        it.card.styles.max_height = 9
        await wait_until(it.pilot, lambda: text.show_vertical_scrollbar)
        it.card.styles.max_height = "100%"
        await wait_until(it.pilot, lambda: it.text.count(line) == 10)
        await wait_until(it.pilot, lambda: not text.show_vertical_scrollbar)


async def test_the_keys_that_are_named_are_those_that_do_something() -> None:
    """Until a reply is gone to, enter takes none, and it is not said that it does."""
    async with asked(PLAIN) as it:
        assert "enter: take" not in it.text
        assert "down: to the replies" in it.text
        await it.press("down")
        assert "enter: take" in it.text
        await it.press("up")
        assert "enter: take" not in it.text


async def test_tab_goes_from_line_to_line() -> None:
    """What is typed after tab lands in the next line of the same card, and shift+tab goes back to the one before."""
    async with asked(GATE) as it:
        await it.press("down", "enter")
        await it.type("nodes")
        await it.press("tab")
        await it.type("third is mended")
        await it.press("shift+tab", "tab", "tab", "down", "enter")
        assert it.reply == Chosen("override", "third is mended")


async def test_a_choice_asked_about_once_more_keeps_the_keys() -> None:
    """Coming back to a card in the middle of a choice leads to what is asked, not to the rows that are out of sight."""
    danger = replace(PLAIN, danger=True)
    for request, keys in ((GATE, ("down", "enter")), (danger, ("y", "enter"))):
        async with asked(request) as it:
            await it.press(*keys)
            it.card.come_back()
            await it.opened()
            await it.press("escape")
            assert "nothing is done" not in it.text
            assert isinstance(it.app.focused, Row)
