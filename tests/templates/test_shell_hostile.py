"""Hostile values in every place that takes one, run by a real bash: nothing runs, and every byte arrives."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from wizard.errors import ExpressionError
from wizard.expressions import Environment
from wizard.templates import render_shell, render_words

if TYPE_CHECKING:
    from pathlib import Path

V = "${{ x }}"
SHOW = "printf '%s\\0'"
"""Prints its words, each with a NUL behind it."""

PLACES = [
    f"{SHOW} {V}",
    f'{SHOW} "{V}"',
    f"{SHOW} a{V}b",
    f'{SHOW} "a{V}b"',
    f"{SHOW} 'a'{V}\"b\"",
    f'{SHOW} "it\'s {V}"',
    f"{SHOW} it\\'s{V}",
    f"{SHOW} $#{V}$?",
    f"{SHOW} --dir={V}",
    f"{SHOW} ~/{V}/*.none",
    f"{SHOW} {{p,{V}}}",
    f"{SHOW} \"$({SHOW} {V} | tr '\\0' .)\"",
    f'{SHOW} "$(printf %s. "{V}")"',
    f'{SHOW} "$(echo "$(printf %s. {V})")"',
    f"{SHOW} ${{unset:-{V}}}",
    f'{SHOW} "${{unset:-{V}}}"',
    f'{SHOW} "${{unset:-"{V}"}}"',
    f'{SHOW} ${{unset-"{V}"}}',
    f'{SHOW} "${{PATH:+{V}}}"',
    f'{SHOW} "${{unset:={V}}}"',
    f'y={V}; {SHOW} "$y"',
    f'y="{V}" z=1; {SHOW} "$y"',
    f'y={V} sh -c \'printf "%s\\0" "$y"\'',
    f'export y={V}; {SHOW} "$y"',
    f'f() {{ local y={V}; {SHOW} "$y"; }}; f',
    f'readonly y={V}; {SHOW} "$y"',
    f'a=(p {V} "{V}"); {SHOW} "${{a[@]}}"',
    f'declare -A m; m[k]={V}; m[l]=$(printf %s. {V}); {SHOW} "${{m[k]}}" "${{m[l]}}"',
    f'for i in {V} "{V}"; do {SHOW} "$i"; done',
    f"case {V} in {V}) {SHOW} {V};; *) {SHOW} no;; esac",
    f'case "p{V}" in p"{V}") {SHOW} {V};; *) {SHOW} no;; esac',
    f"if [ {V} = {V} ]; then {SHOW} {V}; fi",
    f"[[ {V} == {V} && p{V} =~ p{V}$ ]] && {SHOW} {V}",
    f"! test -z {V} && {SHOW} {V}",
    f"cat <<END\n{V}\nEND",
    f"cat <<END\n'{V}' \"{V}\" $(printf %s. {V}) ${{unset:-{V}}}\nEND",
    f"cat <<-END\n\tp{V}\n\tEND",
    f"cat <<-END\n{V}\n\tEND",
    f"cat <<END; {SHOW} {V}\n{V}\nEND",
    f'{SHOW} "$(cat <<END\n{V}.\nEND\n)"',
    f"cat <<< {V}",
    f'cat <<< "p{V}"',
    f"cat <({SHOW} {V})",
    f'bash -c \'printf "%s\\0" "$1"\' _ {V}',
    f'sh -c \'printf "%s\\0" "$@"\' _ "{V}" {V}',
    f'env y={V} sh -c \'printf "%s\\0" "$y"\'',
    f"( {SHOW} {V} ) | cat",
    f"{{ {SHOW} {V}; }} 2>&1",
    f"true && {SHOW} {V} || false",
    f"{SHOW} {V} & wait",
    f"{SHOW} {V} # a comment",
    f"{SHOW} a#{V}",
    f"{SHOW} \\\\{V}",
    f'{SHOW} "\\\\{V}"',
    f"{SHOW} \\\n  {V}",
]

HOSTILE = [
    "$(touch CANARY)",
    "`touch CANARY`",
    "'; touch CANARY; '",
    '"; touch CANARY; "',
    "'\"; touch CANARY; \"'",
    "; touch CANARY",
    "& touch CANARY &",
    "| touch CANARY",
    "\ntouch CANARY\n",
    "\nEND\ntouch CANARY\n",
    "a[$(touch CANARY)]",
    "x=$(touch CANARY)",
    "${x:=$(touch CANARY)}",
    "$((a[$(touch CANARY)]))",
    ") touch CANARY ;; *",
    "}; touch CANARY; {",
    "$IFS$(touch${IFS}CANARY)",
    "-rf",
    "-c touch${IFS}CANARY",
    "--",
    "*",
    "~",
    "~root",
    "!",
    "!!",
    "\\",
    "\\\\",
    '"',
    "'",
    "$",
    "$x ${x} $1 $@",
    "%s%n\\n",
    " ",
    "  two  blanks  ",
    "\t",
    "a\\",
    "‘’ “$(touch CANARY)”",
    "\x1b[31m\r\x07",
    "ünï ✓ 😀",
    "[a-z]*?",
    "{a,b}",
    "#",
    "w1",
    "${w1}",
    "${{ x }}",
]

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30)
bits = st.sampled_from([*HOSTILE, "'", '"', "$(", ")", "`", "\n", ";", "\\", "END", "}", "]]"])
attacks = st.one_of(texts, st.lists(bits, min_size=1, max_size=4).map("".join))


class Bench:
    """A folder for commands to run in, and a canary outside it that no command may touch."""

    def __init__(self, path: Path) -> None:
        self.folder = path / "folder"
        self.folder.mkdir()
        self.canary = path / "canary"

    def aimed(self, value: str) -> str:
        """Give the value with the canary's path in it."""
        return value.replace("CANARY", str(self.canary))

    def run(self, script: str, variables: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
        """Run a script as a step does; fail where it touched anything."""
        self.canary.unlink(missing_ok=True)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "HOME": "/home/x", "LANG": "C.UTF-8", **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
            check=False,
        )
        assert not self.canary.exists(), script
        return done


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


