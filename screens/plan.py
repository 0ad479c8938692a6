"""The plan to be read: every step with why it is in or out, what it costs, and every command as it will run."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content
from textual.widgets import Input, Static

from screens.saving import Saving
from screens.widgets.plan_details import changes_told, commands_of, details_of
from screens.widgets.plan_tree import PlanTree
from screens.widgets.reading import Reading
from screens.widgets.row_list import RowList
from screens.widgets.still_input import StillInput
from screens.widgets.title_bar import TitleBar
from wizard.plain.clean import clean_line
from wizard.plan.words import LEGEND

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from textual.app import ComposeResult

    from wizard.plan.difference import Change
    from wizard.plan.model import Plan

_LEGEND: Final = f"{LEGEND}   * a person"


class PlanLeft(StrEnum):
    """Where somebody goes from a plan."""

    BACK = "back"
    START = "start"
    BLOCKER = "blocker"
    """To what keeps it from being started."""


class PlanScreen(Saving[PlanLeft]):
    """Shows a plan; gives where to go from it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "start", "Start", id="plan.start", tooltip="Start: do what the plan says"),
        Binding("s", "blocker", "Blocker", id="plan.blocker", tooltip="Go to the finding that keeps it from starting"),
        Binding("escape,p", "back", "Back", key_display="esc", id="plan.back", tooltip="Back to where you were"),
        Binding("slash", "search", "Find", key_display="/", id="plan.search", tooltip="Find a step or a command"),
        Binding("n", "next(1)", "Next", show=False, id="plan.next", tooltip="Next hit"),
        Binding("N", "next(-1)", "Previous", show=False, id="plan.previous", tooltip="Hit before"),
        Binding("m", "save", "Save", id="plan.save", tooltip="Save the plan as Markdown or JSON"),
        Binding("o", "out", "Left out", id="plan.out", tooltip="Hide or show what is left out"),
        Binding("d", "changes", "Changes", id="plan.changes", tooltip="What is different from the plan before"),
        Binding("y", "copy", "Copy", id="plan.copy", tooltip="Copy the commands of this step"),
    ]

    SAVES = "Save the plan"
    SAVES_HOW = "A new file, for you alone (mode 0600): .md is Markdown to read, .json holds all of it."

    CSS_PATH = "plan.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as Textual declares it

    HELP = (
        "Everything that will be done, in its order. [x] will be done, [?] is decided when it is reached, [ ] is left "
        "out; a * needs a person. Select a row to read why it is in or out, what it does to the way back, and every "
        "command with the folder, user and variables it runs with.\n"
        "Enter, space, left and right fold; + and - unfold and fold all. / searches, n and N go on to the next hit. "
        "d shows what is different from the plan before the last change, m saves it as Markdown or JSON."
    )

    def __init__(
        self,
        plan: Plan,
        before: Plan | None = None,
        *,
        refusal: str | None = None,
        free: str = "Nothing blocks.",
        session: str = "",
        at: str = "",
    ) -> None:
        """Show `plan` from the part at the address `at` on, and what is different from `before`.

        `refusal` says why it cannot be started now; empty: it can, which `free` has words for; None: it is only
        looked at. `session` names the file it is proposed to be saved in.
        """
        super().__init__()
        self._at = at
        self._plan = plan
        self._before = before
        self._refusal = refusal
        self._free = free
        self._save_as = f"{session or plan.guide}-plan.md"
        self._changes: tuple[Change, ...] = ()
        self._by_key: dict[str, list[Change]] = {}
        self._shows_changes = False

    # -- children --------------------------------------------------------------------------------

    @property
    def _tree(self) -> PlanTree:
        return self.query_one(PlanTree)

    def compose(self) -> ComposeResult:
        """Title, tree, what belongs to the selected part, and whether it can be started."""
        plan = self._plan
        yield TitleBar("Plan", plan.title, f"from {plan.current_version} to {plan.target_version}")
        with Container(id="plan-body"):
            yield PlanTree(plan, id="plan-tree")
            yield Reading(id="plan-part")
        yield StillInput(
            placeholder="A word of a title or a command (then n: next, N: before)", id="plan-search", compact=True
        )
        yield Static(self._note(), id="plan-note", markup=False)

    def on_mount(self) -> None:
        """Show the plan as a whole, and compare it beside."""
        self._tree.focus()
        if self._tree.has(self._at):
            self.call_after_refresh(self._tree.go, self._at)
        if self._before is not None:
            self._compare(self._before)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer starting, or what keeps from it, where that is meant, and copying where there is something."""
        del parameters
        match action:
            case "start":
                return self._refusal == ""
            case "blocker":
                return bool(self._refusal)
            case "copy":
                return self.is_mounted and bool(self._tree.rows) and bool(commands_of(self._tree.node))
            case "changes":
                return self._before is not None
            case _:
                return True

    def places(self) -> Sequence[tuple[str, Callable[[], object]]]:
        """Every part of the plan that has a code."""
        return [(f"{code} {title}", partial(self._tree.go, key)) for key, code, title in self._tree.parts()]

    # -- what it shows ---------------------------------------------------------------------------

    @work(thread=True, group="difference", exclusive=True, description="compare the plan with the one before")
    def _compare(self, before: Plan) -> None:
        from wizard.plan.difference import difference

        changes = difference(before, self._plan)
        self.give(self._compared, changes)

    def _compared(self, changes: tuple[Change, ...]) -> None:
        self._changes = changes
        for change in changes:
            self._by_key.setdefault(change.key, []).append(change)
        self._tree.mark(changes)
        self._show_part()

    def _note(self) -> Content:
        match self._refusal:
            case None:
                return Content(_LEGEND)
            case "":
                return Content(f"{_LEGEND}\n{self._free} s starts.")
            case refusal:
                return Content.assemble(f"{_LEGEND}\n", (refusal, "$text-error bold"))

    def _show_part(self) -> None:
        pane = self.query_one("#plan-part", Reading)
        if self._shows_changes:
            pane.show(changes_told(self._changes, compared=self._before is not None))
        elif self._tree.rows:
            pane.show(details_of(self._tree.node, self._plan, self._by_key))
        self.refresh_bindings()

    # -- keys ------------------------------------------------------------------------------------

    def action_start(self) -> None:
        """Give that it is to be started."""
        self.dismiss(PlanLeft.START)

    def action_blocker(self) -> None:
        """Give that what blocks is to be looked at; the last line says what that is."""
        self.dismiss(PlanLeft.BLOCKER)

    def action_back(self) -> None:
        """Back: from searching to the tree, from the changes to the step, from the plan to the screen below."""
        if self.has_class("-searching"):
            self.remove_class("-searching")
            self._tree.focus()
        elif self._shows_changes:
            self.action_changes()
        else:
            self.dismiss(PlanLeft.BACK)

    def action_out(self) -> None:
        """Hide or show what is left out."""
        self._tree.hide_out(not self._tree.hides_out)
        hidden = "hidden; o shows it" if self._tree.hides_out else "shown"
        self.notify(f"What is left out is {hidden}.", timeout=2, markup=False)

    def action_changes(self) -> None:
        """Show all changes, or the selected part again."""
        self._shows_changes = not self._shows_changes
        self._show_part()
        self.query_one("#plan-part", Reading).scroll_home(animate=False)

    def action_search(self) -> None:
        """Ask for words."""
        self.add_class("-searching")
        self.query_one(Input).focus()

    def action_next(self, step: int) -> None:
        """Go to the next hit, or the one before."""
        words = self.query_one(Input).value
        if words.strip() and not self._seek(words, step):
            self._say_missing(words)

    def _seek(self, words: str, step: int) -> bool:
        """Go to the next row with these words; whether there is one."""
        key = self._tree.find(words, step)
        if key:
            self._tree.go(key)
        return bool(key)

    def _say_missing(self, words: str) -> None:
        self.notify(f"Nothing has “{clean_line(words)}”.", severity="warning", markup=False, timeout=3)

    def action_copy(self) -> None:
        """Copy the commands of the selected step."""
        if commands := commands_of(self._tree.node):
            self.app.copy_to_clipboard(commands)
            self.notify("The commands of this step.", title="Copied", timeout=3)

    def write(self, name: str) -> Path:
        """Save the plan, as the ending of the name says."""
        from wizard.plan.saving import save_plan

        return save_plan(self._plan, name)

    # -- handlers --------------------------------------------------------------------------------

    @on(RowList.Moved)
    def _moved(self) -> None:
        if not self._shows_changes:
            self._show_part()
            self.query_one("#plan-part", Reading).scroll_home(animate=False)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        found = not event.value.strip() or self._seek(event.value, 0)
        event.input.set_class(not found, "-missing")

    @on(Input.Submitted)
    def _searched(self, event: Input.Submitted) -> None:
        if event.input.has_class("-missing"):
            self._say_missing(event.value)
        else:
            self.action_back()
