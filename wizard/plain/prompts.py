"""Asking one thing of a person, in two ways: numbered lines anywhere, drawn prompts where a terminal can draw.

Both raise `Gone` at end of file and KeyboardInterrupt at ^C, and never take anything by themselves:
Enter alone only takes a proposal that was shown.
"""

from __future__ import annotations

import contextlib
import select
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TextIO, TypeAlias

from wizard.errors import Gone
from wizard.plain.style import DUMB, Style, can_encode, is_terminal, style_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from prompt_toolkit.application import Application
    from prompt_toolkit.key_binding import KeyPressEvent
    from questionary import Question

    from wizard.plain.signals import Signals


LOOK_EVERY: Final = 1.0
"""Seconds between two looks around while a reply is waited for, and whether what is asked is over."""

Meanwhile: TypeAlias = "Callable[[], list[str]]"
"""Looks around while a reply is waited for; gives lines that are to be shown at once."""

Over: TypeAlias = "Callable[[], bool]"
"""Says whether a reply is not needed any more."""


class Withdrawn(Exception):  # noqa: N818 - nothing went wrong
    """What was asked is over: nobody needs a reply any more."""


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a menu; `key` is given back."""

    key: str
    label: str
    danger: bool = False


class Prompts(Protocol):
    """One way to ask; all texts are clean already."""

    can_hide: bool
    """Whether typing can be hidden, so that secrets may be asked for."""

    def line(self, label: str, proposal: str = "") -> str:
        """Ask for a line, stripped; Enter alone takes `proposal`."""

    def lines(self, label: str) -> list[str]:
        """Ask for several lines."""

    def hidden(self, label: str) -> str:
        """Ask for a line that is not shown; only where `can_hide`."""

    def pick(self, label: str, options: Sequence[Option], default: str = "", *, over: Over | None = None) -> str:
        """Ask for one of `options`; Enter alone takes `default` where there is one. Withdrawn as soon as it is `over`.

        `over` is asked about once a second, where a terminal is there to wait for: a pipe has its replies ready.
        """

    def pick_many(self, label: str, options: Sequence[Option], ticked: Collection[str] = ()) -> list[str]:
        """Ask for any of `options`, in their order; `ticked` is the proposal."""


def choose_prompts(
    environ: Mapping[str, str],
    stdin: TextIO,
    out: TextIO,
    *,
    signals: Signals,
    noticed: Callable[[], None] = lambda: None,
    meanwhile: Meanwhile = list,
) -> Prompts:
    """Choose how to ask; `noticed` is called for each key where keys can be seen one by one.

    `meanwhile` is called about once a second while a terminal is waited for.

    Prompts are drawn where both ends are a terminal that is known to draw (TERM), can spell the signs
    (UTF-8), and nobody asked for as little as possible (NO_COLOR). Everywhere else lines are numbered.
    """
    drawn = (
        is_terminal(stdin)
        and is_terminal(out)
        and environ.get("TERM", "") not in DUMB
        and not environ.get("NO_COLOR")
        and can_encode(out)
    )
    style = style_of(environ, out)
    if drawn:
        return QuestionaryPrompts(stdin, out, signals, noticed, meanwhile)
    return NumberedPrompts(stdin, out, style, meanwhile)


class NumberedPrompts:
    """Prompts of plain lines: works in every terminal, in a pipe and with a screen reader."""

    def __init__(self, stdin: TextIO, out: TextIO, style: Style, meanwhile: Meanwhile = list) -> None:
        """Read from `stdin`, write to `out`; `meanwhile` is called while a terminal is waited for."""
        self._stdin = stdin
        self._out = out
        self._style = style
        self._meanwhile = meanwhile
        self.can_hide = is_terminal(stdin)

    def line(self, label: str, proposal: str = "") -> str:
        """Ask for a line."""
        takes = f" [Enter: {proposal}]" if proposal else ""
        return self._read(f"{label}{takes}: ").strip() or proposal

    def lines(self, label: str) -> list[str]:
        """Ask for lines up to an empty one."""
        self._say(f"{label} (an empty line ends):")
        found = []
        while line := self._read("| ").strip():
            found.append(line)
        return found

    def hidden(self, label: str) -> str:
        """Ask for a line with the terminal's echo off."""
        with _echo_off(self._stdin):
            try:
                return self._read(f"{label} (typing is hidden): ", anew=f"{label} (typing is hidden; begin anew): ")
            finally:
                self._write("\n")

    def pick(self, label: str, options: Sequence[Option], default: str = "", *, over: Over | None = None) -> str:
        """Ask for the number of one option; its key is understood as well."""
        self._list(options)
        keys = [option.key for option in options]
        marks = _marks(keys)
        takes = f" [Enter: {marks[keys.index(default)]}]" if default in keys else ""
        while True:
            given = self._read(f"{label} — choose{takes}: ", over).strip()
            if not given and default in keys:
                return default
            found = _named(given, keys)
            if found is not None:
                return found
            self._say(f"Please type one of {marks[0]} to {marks[-1]}.")

    def pick_many(self, label: str, options: Sequence[Option], ticked: Collection[str] = ()) -> list[str]:
        """Ask for numbers, separated by commas or spaces, `all` or `none`."""
        self._list(options)
        keys = [option.key for option in options]
        marks = _marks(keys)
        proposed = [mark for mark, key in zip(marks, keys, strict=True) if key in ticked]
        takes = f" [Enter: {','.join(proposed)}]" if proposed else ""
        while True:
            given = self._read(f"{label} — choose, with commas, or all or none{takes}: ").strip()
            if not given and proposed:
                return [key for key in keys if key in ticked]
            words = given.replace(",", " ").split()
            match words:
                case ["all"]:
                    return keys
                case ["none"]:
                    return []
            found = [_named(word, keys) for word in words]
            if words and None not in found:
                return [key for key in keys if key in found]
            self._say(f"Please type some of {marks[0]} to {marks[-1]} with commas between them, all or none.")

    def _list(self, options: Sequence[Option]) -> None:
        for mark, option in zip(_marks([option.key for option in options]), options, strict=True):
            for line in self._style.wrap(_marked(option), indent="      ", first=f" {mark:>3}) "):
                self._say(line)

    def _read(self, prompt: str, over: Over | None = None, *, anew: str = "") -> str:
        self._write(self._style.fit(prompt))
        if is_terminal(self._stdin):
            self._wait_for_line(anew or prompt, over)
        return self._line()

    def _wait_for_line(self, prompt: str, over: Over | None) -> None:
        """Wait until a line was typed; a terminal hands over one at a time, so that none waits unseen.

        Where something is shown meanwhile, `prompt` stands below it and nothing of a line is typed: what was may
        have been meant for what nobody knew yet, and can be seen no more.
        """
        while not select.select([self._stdin], [], [], LOOK_EVERY)[0]:
            if over is not None and over():
                self._write("\n")
                _forget_typed(self._stdin)
                raise Withdrawn
            if lines := self._meanwhile():
                _forget_typed(self._stdin)
                self._write("".join(f"\n{self._style.fit(line)}" for line in lines))
                self._write(f"\n{self._style.fit(prompt)}")

    def _line(self) -> str:
        try:
            line = self._stdin.readline()
        except UnicodeDecodeError:
            return ""
        except (OSError, ValueError) as error:
            raise Gone("the terminal is gone") from error
        if not line:
            raise Gone("end of input")
        return line.rstrip("\r\n")

    def _say(self, line: str) -> None:
        self._write(self._style.fit(line) + "\n")

    def _write(self, text: str) -> None:
        try:
            self._out.write(text)
            self._out.flush()
        except (OSError, ValueError) as error:
            raise Gone("the terminal is gone") from error


