"""The commands: their words and options. Each imports what it needs when it is called."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wizard.cli import drive, has_full_screen, wizard
from wizard.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = click.Choice(["text", "json"])


def _guides(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    from wizard.guide.catalog import list_guides

    return [entry.id for entry in list_guides() if entry.id.startswith(incomplete)]


def _sessions(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    from wizard.looking import store

    return [session.id for session in store().listing().sessions if session.id.startswith(incomplete)]


def guide_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """A guide by id or path."""
    return click.argument("guide", shell_complete=_guides)(function)


def session_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """A session by id or a part of it; the newest where none is named."""
    return click.argument("session", required=False, shell_complete=_sessions)(function)


def answer_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Where answers come from."""
    file = click.option(
        "--answers", type=click.Path(dir_okay=False), metavar="FILE", help="Take answers from a YAML file."
    )
    sets = click.option("--set", "sets", multiple=True, metavar="ID=VALUE", help="Give one answer; may be repeated.")
    return file(sets(function))


def evidence_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """What other sessions prove."""
    return click.option(
        "--evidence",
        multiple=True,
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help="What a session elsewhere proves, as `wizard evidence` wrote it; may be repeated.",
    )(function)


def front_end_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Which front end drives."""
    plain = click.option("--plain", is_flag=True, help="Lines instead of the full screen.")
    alone = click.option("--unattended", is_flag=True, help="Ask nobody: everything must be in the answers.")
    return plain(alone(function))


@click.command("run")
@guide_argument
@answer_options
@front_end_options
@click.option("--detach", is_flag=True, help="With --unattended: go on in the background, without any terminal.")
@click.option("--rehearse", is_flag=True, help="Walk through everything, past what blocks too, and change nothing.")
@click.option("--name", default="", help="A name for the session.")
@evidence_option
def run_guide(
    guide: str,
    answers: str | None,
    sets: tuple[str, ...],
    evidence: tuple[str, ...],
    *,
    plain: bool,
    unattended: bool,
    detach: bool,
    rehearse: bool,
    name: str,
) -> int:
    """Walk through a guide on this machine."""
    from wizard.assemble import Begin, begin

    if detach and not unattended:
        raise UsageError("--detach needs --unattended", hint="Without a terminal nobody can be asked.")
    request = Begin(guide, answers, sets, name, rehearse, detach, evidence)
    return drive(lambda front_end: begin(request, front_end), plain=plain, unattended=unattended)


@click.command()
@guide_argument
@answer_options
@click.option("--format", "how", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@click.option("--against", metavar="SESSION|FILE", help="Show only what is different from that plan.")
def plan(guide: str, answers: str | None, sets: tuple[str, ...], how: str, against: str | None) -> int:
    """Show the plan for this machine.

    Nothing is run that changes it.
    """
    from wizard.looking import compared, preview

    if against is not None and how == "markdown":
        raise UsageError("--against has no Markdown", hint="Use --format text or json.")
    shown = compared(guide, answers, sets, against, how) if against is not None else preview(guide, answers, sets, how)
    click.echo(shown, nl=False)
    return ExitCode.DONE


@click.command()
@guide_argument
@answer_options
@click.option("--format", "how", type=FORMATS, default="text", show_default=True)
def check(guide: str, answers: str | None, sets: tuple[str, ...], how: str) -> int:
    """Run the guide's checks on this machine.

    Ends 20 where something blocks.
    """
    from wizard.looking import check_only

    text, blocked = check_only(guide, answers, sets, how)
    click.echo(text, nl=False)
    return ExitCode.BLOCKED if blocked else ExitCode.DONE


@click.command()
@session_argument
@answer_options
@front_end_options
@click.option("--detach", is_flag=True, help="With --unattended: go on in the background, without any terminal.")
@click.option("--take-over", is_flag=True, help="Take the session over from the driver that holds it.")
@click.option("--accept-damage", default="", metavar="REASON", help="Go on although the journal is damaged.")
@click.option("--only-alone", is_flag=True, hidden=True)
@evidence_option
def resume(
    session: str | None,
    answers: str | None,
    sets: tuple[str, ...],
    evidence: tuple[str, ...],
    *,
    plain: bool,
    unattended: bool,
    detach: bool,
    take_over: bool,
    accept_damage: str,
    only_alone: bool,
) -> int:
    """Go on with a session, from wherever it stands."""
    from wizard.assemble import Resume, go_on

    if detach and not unattended:
        raise UsageError("--detach needs --unattended", hint="Without a terminal nobody can be asked.")
    request = Resume(
        session,
        answers,
        sets,
        take_over=take_over,
        detach=detach,
        accept_broken=accept_damage,
        only_alone=only_alone,
        evidence=evidence,
    )
    return drive(lambda front_end: go_on(request, front_end), plain=plain, unattended=unattended)


@click.command()
@session_argument
@answer_options
@front_end_options
@click.option("--step", metavar="CODE", help="Undo one step only (its code or id).")
@click.option("--phase", metavar="CODE", help="Undo one phase only (its code or id).")
@click.option("--take-over", is_flag=True, help="Take the session over from the driver that holds it.")
def undo(
    session: str | None,
    answers: str | None,
    sets: tuple[str, ...],
    *,
    plain: bool,
    unattended: bool,
    step: str | None,
    phase: str | None,
    take_over: bool,
) -> int:
    """Undo a step, a phase, or all a session did.

    All of it means back to the point of no return.
    """
    from wizard.assemble import Resume, undo_session

    if step and phase:
        raise UsageError("name either --step or --phase")
    request = Resume(session, answers, sets, take_over=take_over)
    return drive(
        lambda front_end: undo_session(request, front_end, step=step, phase=phase), plain=plain, unattended=unattended
    )


@click.command()
@click.argument("procedure")
@session_argument
@answer_options
@front_end_options
def call(
    procedure: str, session: str | None, answers: str | None, sets: tuple[str, ...], *, plain: bool, unattended: bool
) -> int:
    """Call a procedure that is offered now.

    Some are offered also days after the session is done; `wizard status` names them.
    """
    from wizard.assemble import Resume, call_procedure

    request = Resume(session, answers, sets, take_over=False)
    return drive(
        lambda front_end: call_procedure(request, front_end, procedure=procedure), plain=plain, unattended=unattended
    )


@click.command()
@session_argument
@click.option("--reason", default="", help="Why it is closed.")
def close(session: str | None, reason: str) -> int:
    """Close a session that nobody will go on with.

    It stays readable, and its installation is free for another session. Nothing is undone.
    """
    from wizard.assemble import close_session

    click.echo(close_session(session, reason), err=True)
    return ExitCode.DONE


@click.command()
@session_argument
@click.option("--plain", is_flag=True, help="Lines instead of the full screen.")
def watch(session: str | None, *, plain: bool) -> int:
    """Look on while somebody else drives.

    Touches nothing. In lines it ends when nobody drives any more.
    """
    if not plain and has_full_screen():
        from wizard.cli import look_on

        return look_on(session)
    from wizard.looking import watch_session

    watch_session(session, lambda lines: click.echo("\n".join(lines)) if lines else None)
    return ExitCode.DONE


@click.command()
@click.argument("text")
@session_argument
def note(text: str, session: str | None) -> int:
    """Leave a note for whoever drives a session.

    It is shown to them at once, and stands in the journal; where nobody drives, the next driver takes it in.
    """
    from wizard.assemble import leave_note

    click.echo(leave_note(session, text), err=True)
    return ExitCode.DONE


@click.command()
@session_argument
@click.option("--format", "how", type=FORMATS, default="text", show_default=True)
def status(session: str | None, how: str) -> int:
    """Say where a session stands and what can be done next."""
    from wizard.overview import show_status

    click.echo(show_status(session, how), nl=False)
    return ExitCode.DONE


@click.command()
@click.option("--format", "how", type=FORMATS, default="text", show_default=True)
def sessions(how: str) -> int:
    """List the sessions, with their state and what to do next."""
    from wizard.overview import show_sessions

    click.echo(show_sessions(how), nl=False)
    return ExitCode.DONE


@click.command()
@session_argument
@click.option("--format", "how", type=click.Choice(["markdown", "json"]), default="markdown", show_default=True)
def report(session: str | None, how: str) -> int:
    """Write the report of a session to stdout."""
    from wizard.overview import show_report

    click.echo(show_report(session, how), nl=False)
    return ExitCode.DONE


@click.command()
@session_argument
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write a new file, not stdout.")
@click.option("--as", "name", default="", metavar="NAME", help="The name a gate asks for; else that of the session.")
def evidence(session: str | None, output: str | None, name: str) -> int:
    """Write what a session proves, for a gate of another run.

    JSON with a sha256 over itself; it holds no secrets. Give it to the other run with --evidence.
    """
    from wizard.looking import session_evidence
    from wizard.new_file import write_new

    text = session_evidence(session, name)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_new(output, text)
    return ExitCode.DONE


@click.command()
@session_argument
@click.option(
    "-o",
    "--output",
    default="",
    type=click.Path(),
    metavar="FILE|FOLDER",
    help="A new file, or the folder for it; else the current folder.",
)
def bundle(session: str | None, output: str) -> int:
    """Make one file of a session for support.

    A .tar.gz with the report, journal, plan, guide, answers without secrets and what commands printed. Its path is
    written to stdout. The session is only read, so it works while somebody drives it, and for one that is damaged.
    """
    from wizard.bundling import session_bundle
    from wizard.report.bundle_words import handing_over

    made = session_bundle(session, output)
    click.echo("\n".join((f"Bundle of {made.session}.", *handing_over(made))), err=True)
    click.echo(str(made.path))
    return ExitCode.DONE


@click.group()
def guides() -> None:
    """List, read and check guides."""


@guides.command("list")
@click.option("--format", "how", type=FORMATS, default="text", show_default=True)
def guides_list(how: str) -> int:
    """List the guides that are here."""
    from wizard.overview import show_guides

    click.echo(show_guides(how), nl=False)
    return ExitCode.DONE


@guides.command("show")
@guide_argument
@click.option("--commands", is_flag=True, help="Only the commands it can run.")
def guides_show(guide: str, *, commands: bool) -> int:
    """Show what a guide does: its phases and steps, or every command."""
    from wizard.overview import show_guide

    click.echo(show_guide(guide, commands=commands), nl=False)
    return ExitCode.DONE


@guides.command("lint")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "how", type=FORMATS, default="text", show_default=True)
def guides_lint(paths: tuple[Path, ...], how: str) -> int:
    """Check guides; every problem at once, with its line."""
    from wizard.overview import lint_guides

    problems, bad = lint_guides(paths, how)
    click.echo(problems, nl=False)
    return ExitCode.GUIDE_INVALID if bad else ExitCode.DONE


@guides.command("schema")
def guides_schema() -> int:
    """Write the JSON Schema of guides to stdout."""
    import json

    from wizard.guide.jsonschema import guide_schema

    click.echo(json.dumps(guide_schema(), indent=1))
    return ExitCode.DONE


@guides.command("questions")
@guide_argument
@click.option("--template", is_flag=True, help="A commented answers file to fill in.")
def guides_questions(guide: str, *, template: bool) -> int:
    """Show what a guide asks."""
    from wizard.overview import show_questions

    click.echo(show_questions(guide, template=template), nl=False)
    return ExitCode.DONE


@click.command()
@click.option("--set", "sets", multiple=True, metavar="ID=VALUE", help="Give one answer, such as mishap=yes.")
@front_end_options
@click.option("--again", is_flag=True, help="Set it up anew, although an earlier demo is not finished.")
def demo(sets: tuple[str, ...], *, plain: bool, unattended: bool, again: bool) -> int:
    """Upgrade a small real service, as a tour.

    It ships with wizard, is set up below the state folder, and may be broken as often as you like.
    """
    from wizard.demo import play

    return drive(
        lambda front_end: play(sets, front_end, alone=unattended, again=again), plain=plain, unattended=unattended
    )


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Write a shell's completion script to stdout.

    To use it: eval "$(wizard completion bash)"
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise UsageError(f"there is no completion for {shell}")
    click.echo(kind(wizard, {}, "wizard", "_WIZARD_COMPLETE").source())
    return ExitCode.DONE
