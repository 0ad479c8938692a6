"""Programs that take code: a value in what they run would be run itself.

Only places are judged: what a script does later with a variable or a file it put a value into is its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from wizard.templates.problems import TemplateProblem
from wizard.templates.shell_tree import UNKNOWN, VALUE, Command, Place, Quoting, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_ELSEWHERE: Final = "use the list form (run: [program, …]), or give the value by stdin: or env:"
_POSITIONAL: Final = "use the list form, or hand it over as an argument: bash -c '… \"$1\"' _ ${{ … }}"
_AS_USER: Final = "say user: on the step instead of su"
_ON_MACHINE: Final = "write it out without a value, or give the value by stdin: and read it on the other side"
_IN_SQL: Final = "bind it: use a sql check or fact, or a variable of the client (psql -v name=…, :'name')"

_SHELLS: Final = frozenset({"sh", "bash", "dash", "zsh", "ksh", "mksh", "ash", "fish", "rbash"})
_INTERPRETERS: Final = {
    "python": "-c",
    "perl": "-e",
    "ruby": "-e",
    "node": "-e",
    "php": "-r",
    "lua": "-e",
}
_WRAPPERS: Final = frozenset(
    {"sudo", "doas", "env", "nohup", "nice", "ionice", "timeout", "setsid", "exec", "command", "builtin", "xargs",
     "time", "stdbuf", "chroot", "unshare", "nsenter", "sshpass", "flock", "chrt", "taskset", "systemd-run", "busybox"}
)  # fmt: skip
_EXECUTORS: Final = _WRAPPERS | {"docker", "podman", "nerdctl", "kubectl", "oc", "crictl", "lxc", "ssh", "find"}
_RUNS_NEXT: Final = frozenset({"exec", "command", "builtin", "nohup", "setsid"})
_OPTIONS_RUN_CODE: Final = frozenset(
    {"ssh", "scp", "sftp", "rsync", "tar", "find", "git", "xargs", "env", "sudo", "su", "runuser", "awk", "gawk",
     "mawk", "sed", "zip", "man", "flock", "systemd-run", *_SHELLS, *_INTERPRETERS}
)  # fmt: skip
_SPLIT_IS_CODE: Final = _EXECUTORS | _OPTIONS_RUN_CODE | {"[", "test", "printf"}
_OPTIONS_END_AT_OPERAND: Final = _SHELLS | _WRAPPERS | set(_INTERPRETERS)
_SSH_OPTIONS_WITH_VALUE: Final = frozenset("bcDEeFIiJLlmOopQRSWwBP")
_JOINS_WORDS: Final = frozenset({"watch", "parallel"})
_TAKES_COMMAND_OPTION: Final = frozenset({"su", "runuser", "sg", "script", "flock"})
_EVALUATES: Final = frozenset({"eval", "trap", "alias", "compgen", "complete", "bind", "fc", "enable"})
_READS_CODE: Final = frozenset({"at", "batch", "crontab", "ed", "ex", "vi", "vim", "gdb"})
_SQL_CLIENTS: Final = frozenset({"psql", "mysql", "mariadb", "sqlite3", "mongo", "mongosh", "sqlplus"})
_DECLARES: Final = frozenset({"declare", "typeset", "local", "export", "readonly"})
_TAKES_NAMES: Final = frozenset({"unset", "read", "mapfile", "readarray", "getopts", "let", "wait"})
_LOGIN_OPTIONS: Final = frozenset({"-s", "-i", "--shell", "--login"})
_STDIN_FILES: Final = frozenset({"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})


@dataclass(frozen=True, slots=True)
class _Script:
    """A program whose first operand is a script unless it is given by an option."""

    script_options: tuple[str, ...]
    file_options: tuple[str, ...]
    options_with_value: tuple[str, ...]
    way_out: str


_SED: Final = _Script(
    ("-e", "--expression"), ("-f", "--file"), ("-l",), "use an edit: step: it takes values as they are"
)
_AWK: Final = _Script(
    ("-e", "--source"), ("-f", "--file"), ("-v", "-F", "--assign"), 'hand it over by env: and read ENVIRON["NAME"]'
)
_SCRIPTS: Final = {"sed": _SED, "gsed": _SED, "awk": _AWK, "gawk": _AWK, "mawk": _AWK}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A place whose value would be run as code."""

    place: Place
    problem: TemplateProblem