class QuestionaryPrompts:
    """Prompts drawn by questionary: arrows, editing, completion of nothing that was not typed."""

    can_hide = True

    def __init__(
        self,
        stdin: TextIO,
        out: TextIO,
        signals: Signals,
        noticed: Callable[[], None] = lambda: None,
        meanwhile: Meanwhile = list,
    ) -> None:
        """Read keys from `stdin`, draw on `out`, leave where `signals` say so; `noticed` is called for each key.

        `meanwhile` is called while one is waited for.
        """
        self._meanwhile = meanwhile
        self._unshown: list[str] = []
        """Lines that are to be shown above the prompt."""
        self._signals = signals
        self._noticed = noticed
        self._stdin = stdin
        self._out = out

    def line(self, label: str, proposal: str = "") -> str:
        """Ask for a line; the proposal stands there to be edited."""
        import questionary

        return str(self._ask(lambda **ends: questionary.text(label, default=proposal, **ends))).strip()

    def lines(self, label: str) -> list[str]:
        """Ask for lines in a field of several lines."""
        import questionary

        how = "(Esc, then Enter, ends)"
        text = self._ask(lambda **ends: questionary.text(label, multiline=True, instruction=how, **ends))
        return [line.strip() for line in str(text).splitlines() if line.strip()]

    def hidden(self, label: str) -> str:
        """Ask for a line; nothing at all is drawn for what is typed, and no editor holds it."""
        return NumberedPrompts(self._stdin, self._out, Style(), self._meanwhile).hidden(label)

    def pick(self, label: str, options: Sequence[Option], default: str = "", *, over: Over | None = None) -> str:
        """Ask for one of a list; where nothing is proposed, Enter alone takes nothing."""
        import questionary

        choices = [questionary.Choice(self._entry(option), value=option.key) for option in options]
        keys = [option.key for option in options]
        if default not in keys:
            choices.insert(0, questionary.Choice("(choose with the arrow keys, then Enter)", value=_NOTHING))
        while True:
            proposed = default if default in keys else _NOTHING
            chosen = self._ask(
                lambda at, **ends: questionary.select(label, choices, default=at, instruction=" ", **ends),
                [key for key in keys if len(key) == 1 and not key.isalnum()],
                over,
                at=proposed,
            )
            if chosen != _NOTHING:
                return str(chosen)

    def pick_many(self, label: str, options: Sequence[Option], ticked: Collection[str] = ()) -> list[str]:
        """Ask for any of a list, ticked with the space bar."""
        import questionary

        choices = [
            questionary.Choice(self._entry(option), value=option.key, checked=option.key in ticked)
            for option in options
        ]
        chosen: list[str] = self._ask(
            lambda **ends: questionary.checkbox(label, choices, instruction="(space ticks, Enter ends)", **ends)
        )
        return [option.key for option in options if option.key in chosen]

    def _entry(self, option: Option) -> str:
        """Break an entry that is too long for a line: what does not fit would be cut off."""
        style = style_of({}, self._out)
        lead = " " * _BEFORE_ENTRY
        return "\n".join(style.wrap(_marked(option), indent=lead, first=lead)).strip()

    def _ask(
        self, make: Callable[..., Question], signs: Collection[str] = (), over: Over | None = None, **more: str
    ) -> Any:
        """Ask once; ^D leaves menus too, which have no line that could be empty. Each of `signs` picks its entry."""
        from prompt_toolkit.input import create_input
        from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings
        from prompt_toolkit.output import create_output

        ends = {"input": create_input(self._stdin), "output": create_output(self._out)}
        question = make(**more, **ends)
        bindings = KeyBindings()

        @bindings.add("c-d", eager=True)
        def _end_of_file(event: KeyPressEvent) -> None:
            if event.app.current_buffer.text:
                event.app.current_buffer.delete()
            else:
                event.app.exit(exception=EOFError())

        for sign in signs:

            @bindings.add(sign, eager=True)
            def _picked(event: KeyPressEvent, sign: str = sign) -> None:
                event.app.exit(result=sign)

        own = question.application.key_bindings
        question.application.key_bindings = merge_key_bindings([*([own] if own else []), bindings])
        question.application.key_processor.before_key_press += lambda _: self._noticed()
        try:
            with self._signals.patient():
                return question.application.run(pre_run=lambda: self._begin(question, over))
        except (EOFError, OSError) as error:
            raise Gone("end of input") from error
        finally:
            # What came in the moment of the reply was not shown above the prompt any more.
            self._show()

    def _begin(self, question: Question, over: Over | None) -> None:
        """Let a signal end the prompt from within its own loop, where an exception out of the blue would be lost."""
        import asyncio

        end = self._signals.fileno()
        if end is not None:
            asyncio.get_running_loop().add_reader(end, self._leave, question)
        application = question.application
        asyncio.get_running_loop().call_later(LOOK_EVERY, self._look_around, application, over)

    def _look_around(self, application: Application[Any], over: Over | None) -> None:
        """Between two keys: look whether it is over, and show above the prompt what there is to be shown."""
        if application.loop is None or application.is_done:
            return
        try:
            if over is not None and over():
                raise Withdrawn
            lines = self._meanwhile()
        except BaseException as error:  # noqa: BLE001 - out of the loop it would be lost; the prompt raises it
            application.exit(exception=error)
            return
        if lines:
            self._unshown += lines
            application.create_background_task(_above(self._show))
        application.loop.call_later(LOOK_EVERY, self._look_around, application, over)

    def _show(self) -> None:
        lines, self._unshown = self._unshown, []
        with contextlib.suppress(OSError, ValueError):
            # A terminal that is gone ends the prompt itself.
            self._out.writelines(f"{line}\n" for line in lines)
            self._out.flush()

    def _leave(self, question: Question) -> None:
        application, end = question.application, self._signals.fileno()
        if application.loop is not None and end is not None:
            application.loop.remove_reader(end)
        try:
            self._signals.check()
        except Gone as gone:
            if not application.is_done:
                application.exit(exception=gone)