MARKER = "MARKERmarker0MARKER"


def printed(place: str, bench: Bench) -> bytes:
    """Say what a place prints where a harmless text stands for the value."""
    command = render_shell(place, Environment(names={"x": MARKER}))
    done = bench.run(command.script, command.variables)
    assert done.returncode == 0, done.stderr
    assert MARKER.encode() in done.stdout
    return done.stdout


def arrives(place: str, bench: Bench, value: str, harmless: bytes) -> str:
    """Run the command and compare every byte with what the harmless one printed; give the command as shown."""
    command = render_shell(place, Environment(names={"x": value}))
    prints(bench, command.script, command.variables, harmless.replace(MARKER.encode(), value.encode()))
    return command.shown


def prints(bench: Bench, script: str, variables: dict[str, str], wanted: bytes) -> None:
    """Run a script that succeeds, prints exactly this, and leaves nothing behind."""
    done = bench.run(script, variables)
    assert done.stderr == b"", (script, variables)
    assert done.returncode == 0, (script, variables)
    assert done.stdout == wanted, (script, variables)
    assert list(bench.folder.iterdir()) == []


@pytest.mark.parametrize("place", PLACES)
def test_hostile_values_arrive_and_do_not_run(place: str, bench: Bench) -> None:
    """Each hostile value, in each place, arrives byte for byte and touches nothing; so does the shown command."""
    harmless = printed(place, bench)
    aimed = [bench.aimed(value) for value in HOSTILE]
    shown = [arrives(place, bench, value, harmless) for value in aimed]
    together = "\n".join(f"(\n{command}\n)" for command in shown)
    prints(bench, together, {}, b"".join(harmless.replace(MARKER.encode(), value.encode()) for value in aimed))


@pytest.mark.parametrize("place", PLACES)
@settings(deadline=None, max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=attacks)
@example(value="END")
@example(value="END)")
@example(value="\x01")
@example(value="\t\x7f'\\x")
def test_any_value_arrives(place: str, bench: Bench, value: str) -> None:
    """The same for whatever text there is."""
    harmless = printed(place, bench)
    shown = arrives(place, bench, bench.aimed(value), harmless)
    prints(bench, shown, {}, harmless.replace(MARKER.encode(), bench.aimed(value).encode()))


@pytest.mark.parametrize("redirection", ["> {}", '> "{}"', "2> /dev/null > {}", ">| {}", ">> a{}b"])
def test_redirections(redirection: str, bench: Bench) -> None:
    """A value that names a file names that file, whatever is in it."""
    for value in HOSTILE:
        name = value.replace("/", "_").replace("CANARY", "canary")
        command = render_shell(f"printf hello {redirection.format(V)}", Environment(names={"x": name}))
        done = bench.run(command.script, command.variables)
        assert (done.returncode, done.stderr) == (0, b"")
        (file,) = bench.folder.iterdir()
        assert file.name == (f"a{name}b" if "a{}b" in redirection else name)
        assert file.read_text() == "hello"
        file.unlink()


def test_several_words(bench: Bench) -> None:
    """`words()` gives each item as one word, whatever is in it."""
    values = [bench.aimed(value) for value in HOSTILE]
    for place in (f"{SHOW} ${{{{ words(x) }}}}", f'a=( ${{{{ words(x) }}}} ); {SHOW} "${{a[@]}}"'):
        command = render_shell(place, Environment(names={"x": values}))
        for script, variables in ((command.script, command.variables), (command.shown, {})):
            done = bench.run(script, variables)
            assert done.stdout.split(b"\0")[:-1] == [value.encode() for value in values]


