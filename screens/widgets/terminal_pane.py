"""A command's terminal: its screen as it is now, typing into it, and all it ever printed, from disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, Self

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.worker import get_current_worker

from screens.textual_caches import forget_painted_rows
from screens.widgets.output_live import LEAVE_KEY, TYPE_KEY, OutputLive
from screens.widgets.output_pager import OutputPager
from screens.widgets.output_prompt import Asked, OutputPrompt, OutputState
from screens.widgets.output_search import Search
from wizard.counting import counted
from wizard.errors import HostError, UsageError
from wizard.run.output_saving import as_text, save_output
from wizard.units import show_size

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget
    from textual.worker import Worker

    from screens.output import Output
    from wizard.run.output_search import Match

COPIED_MOST: Final = 48 << 10
"""Bytes that go to the clipboard at once: terminals drop or cut longer sequences."""

SEARCHING: Final = "output search"
SAVING: Final = "output saving"


class TerminalPane(Vertical):
    """Shows one command; give it the focus, and its keys work."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(TYPE_KEY, "type", "Type", id="output.type", tooltip="Keys go to the command until ctrl+]"),
        Binding(TYPE_KEY, "no_typing", "No typing", show=False, id="output.no-typing",
                tooltip="Says why nothing can be typed"),
        Binding(LEAVE_KEY, "leave_typing", "Stop typing", key_display="^]", id="output.leave-typing",
                tooltip="Keys go to the wizard again; pressed once more it goes to the command"),
        Binding(LEAVE_KEY, "pass_leave_key", "Type ^]", key_display="^]", show=False, id="output.pass-leave-key",
                tooltip="Type this very key into the command, and go on typing"),
        Binding("slash", "search", "Search", key_display="/", id="output.search", tooltip="Search all of the output"),
        Binding("n", "search_again(False)", "Next", show=False, id="output.next",
                tooltip="The next match; where nothing was searched for, the next line that tells of an error"),
        Binding("N", "search_again(True)", "Previous", show=False, id="output.previous",
                tooltip="The match before; where nothing was searched for, the line before that tells of an error"),
        Binding("e", "error(False)", "Error", id="output.error", tooltip="The next line that tells of an error"),
        Binding("E", "error(True)", "Error before", show=False, id="output.error-before",
                tooltip="The line before that tells of an error"),
        Binding("v", "select", "Select", show=False, id="output.select", tooltip="Select lines: move, then y or s"),
        Binding("y", "copy", "Copy", id="output.copy", tooltip="Copy the selected lines, or what is shown"),
        Binding("s", "save", "Save", show=False, id="output.save",
                tooltip="Save the selected lines, or all of it, in a file"),
        Binding("up,k", "back('up')", "Up", show=False, id="output.back-up", tooltip="Look at what was printed before"),
        Binding("pageup,b", "back('page_up')", "Page up", show=False, id="output.back-page",
                tooltip="Look at what was printed before"),
        Binding("home,g", "back('home')", "Start", show=False, id="output.back-home",
                tooltip="The first line of the output"),
        Binding("end,G", "live", "End", show=False, id="output.end", tooltip="The screen as it is now"),
        Binding("escape", "give_up", "Back", show=False, id="output.back",
                tooltip="Leave the search, the selection, or what was printed before"),
        Binding("left", "shift(-1)", "Left", show=False, id="output.shift-left", tooltip="Further left"),
        Binding("right", "shift(1)", "Right", show=False, id="output.shift-right", tooltip="Further right"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    TerminalPane {
        height: 1fr;
        width: 1fr;
    }
    TerminalPane OutputPager {
        display: none;
    }
    TerminalPane.-back OutputPager {
        display: block;
    }
    TerminalPane.-back OutputLive {
        display: none;
    }
    TerminalPane.-asking OutputState {
        display: none;
    }
    """

    class TypingChanged(Message):
        """Keys go to the command from now on, or no longer do."""

        def __init__(self, *, on: bool) -> None:
            """Say which."""
            super().__init__()
            self.on = on

    class Ended(Message):
        """The command has ended, and its last screen is shown."""

    class AsksHidden(Message):
        """The command asks for something that it does not show, and `pane` does not have the keys."""

        def __init__(self, pane: TerminalPane) -> None:
            """Say which."""
            super().__init__()
            self.pane = pane

    class _Looking(Message):
        """A search is so far."""

        def __init__(self, worker: Worker[None], search: Search, percent: int) -> None:
            super().__init__()
            self.worker = worker
            self.search = search
            self.percent = percent

    class _Looked(Message):
        """A search is through, and found this or nothing."""

        def __init__(self, worker: Worker[None], search: Search, match: Match | None) -> None:
            super().__init__()
            self.worker = worker
            self.search = search
            self.match = match

    class _Saved(Message):
        """Saving is so far, or through."""

        def __init__(self, worker: Worker[None], words: str, *, over: bool = True) -> None:
            super().__init__()
            self.worker = worker
            self.words = words
            self.over = over

    def __init__(
        self,
        output: Output,
        *,
        save_as: str = "output.txt",
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's word
        classes: str | None = None,
    ) -> None:
        """Show `output`; `save_as` is the file name that is proposed for saving it."""
        super().__init__(name=name, id=id, classes=classes)
        self._output = output
        self._save_as = save_as
        self._wanted: Search | None = None
        """What somebody searched for last."""
        self._match: Match | None = None
        self._note = ""
        self._selecting = False

    # -- children --------------------------------------------------------------------------------
    # They are others for each command: `query_one` would keep the last thousand of them.

    @property
    def whole(self) -> bool:
        """Whether they are there: not between two commands, nor while this is taken off the screen."""
        return {OutputLive, OutputPager, OutputState, OutputPrompt} <= {type(child) for child in self.children}

    @property
    def live(self) -> OutputLive:
        """The screen as it is now."""
        return self.get_child_by_type(OutputLive)

    @property
    def pager(self) -> OutputPager:
        """All that was printed."""
        return self.get_child_by_type(OutputPager)

    @property
    def state(self) -> OutputState:
        """The line that says what goes on."""
        return self.get_child_by_type(OutputState)

    @property
    def prompt(self) -> OutputPrompt:
        """The line that asks."""
        return self.get_child_by_type(OutputPrompt)

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield OutputLive(self._output, gives_way=self._is_searching)
        yield OutputPager(self._output)
        yield OutputState()
        yield OutputPrompt()

    def on_mount(self) -> None:
        """Say what can be done."""
        self._tell_state()

    # -- what others ask -------------------------------------------------------------------------

    @property
    def output(self) -> Output:
        """What is shown."""
        return self._output

    @property
    def typing(self) -> bool:
        """Whether keys go to the command."""
        return self.whole and self.live.typing

    @property
    def scrolled_back(self) -> bool:
        """Whether what was printed before is shown instead of the screen as it is now."""
        return self.has_class("-back")

    @property
    def title(self) -> str:
        """What the command calls itself."""
        return self.live.title if self.whole else ""

    def focus(self, scroll_visible: bool = True) -> Self:  # noqa: FBT001, FBT002 - as Textual has it
        """Give the focus to what is shown, at once: one that came late would take it from a line opened since."""
        if self.whole:
            self.screen.set_focus(self._shown(), scroll_visible)
        return self

    async def show(self, output: Output, *, save_as: str = "output.txt") -> None:
        """Show another command."""
        focused = self.has_focus_within
        self.workers.cancel_node(self)
        self._output, self._save_as = output, save_as
        self._match, self._note, self._selecting = None, "", False
        self.remove_class("-back", "-asking")
        await self.recompose()
        forget_painted_rows()
        self._tell_state()
        if focused:
            self.focus()

    def _shown(self) -> Widget:
        return self.pager if self.scrolled_back else self.live

    # -- typing ----------------------------------------------------------------------------------

    def action_type(self) -> None:
        """Let keys go to the command, if it takes any."""
        if self.live.takes_typing:
            self.action_live()
            self.screen.set_focus(self.live)
            self.live.typing = True

    def action_no_typing(self) -> None:
        """Say why nothing can be typed."""
        self._say(
            "this command takes no typing" if self._output.keyboard else
            "only looking on: who drives can type" if self._output.running() else
            "the command has ended"
        )  # fmt: skip

    def action_leave_typing(self) -> None:
        """Let keys go to the wizard again."""
        self.live.typing = False

    def action_pass_leave_key(self) -> None:
        """Type the key that leaves typing, and go on typing."""
        self.action_type()
        self.live.type_key(events.Key(LEAVE_KEY, "\x1d"))

    @on(OutputLive.TypingChanged)
    def _typing_changed(self, event: OutputLive.TypingChanged) -> None:
        event.stop()
        self._say("")
        self.post_message(self.TypingChanged(on=event.on))

    @on(OutputLive.Grew)
    def _grew(self, event: OutputLive.Grew) -> None:
        event.stop()
        self._tell_state()

    @on(OutputLive.AsksHidden)
    def _asks_hidden(self, event: OutputLive.AsksHidden) -> None:
        event.stop()
        if not self.scrolled_back and not self.has_class("-asking"):
            self.post_message(self.AsksHidden(self))

    @on(OutputLive.Ended)
    def _ended(self, event: OutputLive.Ended) -> None:
        event.stop()
        self._tell_state()
        self.refresh_bindings()
        self.post_message(self.Ended())

    # -- looking back ----------------------------------------------------------------------------

    def action_back(self, first: str) -> None:
        """Show what was printed before, beginning with the last page, and make a first move there."""
        if not self.scrolled_back:
            self._show_pager()
        getattr(self.pager, f"action_{first}")()

    def action_live(self) -> None:
        """Show the screen as it is now."""
        self._forget_search()
        self._selecting = False
        self.pager.select(on=False)
        if self.scrolled_back:
            focused = self.pager.has_focus
            self.remove_class("-back")
            if focused:
                self.screen.set_focus(self.live)
        self._say("")

    def action_shift(self, direction: int) -> None:
        """Show what is beside the screen, where the command's terminal is wider than this."""
        self.live.shift(direction * max(1, self.size.width // 2))

    def action_give_up(self) -> None:
        """Leave what was begun last."""
        if self.workers.cancel_group(self, SEARCHING) or self.workers.cancel_group(self, SAVING):
            self._say("given up")
        elif self._selecting:
            self._selecting = False
            self.pager.select(on=False)
            self._say("")
        else:
            self.action_live()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave a key to others where it has nothing to do here."""
        if not self.whole:
            return False
        match action:
            case "give_up":
                return self.scrolled_back or self._is_busy()
            case "shift":
                return not self.scrolled_back
            case "leave_typing":
                return self.live.typing
            case "type":
                return self.live.takes_typing
            case "no_typing":
                return not self.live.takes_typing
            case "pass_leave_key":
                return not self.live.typing and self.live.takes_typing
            case _:
                return super().check_action(action, parameters)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Look back."""
        event.stop()
        if self.whole:
            self.action_back("up")

    def _show_pager(self) -> None:
        if not self.scrolled_back:
            focused = self.has_focus_within
            self.live.typing = False
            self.pager.open_at_end(self.live.size)
            self.add_class("-back")
            if focused:
                self.screen.set_focus(self.pager)

    @on(OutputPager.WentPastEnd)
    def _went_past_end(self, event: OutputPager.WentPastEnd) -> None:
        event.stop()
        if self.whole:
            self.action_live()

    @on(OutputPager.Moved)
    def _moved(self, event: OutputPager.Moved) -> None:
        event.stop()
        self._tell_state()

    # -- searching -------------------------------------------------------------------------------

    def action_search(self) -> None:
        """Ask what to look for."""
        self._ask(Asked.SEARCH, "search:", "")

    def action_search_again(self, backwards: bool) -> None:  # noqa: FBT001 - an action's parameter
        """Go to the next match, or to the one before; to lines that tell of errors where nothing was searched for."""
        if self._wanted is None:
            self.action_error(backwards)
        else:
            self._look(replace(self._wanted, backwards=backwards))

    def action_error(self, backwards: bool) -> None:  # noqa: FBT001 - an action's parameter
        """Go to the next line that tells of an error, or to the one before."""
        self._look(replace(Search.errors(), backwards=backwards))

    def _look(self, search: Search) -> None:
        """Look from where somebody is: from the newest backwards where the screen as it is now is shown."""
        size = self._output.size()
        if not self.scrolled_back:
            search = replace(search, start=size, backwards=True)
        else:
            start = self.pager.search_start(self._match, backwards=search.backwards, by_lines=search.by_lines)
            search = replace(search, start=start)
        self._search(search, size)

    @work(thread=True, group=SEARCHING, exclusive=True, description="search the output")
    def _search(self, search: Search, size: int) -> None:
        worker = get_current_worker()

        def going_on(percent: int) -> bool:
            self.post_message(self._Looking(worker, search, percent))
            return not worker.is_cancelled

        match = search.look(self._output, size, going_on)
        self.post_message(self._Looked(worker, search, match))

    @on(_Looking)
    def _looking(self, event: _Looking) -> None:
        event.stop()
        if not event.worker.is_cancelled:  # else it was on its way when the search was given up
            self._say(event.search.looking_words(event.percent))

    @on(_Looked)
    def _looked(self, event: _Looked) -> None:
        event.stop()
        if event.worker.is_cancelled:
            return
        event.worker.cancel()  # its thread may take a moment more to end, in which there is nothing left to give up
        if event.match is not None:
            self._show_pager()
            self._match = event.match
            self.pager.show_match(event.match)
        self._say(event.search.result_words(event.match))

    def _forget_search(self) -> None:
        self.workers.cancel_group(self, SEARCHING)
        self._match = None
        self.pager.show_match(None)

    # -- taking away -----------------------------------------------------------------------------

    def action_select(self) -> None:
        """Begin to select lines, or select none."""
        if not self.scrolled_back:
            self._show_pager()
        self._selecting = not self._selecting
        self.pager.select(on=self._selecting)
        self._say("")

    def action_copy(self) -> None:
        """Copy the selected lines, or what is shown, into the clipboard of the operator's terminal."""
        if not self.scrolled_back:
            text = "\n".join(self.live.lines()).rstrip() + "\n"
            self._copy(text, "")
            return
        position = self.pager.position
        begin, end = self.pager.selected or (position.begin, position.end)
        text = as_text(self._output.read(begin, min(end - begin, 4 * COPIED_MOST)))
        if len(text.encode()) > COPIED_MOST or end - begin > 4 * COPIED_MOST:
            text = text.encode()[:COPIED_MOST].decode(errors="ignore")
            self._copy(text, f" of {show_size(end - begin)}; s saves all of it")
        else:
            self._copy(text, "")

    def _copy(self, text: str, rest: str) -> None:
        self.app.copy_to_clipboard(text)
        self._say(f"copied {counted(text.count(chr(10)), 'line')}, {show_size(len(text.encode()))}{rest}")

    def action_save(self) -> None:
        """Ask for the file to save the selected lines, or all output, in."""
        label = "save the selection as:" if self._selecting else "save all output as:"
        try:
            place = str(Path.cwd() / self._save_as)
        except OSError:  # what was upgraded may have been the folder this was started in
            place = f"~/{self._save_as}"
        self._ask(Asked.SAVE, label, place)

    @work(thread=True, group=SAVING, exclusive=True, description="save the output")
    def _save(self, name: str, begin: int, end: int) -> None:
        from wizard.new_file import place_of

        worker = get_current_worker()

        def going_on(done: int) -> bool:
            words = f"saving … {done * 100 // max(1, end - begin)} %, escape ends it"
            self.post_message(self._Saved(worker, words, over=False))
            return not worker.is_cancelled

        try:
            path = place_of(name)
        except UsageError as error:
            self.post_message(self._Saved(worker, f"not saved: {error}"))
            return
        try:
            written = save_output(self._output.read, begin, end, path, going_on=going_on)
        except HostError as error:
            self.post_message(self._Saved(worker, f"not saved: {str(error).replace(str(path), path.name)}"))
            return
        if not worker.is_cancelled:
            self.post_message(self._Saved(worker, f"saved {show_size(written)} as {path.name} in {path.parent}"))

    @on(_Saved)
    def _saved(self, event: _Saved) -> None:
        event.stop()
        if not event.worker.is_cancelled:
            if event.over:
                event.worker.cancel()  # as with a search
            self._say(event.words)

    # -- the line below --------------------------------------------------------------------------

    def _ask(self, asked: Asked, label: str, text: str) -> None:
        self.live.typing = False
        self.add_class("-asking")
        self.prompt.ask(asked, label, text)

    @on(OutputPrompt.Replied)
    def _replied(self, event: OutputPrompt.Replied) -> None:
        event.stop()
        if not self.whole:  # another command came in the same moment: what was asked was about the one before
            return
        self.remove_class("-asking")
        self.screen.set_focus(self._shown())
        self._say("")
        if not event.text:
            return
        match event.asked:
            case Asked.SEARCH:
                self._wanted = Search.text(event.text)
                self._match = None
                self.action_search_again(backwards=False)
            case Asked.SAVE:
                begin, end = (self.pager.selected if self._selecting else None) or (0, self._output.size())
                self._save(event.text, begin, end)

    def _is_searching(self) -> bool:
        return any(worker.group == SEARCHING and worker.node is self and worker.is_running for worker in self.workers)

    def _is_busy(self) -> bool:
        return any(worker.node is self and worker.is_running for worker in self.workers)

    def _say(self, note: str) -> None:
        """Say something until the next move."""
        self._note = note
        self._tell_state()

    def _tell_state(self) -> None:
        if not self.is_mounted or not self.whole:
            return
        left, right = self._words_for_state()
        self.state.say(left, right, typing=self.live.typing)

    def _words_for_state(self) -> tuple[str, str]:
        if self.live.typing:
            hidden = " · typing is hidden" if self.live.hidden else ""
            return f"typing goes to the command{hidden}", "ctrl+] leaves"
        if self.scrolled_back:
            where = self.pager.position
            at = f"{where.percent} % of {show_size(where.size)}"
            if self._selecting:
                begin, end = self.pager.selected or (0, 0)
                return self._note or f"{at} · selected {show_size(end - begin)}", "y copies  s saves  esc ends it"
            return self._note or at, f"{at} · esc back to now" if self._note else "esc back to now"
        running = self._output.running()
        ended = "its output is not there any more" if not running and self._output.gone() else "ended"
        doing = self._note or ("running" if running else ended)
        if (missing := self.live.missing) and not self._note:
            doing = f"{doing} · the newest is shown, {show_size(missing)} of it are still worked off"
        if self.live.takes_typing:
            if not self.live.hidden:
                return doing, "t types into the command"
            goes = "what is typed goes to the command" if self.live.has_focus else "t types into the command"
            return doing, f"typing is hidden · {goes}"
        return doing, "↑ looks back  / searches"