async def _above(show: Callable[[], None]) -> None:
    """Show something above a prompt that is being drawn."""
    from prompt_toolkit.application import run_in_terminal

    await run_in_terminal(show)


_BEFORE_ENTRY: Final = 5
"""Columns that the arrow and the tick of a drawn entry take."""

_NOTHING: Final = "\0nothing"
"""Key of the entry that menus without a proposal begin at."""


def _marked(option: Option) -> str:
    return f"{option.label} (DANGER)" if option.danger else option.label


def _marks(keys: Sequence[str]) -> list[str]:
    """What is typed for each entry: numbers, or letters where numbers are among the keys themselves."""
    if any(key.isdigit() for key in keys) and len(keys) <= len(string.ascii_lowercase):
        return list(string.ascii_lowercase[: len(keys)])
    return [str(number) for number in range(1, len(keys) + 1)]


def _named(word: str, keys: Sequence[str]) -> str | None:
    """Find the key that a typed word names, by its mark or by itself; y and n do for yes and no."""
    if "yes" in keys and "no" in keys:
        word = {"y": "yes", "n": "no"}.get(word.lower(), word)
    return dict(zip(_marks(keys), keys, strict=True)).get(word, word if word in keys else None)


def _forget_typed(stdin: TextIO) -> None:
    """Throw away what was typed of a line that nobody waits for any more."""
    import termios

    with contextlib.suppress(termios.error):
        termios.tcflush(stdin, termios.TCIFLUSH)


@contextlib.contextmanager
def _echo_off(stdin: TextIO) -> Iterator[None]:
    """Turn the echo of a terminal off for one line; keys typed before are thrown away."""
    import termios

    descriptor = stdin.fileno()
    before = termios.tcgetattr(descriptor)
    silent = termios.tcgetattr(descriptor)
    silent[3] &= ~(termios.ECHO | termios.ECHONL)
    termios.tcsetattr(descriptor, termios.TCSAFLUSH, silent)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSANOW, before)