def judge_commands(
    commands: Iterable[Command], shared: Sequence[Place] = (), *, by_shell: bool = True
) -> list[Refusal]:
    """Give every place whose value would be run as code, one refusal each, and mark what the others may take.

    `shared` are places that any of the commands may read on its stdin. Without a shell there are no builtins
    and no assignments, and a first word may be an argument of a script.
    """
    judge = _Judge(shared, by_shell=by_shell)
    for command in commands:
        judge.command(command)
    first: dict[int, Refusal] = {}
    for refusal in judge.refusals:
        first.setdefault(id(refusal.place), refusal)
    return list(first.values())


def assignments(words: Sequence[Word]) -> int:
    """Count the assignments in front of the program."""
    count = 0
    for word in words:
        name, equals, _ = word.raw.partition("=")
        if not equals or not name.rstrip("+").partition("[")[0].isidentifier():
            break
        count += 1
    return count


def _without_version(program: str) -> str:
    """Give `python` for `python3.11`."""
    return program.rstrip("0123456789.")


def _first_there(words: Sequence[Word]) -> list[Place]:
    """Give the places of the first word that is surely there, and of those before it that may vanish."""
    places: list[Place] = []
    for word in words:
        places += word.places
        if not word.may_vanish:
            break
    return places


class _Judge:
    """Goes over commands and collects what is refused."""

    def __init__(self, shared: Sequence[Place], *, by_shell: bool) -> None:
        self._shared = shared
        self._by_shell = by_shell
        self.refusals: list[Refusal] = []

    def _refuse(self, places: Iterable[Place], where: str, hint: str) -> None:
        self.refusals += [
            Refusal(place, TemplateProblem(f"{place.placeholder} stands {where}", hint, place.placeholder.start))
            for place in places
        ]

    def _stdin(self, command: Command) -> list[Place]:
        return [*command.inputs, *command.piped, *self._shared]

    def command(self, command: Command) -> None:
        words = command.words[assignments(command.words) :] if self._by_shell else command.words
        if not words:
            return
        if words[0].literal == VALUE and self._by_shell:
            self._refuse(
                words[0].direct,
                "where the program is named",
                "name the program, or its folder before a /; only an answer of type command may stand alone in a run",
            )
        self._made_programs(words)
        self._mark(words)
        wraps = words[0].program in _EXECUTORS
        for at, word in enumerate(words):
            rest = words[at + 1 :]
            runs_here = at == 0 or wraps
            if word.program in _SHELLS:
                self._shell(word.program, rest, command, reads_stdin=runs_here)
            if _without_version(word.program) in _INTERPRETERS:
                self._interpreter(word.program, rest, command, reads_stdin=runs_here)
            if runs_here:
                self._program(word.program, rest, command, wrapped=at > 0)

    def _made_programs(self, words: Sequence[Word]) -> None:
        """Refuse what is made of values where a program is named, and would be, once the shell has split it."""
        runs_next = words[0].program in _RUNS_NEXT
        for at, word in enumerate(words):
            whole = word.literal == UNKNOWN and (at == 0 or (runs_next and at == 1))
            if whole or (word.splits and (at == 0 or _without_version(words[0].program) in _SPLIT_IS_CODE)):
                hint = "name the program" if whole else "put double quotes around it"
                self._refuse(word.nested, "in what the shell splits, and could run", hint)

    def _mark(self, words: Sequence[Word]) -> None:
        """Mark where `words()` may stand and where a leading `-` would be an option that runs code."""
        guarded = ""
        for at, word in enumerate(words):
            if word.literal == VALUE and word.direct[0].quoting is Quoting.BARE and (at > 0 or not self._by_shell):
                word.direct[0].takes_several = True
            if guarded and word.literal.startswith(VALUE):
                word.direct[0].program = guarded
            ends = guarded in _OPTIONS_END_AT_OPERAND and not word.literal.startswith("-")
            if word.literal == "--" or ends:
                guarded = ""
            if _without_version(word.program) in _OPTIONS_RUN_CODE and (at == 0 or words[0].program in _EXECUTORS):
                guarded = _without_version(word.program)

    def _program(self, program: str, rest: Sequence[Word], command: Command, *, wrapped: bool) -> None:
        places = [place for word in rest for place in word.places]
        if program in _EVALUATES:
            self._refuse(places, f"after {program}, which runs it as code", _ELSEWHERE)
        elif program in _RUNS_NEXT and rest and rest[0].literal == VALUE:
            self._refuse(rest[0].direct, f"after {program}, where the program is named", "name the program")
        elif program in _TAKES_COMMAND_OPTION:
            self._command_option(program, rest, command)
        elif program in ("ssh", "rsh", "slogin"):
            self._ssh(rest, command)
        elif program in _SCRIPTS:
            self._script(program, _SCRIPTS[program], rest)
        elif program in _JOINS_WORDS:
            self._refuse([*places, *self._stdin(command)], f"in what {program} gives to a shell", _ELSEWHERE)
        else:
            self._reader(program, rest, command)
            if not wrapped and self._by_shell:
                self._builtin(program, rest, command)

    def _reader(self, program: str, rest: Sequence[Word], command: Command) -> None:
        """Judge programs that read commands on their stdin."""
        if program in _READS_CODE:
            self._refuse(self._stdin(command), f"in what {program} reads as commands", _ELSEWHERE)
        elif program in _SQL_CLIENTS:
            self._refuse(self._stdin(command), f"in what {program} reads as commands", _IN_SQL)
        elif program in ("sudo", "doas") and any(word.literal in _LOGIN_OPTIONS for word in rest):
            self._refuse(self._stdin(command), f"in what {program} gives to a shell", _ELSEWHERE)
        elif program == "xargs" and any(_without_version(word.program) in _SPLIT_IS_CODE for word in rest):
            self._refuse(self._stdin(command), "in what xargs hands to a program that could run it", _ELSEWHERE)

    def _builtin(self, program: str, rest: Sequence[Word], command: Command) -> None:
        if program in _DECLARES:
            self._declaration(program, rest)
        elif program in _TAKES_NAMES:
            self._names(program, rest)
        elif program == "printf":
            self._printf(rest)
        elif program in ("[", "test"):
            for word, after in pairwise(rest):
                if word.literal in ("-v", "-R"):
                    self._refuse(after.places, f"after {word.literal}, where a variable is named", "name the variable")
                elif word.literal == VALUE:
                    self._refuse(after.places, "after a value that could be an operator", "write the operator out")
        elif program in ("source", "."):
            self._refuse([place for word in rest[:1] for place in word.processes], "in what is run as code", _ELSEWHERE)
            if rest and rest[0].literal in _STDIN_FILES:
                self._refuse(self._stdin(command), "in what is run as code", _ELSEWHERE)

    def _shell(self, shell: str, rest: Sequence[Word], command: Command, *, reads_stdin: bool) -> None:
        operands: Sequence[Word] = ()
        runs_text = forced_stdin = skip = ended = False
        for at, word in enumerate(rest):
            if skip:
                skip = False
            elif ended or not word.literal.startswith(("-", "+")):
                operands = rest[at:]
                break
            elif word.literal in ("-", "--"):
                ended = True
            else:
                letters = "" if word.literal.startswith("--") else word.literal[1:]
                runs_text = runs_text or "c" in letters
                forced_stdin = forced_stdin or "s" in letters
                skip = letters.endswith(("o", "O")) or word.literal in ("--rcfile", "--init-file")
                self._refuse(word.places, f"in the options of {shell}", _ELSEWHERE)
        if runs_text or (operands and operands[0].may_vanish):
            self._refuse(_first_there(operands), f"in what {shell} -c runs as code", _POSITIONAL)
        elif operands:
            self._refuse(operands[0].processes, f"in what {shell} runs as code", _ELSEWHERE)
        reads = not operands or forced_stdin or operands[0].may_vanish or operands[0].literal in _STDIN_FILES
        if reads_stdin and reads and not runs_text:
            self._refuse(self._stdin(command), f"in what {shell} reads as code", _POSITIONAL)

    def _interpreter(self, program: str, rest: Sequence[Word], command: Command, *, reads_stdin: bool) -> None:
        option = _INTERPRETERS[_without_version(program)]
        operand: Word | None = None
        for at, word in enumerate(rest):
            if not word.literal.startswith("-") or word.literal == "-":
                operand = word
                break
            if not word.literal.startswith("--") and option[1:] in word.literal.lower():
                code = [*word.places, *_first_there(rest[at + 1 :])]
                self._refuse(code, f"in what {program} {option} runs as code", "hand it over as an argument or by env:")
                return
        if reads_stdin and (operand is None or operand.literal in _STDIN_FILES):
            self._refuse(self._stdin(command), f"in what {program} reads as code", _ELSEWHERE)

    def _command_option(self, program: str, rest: Sequence[Word], command: Command) -> None:
        hint = _AS_USER if program in ("su", "runuser") else _ELSEWHERE
        runs_text = False
        for at, word in enumerate(rest):
            literal = word.literal
            if literal.startswith(("--command=", "--session-command=")):
                runs_text = True
                self._refuse(word.places, f"in what {program} -c runs as code", hint)
            elif literal in ("--command", "--session-command") or (
                literal.startswith("-") and not literal.startswith("--") and "c" in literal
            ):
                runs_text = True
                code = [*word.places, *_first_there(rest[at + 1 :])]
                self._refuse(code, f"in what {program} -c runs as code", hint)
        if program in ("su", "runuser") and not runs_text:
            self._refuse(self._stdin(command), f"in what {program} reads as code", hint)

    def _ssh(self, rest: Sequence[Word], command: Command) -> None:
        """Everything behind the host is run by a shell there."""
        at = 0
        while at < len(rest) and rest[at].literal.startswith("-"):
            letters = rest[at].literal[1:]
            takes_value = letters[-1:] in _SSH_OPTIONS_WITH_VALUE and len(letters) >= 1
            option = rest[at : at + 2] if takes_value and len(letters) == 1 else rest[at : at + 1]
            if letters[:1] in ("o", "F"):
                self._refuse(
                    [place for word in option for place in word.places],
                    "in an option of ssh that can run code",
                    _ON_MACHINE,
                )
            at += len(option) if len(letters) == 1 else 2 if takes_value and letters[0] not in "oFiplb" else 1
        remote = rest[at + 1 :]
        self._refuse(
            [place for word in remote for place in word.places],
            "in what ssh gives to a shell on the other side",
            _ON_MACHINE,
        )
        if not remote:
            self._refuse(self._stdin(command), "in what ssh gives to a shell on the other side", _ON_MACHINE)

    def _script(self, program: str, script: _Script, rest: Sequence[Word]) -> None:
        where = f"in the script of {program}"
        by_option = False
        at = 0
        while at < len(rest):
            word = rest[at]
            literal = word.literal
            if literal == "--" or not literal.startswith("-") or literal == "-":
                operand = rest[at + 1] if literal == "--" and at + 1 < len(rest) else word
                if not by_option:
                    self._refuse(operand.places, where, script.way_out)
                return
            name = literal.partition("=")[0]
            attached = literal.startswith(tuple(o for o in script.script_options if not o.startswith("--")))
            if name in script.script_options or attached or self._ends_in_script_option(literal, script):
                by_option = True
                separate = literal in script.script_options or self._ends_in_script_option(literal, script)
                code = rest[at : at + 2] if separate else rest[at : at + 1]
                self._refuse([place for part in code for place in part.places], where, script.way_out)
                at += len(code)
                continue
            if name in script.file_options:
                by_option = True
            at += 2 if literal in (*script.file_options, *script.options_with_value) else 1

    @staticmethod
    def _ends_in_script_option(literal: str, script: _Script) -> bool:
        """Say whether it is a cluster such as `-ne`, whose next word is the script."""
        return (
            literal.startswith("-")
            and not literal.startswith("--")
            and literal[1:].isalpha()
            and literal not in script.options_with_value
            and f"-{literal[-1]}" in script.script_options
        )

    def _declaration(self, program: str, rest: Sequence[Word]) -> None:
        plain = all(set(word.literal[1:]) <= set("xrgp") for word in rest if word.literal.startswith("-"))
        for word in rest:
            name, equals, _ = word.literal.partition("=")
            if not plain or not equals or not name.rstrip("+").isidentifier():
                self._refuse(
                    word.places,
                    f"after {program}, where it could be taken for a name or for arithmetic",
                    "assign it on a line of its own: name=${{ … }}",
                )

    def _names(self, program: str, rest: Sequence[Word]) -> None:
        for before, word in zip([None, *rest], rest, strict=False):
            takes_text = (
                program == "read"
                and before is not None
                and before.literal[:1] == "-"
                and (before.literal[-1] in "pdtnNu")
            )
            if not takes_text:
                self._refuse(word.places, f"after {program}, where a variable is named", "name the variable")

    def _printf(self, rest: Sequence[Word]) -> None:
        operands = list(rest)
        if operands and operands[0].literal == "-v":
            self._refuse(
                [place for word in operands[1:2] for place in word.places], "after printf -v", "name the variable"
            )
            operands = operands[2:]
        if operands and operands[0].literal == "--":
            operands = operands[1:]
        self._refuse(
            [place for word in operands[:1] for place in word.direct],
            "in the format of printf, where % and \\ have a meaning",
            "write printf '%s\\n' ${{ … }}",
        )