def test_list_form(bench: Bench) -> None:
    """In list form every value is one word, and several where `words()` stands."""
    values = [bench.aimed(value) for value in HOSTILE]
    words = render_words(
        ["printf", "%s\\0", "a" + V, "${{ words(x_list) }}"], Environment(names={"x": "-rf *", "x_list": values})
    )
    done = subprocess.run(list(words.words), cwd=bench.folder, capture_output=True, check=True)
    assert done.stdout.split(b"\0")[:-1] == [b"a-rf *", *(value.encode() for value in values)]
    assert bench.run(words.shown, {}).stdout == done.stdout


# Texts of all sorts, most of which put values where they must not stand: what is not refused must be safe.

POLYGLOTS = [
    "$(touch CANARY)",
    "a[$(touch CANARY)]",
    "($(touch CANARY))",
    "\ntouch CANARY\n",
    "'; touch CANARY; '",
    '"; touch CANARY; "',
    "-c touch${IFS}CANARY",
    "-v a[$(touch${IFS}CANARY)]",
    "-v",
    "touch CANARY",
]

literals = st.sampled_from(
    ["a", "-c", "1", "x=1", "''", '"b c"', "$y", "-e", "--", "-v", "-eq", "==", "/dev/stdin", "-"]
)
values = st.sampled_from([V, V, V, f'"{V}"', f'"{V}"', f"p{V}", f"x={V}", f'"a {V}"', f"'{V}'", f"a[{V}]"])


def _words(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    shapes = [
        "$({})",
        '"$({})"',
        "`{}`",
        "<({})",
        "${{x:-{}}}",
        '"${{x:-{}}}"',
        "${{x#{}}}",
        "$(({}))",
        "a=({})",
        "@({})",
    ]
    return st.tuples(st.sampled_from(shapes), inner).map(lambda pair: pair[0].format(pair[1]))


programs = st.sampled_from(
    [
        *("echo", "printf %s", "cat a", "eval", "bash -c", "bash -ec", "sh -c", "bash", "sh -s", "env", "env bash -c"),
        *("command", "exec", "builtin", "test", "[", "let", "declare", "declare -i", "declare -a", "export", "local"),
        *("unset", "printf -v", "printf", "source", ".", "trap", "xargs", "xargs sh -c", "nohup", "timeout 1"),
        *("awk", "sed -n", "sed -e", "python3 -c", "x=1", "true", ":", "shift", "return", "set --", "exit"),
        *("cd", "find . -exec", "alias", "wait -p", "ulimit", "perl -e", "a=", "coproc", "time", "!"),
    ]
)


def _commands(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    word = st.one_of(literals, values, _words(inner))
    simple = st.tuples(programs, st.lists(word, max_size=3)).map(lambda parts: " ".join([parts[0], *parts[1]]))
    shapes = [
        "if {}; then {}; fi",
        "{} | {}",
        "{} && {}",
        "{} ; {}",
        "{}\n{}",
        "( {} ) | {}",
        "{{ {}; }} | {}",
        "for i in a; do {}; {}; done",
        "f() {{ {}; }}; f; {}",
        "{} <<END\n{}\nEND",
        "{} <<'END'\n{}\nEND",
        "{} <<END | cat\n$( {} )\nEND",
        "{} <<< $({})",
        "{} < <({})",
        "{} # {}",
    ]
    conditions = [
        "[[ {} -eq 1 ]]",
        "[[ {} == a ]]",
        "[[ -v {} ]]",
        "(( {} ))",
        "case {} in {}) echo;; esac",
        "[ {} -gt {} ]",
    ]
    return st.one_of(
        simple,
        st.tuples(st.sampled_from(shapes), inner, inner).map(lambda parts: parts[0].format(parts[1], parts[2])),
        st.tuples(st.sampled_from(conditions), word, word).map(lambda parts: parts[0].format(parts[1], parts[2])),
    )


scripts = st.recursive(st.sampled_from(["echo a", f"echo {V}", f"printf %s {V}", "true"]), _commands, max_leaves=5)


@settings(deadline=None, max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=scripts.filter(lambda script: V in script))
@example(script=f"bash {V} {V}")
@example(script=f"declare -a a={V}")
@example(script=f"[[ -v {V} ]]")
@example(script=f"[[ {V} -eq 1 ]]")
@example(script=f"printf -v {V} a")
@example(script=f"(( {V} ))")
@example(script=f"echo $(( {V} ))")
@example(script=f"a[{V}]=1")
@example(script=f"echo {V} | sh")
def test_what_is_not_refused_is_safe(bench: Bench, script: str) -> None:
    """Whatever somebody writes around a value, it is refused or does not run where it stands."""
    for value in POLYGLOTS:
        try:
            command = render_shell(script, Environment(names={"x": bench.aimed(value)}))
        except ExpressionError:
            continue
        bench.run(command.script, command.variables)
