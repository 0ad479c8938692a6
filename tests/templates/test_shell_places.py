"""Where in a bash text a value may not stand, and what is said of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.errors import ExpressionError
from wizard.expressions import AbsentError, Environment, Scope
from wizard.expressions.types import COMMAND, DYNAMIC, INT, SECRET, TEXT, list_of, record
from wizard.guide.models.base import Kind
from wizard.secrets import Secret
from wizard.templates import check_template, check_words, render_shell, render_words

V = "${{ x }}"
ENV = Environment(names={"x": "value", "list": ["a", "b"], "secret": Secret("hunter22"), "empty": ""})


def refused(text: str) -> list[tuple[str, int]]:
    return [(problem.message, problem.offset) for problem in check_template(text, Kind.SHELL)]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (f"echo '{V}'", "in single quotes"),
        (f"echo 'a'\"b\"'{V}'", "in single quotes"),
        (f"echo $'{V}'", "in $'…'"),
        (f"echo $'it\\'s {V}'", "in $'…'"),
        (f"echo `ls {V}`", "in backticks"),
        (f'echo "`ls {V}`"', "in backticks"),
        (f"# {V}\necho", "in a comment"),
        (f"echo a # {V}", "in a comment"),
        (f"x=$(\n# {V}\necho a)", "in a comment"),
        (f"echo $(( {V} + 1 ))", "in $((…))"),
        (f'echo "$(( {V} + 1 ))"', "in $((…))"),
        (f"echo $(( $(wc -l < {V}) + 1 ))", "in $((…))"),
        (f"echo $[ {V} + 1 ]", "in $[…]"),
        (f"(( n = {V} ))", "in ((…))"),
        (f"if (( {V} > 1 )); then echo; fi", "in ((…))"),
        (f"for (( i = 0; i < {V}; i++ )); do echo; done", "in ((…))"),
        (f"let n={V}", "after let"),
        (f"a[{V}]=1", "in the […] of an array"),
        (f"a=([{V}]=1)", "in the […] of an array"),
        (f"echo ${{a[{V}]}}", "in the […] of an array"),
        (f"echo ${{a:{V}}}", "in ${…} behind an operator"),
        (f'echo "${{a#{V}}}"', "in ${…} behind an operator"),
        (f'echo "${{a/x/{V}}}"', "in ${…} behind an operator"),
        (f"echo ${{a:={V}}}", "in ${…=…} outside quotes"),
        (f"[[ {V} -eq 1 ]]", "beside -eq in [[ … ]]"),
        (f"[[ 1 -lt {V} ]]", "beside -lt in [[ … ]]"),
        (f'[[ a == b && "{V}" -gt 1 ]]', "beside -gt in [[ … ]]"),
        (f"[[ -v {V} ]]", "beside -v in [[ … ]]"),
        (f"[ -v {V} ]", "after -v"),
        (f"cat <<'END'\n{V}\nEND\n", "in a heredoc whose delimiter is quoted"),
        (f'cat <<"END"\n{V}\nEND\n', "in a heredoc whose delimiter is quoted"),
        (f"cat <<\\END\n{V}\nEND\n", "in a heredoc whose delimiter is quoted"),
        (f"cat <<-'END'\n\t{V}\n\tEND\n", "in a heredoc whose delimiter is quoted"),
        (f"cat <<A <<'B'\na\nA\n{V}\nB\n", "in a heredoc whose delimiter is quoted"),
        (f"cat <<{V}\na\n", "in the delimiter of a heredoc"),
        (f"cat <<END\n`ls {V}`\nEND\n", "in backticks"),
        (f"cat <<END\n$(echo '{V}')\nEND\n", "in single quotes"),
        (f"cat <<END\n$(( {V} ))\nEND\n", "in $((…))"),
        (f"eval {V}", "after eval"),
        (f"eval ls {V}", "after eval"),
        (f'eval "ls {V}"', "after eval"),
        (f'eval "$(echo {V})"', "after eval"),
        (f"true && eval ls {V}", "after eval"),
        (f"if true; then eval {V}; fi", "after eval"),
        (f"f() {{ eval {V}; }}", "after eval"),
        (f"function f {{ eval {V}; }}", "after eval"),
        (f"(eval {V})", "after eval"),
        (f"A=1 eval {V}", "after eval"),
        (f"builtin eval {V}", "after eval"),
        (f"command eval {V}", "after eval"),
        (f"case a in a) eval {V};; esac", "after eval"),
        (f'echo "$(eval {V})"', "after eval"),
        (f"cat <(eval {V})", "after eval"),
        (f"! eval {V}", "after eval"),
        (f"e\\val {V}", "after eval"),
        (f"'eval' {V}", "after eval"),
        (f'trap "{V}" EXIT', "after trap"),
        (f"alias a={V}", "after alias"),
        (f'sh -c "{V}"', "in what sh -c runs"),
        (f'bash -c "ls {V}"', "in what bash -c runs"),
        (f"bash -c {V}", "in what bash -c runs"),
        (f'/bin/bash -lc "ls {V}"', "in what bash -c runs"),
        (f'bash -e -u -c "ls {V}"', "in what bash -c runs"),
        (f'bash -o pipefail -c "ls {V}"', "in what bash -c runs"),
        (f'bash --norc -c "ls {V}"', "in what bash -c runs"),
        (f'bash -c -- "ls {V}"', "in what bash -c runs"),
        (f'bash -c "$(cat {V})"', "in what bash -c runs"),
        (f'dash -c "ls {V}"', "in what dash -c runs"),
        (f'env A=b sh -c "ls {V}"', "in what sh -c runs"),
        (f'A=b sh -c "ls {V}"', "in what sh -c runs"),
        (f'sudo -u bob bash -c "ls {V}"', "in what bash -c runs"),
        (f'nohup timeout 5 bash -c "ls {V}" &', "in what bash -c runs"),
        (f'ls | xargs sh -c "ls {V}"', "in what sh -c runs"),
        (f'docker exec db sh -c "ls {V}"', "in what sh -c runs"),
        (f'find . -exec sh -c "ls {V}" \\;', "in what sh -c runs"),
        (f'if bash -c "ls {V}"; then echo; fi', "in what bash -c runs"),
        (f"bash -{V} a", "in the options of bash"),
        (f"bash <<END\n{V}\nEND\n", "in what bash reads"),
        (f"bash -s <<END\n{V}\nEND\n", "in what bash reads"),
        (f"docker exec -i db bash <<END\n{V}\nEND\n", "in what bash reads"),
        (f"sudo sh <<< {V}", "in what sh reads"),
        (f"echo {V} | sh", "in what sh reads"),
        (f"echo {V} | cat | sudo bash", "in what bash reads"),
        (f"{{ echo {V}; }} | sh", "in what sh reads"),
        (f"for i in {V}; do echo $i; done | sh", "in what sh reads"),
        (f"(echo {V}) | sh", "in what sh reads"),
        (f"if true; then bash; fi <<END\n{V}\nEND\n", "in what bash reads"),
        (f"{{ true; bash; }} <<< {V}", "in what bash reads"),
        (f"(sh) < <(echo {V})", "in what sh reads"),
        (f"echo {V} | {{ true; bash; }}", "in what bash reads"),
        (f"echo {V} | (true; bash)", "in what bash reads"),
        (f"echo {V} | while true; do bash; done", "in what bash reads"),
        (f"f() {{ bash; }}; f <<< {V}", "in what bash reads"),
        (f"exec <<< {V}; bash", "in what bash reads"),
        (f"sudo -i <<< {V}", "in what sudo gives to a shell"),
        (f"bash <(echo {V})", "in what bash runs as code"),
        (f"bash < <(echo {V})", "in what bash reads"),
        (f"source <(echo {V})", "in what is run as code"),
        (f". /dev/stdin <<< {V}", "in what is run as code"),
        (f'su -c "ls {V}"', "in what su -c runs"),
        (f'su - bob -c "ls {V}"', "in what su -c runs"),
        (f"su bob -c {V}", "in what su -c runs"),
        (f"su bob --command={V}", "in what su -c runs"),
        (f'sudo su - bob -c "ls {V}"', "in what su -c runs"),
        (f'runuser -u bob -c "ls {V}"', "in what runuser -c runs"),
        (f"su bob <<END\n{V}\nEND\n", "in what su reads"),
        (f"ssh host ls {V}", "in what ssh gives"),
        (f'ssh host "ls {V}"', "in what ssh gives"),
        (f"ssh -p 22 -i key user@host -- {V}", "in what ssh gives"),
        (f"ssh -tt -p22 host {V}", "in what ssh gives"),
        (f"sshpass -e ssh host {V}", "in what ssh gives"),
        (f"ssh -o {V} host", "in an option of ssh"),
        (f"ssh host <<END\n{V}\nEND\n", "in what ssh gives"),
        (f"ssh host bash -s <<END\n{V}\nEND\n", "in what bash reads"),
        (f"watch ls {V}", "in what watch gives to a shell"),
        (f"echo {V} | parallel", "in what parallel gives to a shell"),
        (f"echo {V} | xargs sh -c", "in what xargs hands"),
        (f"xargs env <<< {V}", "in what xargs hands"),
        (f"bash -c $(cat) {V}", "in what bash -c runs"),
        (f'python3 -c "print({V})"', "in what python3 -c runs"),
        (f'/usr/bin/python3.11 -Ic "print({V})"', "in what python3.11 -c runs"),
        (f'perl -pe "s/a/{V}/"', "in what perl -e runs"),
        (f"python3 <<END\n{V}\nEND\n", "in what python3 reads"),
        (f'sed -i "s/a/{V}/" file', "in the script of sed"),
        (f'sed -n -e p -e "s/a/{V}/" file', "in the script of sed"),
        (f'sed -ne "/{V}/p" file', "in the script of sed"),
        (f"sed --expression=s/a/{V}/ file", "in the script of sed"),
        (f'awk "/{V}/" file', "in the script of awk"),
        (f'awk -F: "/{V}/" file', "in the script of awk"),
        (f"psql db <<END\nselect '{V}';\nEND\n", "in what psql reads"),
        (f'echo "select {V}" | mysql db', "in what mysql reads"),
        (f"declare {V}=1", "after declare"),
        (f"declare -i n={V}", "after declare"),
        (f"declare -a n={V}", "after declare"),
        (f"export {V}", "after export"),
        (f"unset {V}", "after unset"),
        (f"read {V}", "after read"),
        (f"printf -v {V} a", "after printf -v"),
        (f'printf "{V}\\n"', "in the format of printf"),
        (f"{V} --help", "where the program is named"),
        (f"$(echo {V}) a", "in what the shell splits"),
        (f'"$(which {V})" a', "in what the shell splits"),
        (f"timeout 1 $(echo {V})", "in what the shell splits"),
        (f"xargs ${{a:-$(echo {V})}}", "in what the shell splits"),
        (f"bash $(echo {V})", "in what the shell splits"),
        (f"python3 $(echo {V})", "in what the shell splits"),
        (f"tar cf a.tar $(ls {V})", "in what the shell splits"),
        (f"[ $(cat {V}) ]", "in what the shell splits"),
        (f"[ a{V} {V} ]".replace(f"a{V}", "-R"), "after -R"),
        (f"bash -c - {V}", "in what bash -c runs"),
        (V, "where the program is named"),
        (f"true; {V}", "where the program is named"),
        (f"exec {V}", "after exec, where the program is named"),
        (f"nohup {V} a", "after nohup, where the program is named"),
        (f"A=b {V}", "where the program is named"),
        (f"echo \\{V}", "right after a backslash"),
        (f'echo "\\{V}"', "right after a backslash"),
        (f"echo ${V}", "right after a $"),
        (f'echo "${V}"', "right after a $"),
    ],
)
def test_refused(text: str, where: str) -> None:
    """Where a value would be run, or not be put in at all, the guide is wrong; and rendering refuses as well."""
    found = refused(text)
    assert len(found) == 1, found
    message, offset = found[0]
    assert message.startswith(f"{V} stands {where}")
    assert text[offset:].startswith(V)
    with pytest.raises(ExpressionError, match="stands") as caught:
        render_shell(text, ENV)
    assert caught.value.column == offset + 1


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (f"echo '{V}'", "use double quotes"),
        (f"echo `ls {V}`", "write $(…)"),
        (f"eval {V}", "list form"),
        (f'bash -c "{V}"', "hand it over as an argument"),
        (f'su bob -c "{V}"', "user:"),
        (f"ssh host {V}", "stdin:"),
        (f"echo $(( {V} ))", "compute it in the expression"),
        (f"cat <<'END'\n{V}\nEND\n", "take the quotes off END"),
        (f'sed -i "s/a/{V}/" f', "edit:"),
        (f"psql <<END\n{V}\nEND\n", "sql"),
    ],
)
def test_the_way_out_is_named(text: str, hint: str) -> None:
    """Each refusal says what to write instead."""
    assert [hint in problem.hint for problem in check_template(text, Kind.SHELL)] == [True]


@pytest.mark.parametrize(
    ("text", "script"),
    [
        (f"echo {V}", 'echo "$w1"'),
        (f"echo a{V}b", 'echo a"$w1"b'),
        (f"--dir={V}/lib", '--dir="$w1"/lib'),
        (f"{V}/bin/run", '"$w1"/bin/run'),
        (f'echo "a {V}b"', 'echo "a ${w1}b"'),
        (f'echo "$(ls {V})"', 'echo "$(ls "$w1")"'),
        (f'echo "$(ls "{V}")"', 'echo "$(ls "${w1}")"'),
        (f"echo 'a' {V} 'b'", "echo 'a' \"$w1\" 'b'"),
        (f"echo it\\'s {V}", 'echo it\\\'s "$w1"'),
        (f"echo \\\\{V}", 'echo \\\\"$w1"'),
        (f"echo $${V}", 'echo $$"$w1"'),
        (f"echo $#{V} ${{#a}}{V}", 'echo $#"$w1" ${#a}"$w2"'),
        (f"cat <<END\n'{V}' \"a\"\nEND\necho {V}", 'cat <<END\n\'${w1}\' "a"\nEND\necho "$w2"'),
        (f"cat <<-END\n\t{V}\n\tEND\n", "cat <<-END\n\t${w1}\n\tEND\n"),
        (f"cat <<END\n$(ls {V})\nEND\n", 'cat <<END\n$(ls "$w1")\nEND\n'),
        (f"cat <<'END'\n`'\nEND\necho {V}", "cat <<'END'\n`'\nEND\necho \"$w1\""),
        (f"x=$(cat <<END\n{V})\nEND\n)", "x=$(cat <<END\n${w1})\nEND\n)"),
        (f"echo ${{a:-{V}}}", 'echo ${a:-"$w1"}'),
        (f'echo "${{a:-{V}}}"', 'echo "${a:-${w1}}"'),
        (f'echo "${{a:?no {V}}}"', 'echo "${a:?no ${w1}}"'),
        (f': "${{a:={V}}}"', ': "${a:=${w1}}"'),
        (f"x={V} y=2 ls", 'x="$w1" y=2 ls'),
        (f"a=({V} b)", 'a=("$w1" b)'),
        (f"case {V} in {V}) ls {V};; *) ls;; esac", 'case "$w1" in "$w2") ls "$w3";; *) ls;; esac'),
        (f"echo $(case a in a) ls {V};; esac) {V}", 'echo $(case a in a) ls "$w1";; esac) "$w2"'),
        (f"[[ a =~ {V} && -f {V} ]]", '[[ a =~ "$w1" && -f "$w2" ]]'),
        (f"[ {V} -eq 1 ]", '[ "$w1" -eq 1 ]'),
        (f"ls > {V} 2>> {V} < {V}", 'ls > "$w1" 2>> "$w2" < "$w3"'),
        (f"cat <<< {V}", 'cat <<< "$w1"'),
        (f"cat <(ls {V})", 'cat <(ls "$w1")'),
        (f"for i in {V} b; do ls {V}; done", 'for i in "$w1" b; do ls "$w2"; done'),
        (f"f() {{ ls {V}; }}; f", 'f() { ls "$w1"; }; f'),
        (f"bash -c 'echo \"$1\"' _ {V}", 'bash -c \'echo "$1"\' _ "$w1"'),
        (f"bash script {V}", 'bash script "$w1"'),
        (f'"$(dirname {V})"/run', '"$(dirname "$w1")"/run'),
        (f'sudo ls "$(dirname {V})"', 'sudo ls "$(dirname "$w1")"'),
        (f'[ "$(cat {V})" = a ]', '[ "$(cat "$w1")" = a ]'),
        (f"sed -n 5p {V}", 'sed -n 5p "$w1"'),
        (f"awk '{{print}}' {V}", "awk '{print}' \"$w1\""),
        (f"ssh {V} uptime", 'ssh "$w1" uptime'),
        (f"systemctl restart ssh {V}", 'systemctl restart ssh "$w1"'),
        (f"printf '%s' {V}", "printf '%s' \"$w1\""),
        (f"export A={V}", 'export A="$w1"'),
        (f"ls ~/{V}/*", 'ls ~/"$w1"/*'),
        (f"ls {{a,{V}}}", 'ls {a,"$w1"}'),
        (f"echo a#{V}", 'echo a#"$w1"'),
        (f"echo {V} && ls {V} || ls {V} | cat {V} &", 'echo "$w1" && ls "$w2" || ls "$w3" | cat "$w4" &'),
        ("w1=a; echo ${{ x }} $w3", 'w1=a; echo "$w2" $w3'),
        ("ls ${{ words(list) }} -- ${{ x }}", 'ls "$w1" "$w2" -- "$w3"'),
        ("a=( ${{ words(list) }} )", 'a=( "$w1" "$w2" )'),
        ("for i in ${{ words(list) }}; do ls; done", 'for i in "$w1" "$w2"; do ls; done'),
    ],
)
def test_allowed(text: str, script: str) -> None:
    """Where a value may stand it becomes a variable, quoted as the place demands; the rest stays as it is."""
    assert refused(text) == []
    command = render_shell(text, ENV)
    assert command.script == script
    assert set(command.variables.values()) <= {"value", "a", "b"}
    assert all(name in script for name in command.variables)


@pytest.mark.parametrize(
    "text",
    [
        'echo "${{ words(list) }}"',
        "echo a${{ words(list) }}",
        "x=${{ words(list) }}",
        "ls > ${{ words(list) }}",
        "cat <<< ${{ words(list) }}",
        "case ${{ words(list) }} in a) ls;; esac",
        "[[ -f ${{ words(list) }} ]]",
        "echo ${a:-${{ words(list) }}}",
        "cat <<END\n${{ words(list) }}\nEND\n",
        "x=${{ words(list) }} ls",
    ],
)
def test_several_words_where_one_fits(text: str) -> None:
    """`words()` stands among the arguments of a command, by itself and outside quotes."""
    found = refused(text)
    assert [message for message, _ in found] == [
        "${{ words(list) }} gives several words and stands where only one fits"
    ]
    assert text[found[0][1] :].startswith("${{ words(list) }}")
    with pytest.raises(ExpressionError, match="several words"):
        render_shell(text, ENV)


@pytest.mark.parametrize(
    "text", [f'echo "{V}', f"echo '{V}", f"echo $(ls {V}", f"echo ${{a:-{V}", f"echo `{V}", f"a=({V}"]
)
def test_unclosed(text: str) -> None:
    """Where a quote or bracket is open nobody can say where values stand, so the text is refused."""
    assert any("is not closed" in message for message, _ in refused(text))
    with pytest.raises(ExpressionError):
        render_shell(text, ENV)


def test_all_mistakes_at_once_in_the_order_of_the_text() -> None:
    """Every place is judged, each once."""
    text = f"echo '{V}'\neval {V}\nls {V}\nbash -c \"{V}\"\n"
    assert [offset for _, offset in refused(text)] == [6, 21, 51]


def test_a_text_without_values_is_nobodys_business() -> None:
    """Commands that hold no value are taken as they are, however they look."""
    text = "eval \"$x\"; bash -c 'ls; `x`' # '\n\" <<"
    assert refused(text) == []
    assert render_shell(text, ENV).script == text


@pytest.mark.parametrize(
    "text", ["rm -rf ${{ empty }}/lib", 'rm -rf "${{ zz }}/lib"', "ls ${{ words(none) }}", "ls ${{ words(blank) }}"]
)
def test_absent_and_empty_values_start_nothing(text: str) -> None:
    """`rm -rf ${{ x }}/lib` with nothing for x is an error before the start."""
    with pytest.raises(AbsentError):
        render_shell(text, Environment(names={"empty": "", "none": [], "blank": ["a", ""]}))


@pytest.mark.parametrize(("value", "message"), [("a\0b", "NUL"), ("x" * 140_000, "too long")])
def test_values_no_command_can_take(value: str, message: str) -> None:
    """What the kernel refuses is refused before the start, in both forms."""
    env = Environment(names={"x": value})
    with pytest.raises(ExpressionError, match=message):
        render_shell(f"echo {V}", env)
    with pytest.raises(ExpressionError, match=message):
        render_words(["echo", V], env)


def test_secrets_have_no_place_in_commands() -> None:
    """A secret is refused when a command is rendered, and named without its value."""
    for render in (
        lambda: render_shell("echo ${{ secret }}", ENV),
        lambda: render_words(["echo", "${{ secret }}"], ENV),
    ):
        with pytest.raises(ExpressionError, match="is a secret and has no place here") as caught:
            render()
        assert "hunter22" not in str(caught.value)


def test_an_operators_own_command_may_stand_alone() -> None:
    """An answer of type command is the text itself where it is all of it, and a value everywhere else."""
    env = Environment(
        names={"answers": {"restart": "systemctl restart x && sleep 1"}}, commands=frozenset({"answers.restart"})
    )
    alone = render_shell(" ${{ answers.restart }}\n", env)
    assert (alone.script, alone.variables) == ("systemctl restart x && sleep 1", {})
    beside = render_shell("echo ${{ answers.restart }}", env)
    assert beside.script == 'echo "$w1"'
    with pytest.raises(ExpressionError, match="where the program is named"):
        render_shell("${{ answers.restart }}", Environment(names=env.names))


@pytest.mark.parametrize("program", ["ssh", "tar", "git", "bash", "sudo", "rsync", "python3"])
def test_options_that_run_code(program: str) -> None:
    """A value with a leading dash is not handed to a program that would take it for an option that runs code."""
    env = Environment(names={"x": "-oProxyCommand=touch X"})
    with pytest.raises(ExpressionError, match="begins with a dash") as caught:
        render_shell(f"{program} {V}", env)
    assert "--" in caught.value.hint
    assert render_shell(f"{program} -- {V}", env).script == f'{program} -- "$w1"'
    with pytest.raises(ExpressionError, match="begins with a dash"):
        render_words([program, V], env)
    assert render_shell(f"{program} {V}", ENV).script == f'{program} "$w1"'


def test_what_is_shown() -> None:
    """People see the command with the values, quoted so that they could have typed it."""
    env = Environment(names={"x": 'a "b" $c', "list": ["p q", "r"]})
    text = f'ls {V} "in {V}" ${{{{ words(list) }}}} <<END\n{V}\nEND\n'
    assert render_shell(text, env).shown == ('ls \'a "b" $c\' "in a \\"b\\" \\$c" \'p q\' r <<END\na "b" \\$c\nEND\n')
    assert render_words(["ls", V, "${{ words(list) }}"], env).shown == "ls 'a \"b\" $c' 'p q' r"


def test_list_form() -> None:
    """In list form values are pasted into words, a whole `words()` gives several, and nothing else is changed."""
    words = ["psql", "-v", f"a={V}:{V}", "${{ words(list) }}", "", "'$x' `y`"]
    assert render_words(words, ENV).words == ("psql", "-v", "a=value:value", "a", "b", "", "'$x' `y`")
    assert render_words([V, "b"], ENV).words == ("value", "b")


@pytest.mark.parametrize(
    ("words", "number", "message"),
    [
        (["bash", "-c", f"ls {V}"], 2, "in what bash -c runs"),
        (["sudo", "-u", "x", "sh", "-ec", V], 5, "in what sh -c runs"),
        (["ssh", "host", f"ls {V}"], 2, "in what ssh gives"),
        (["su", "x", "-c", V], 3, "in what su -c runs"),
        (["sed", "-i", f"s/a/{V}/", "file"], 2, "in the script of sed"),
        (["ls", "a${{ words(list) }}"], 1, "several words"),
        (["ls", "${{ x"], 1, "is not closed"),
    ],
)
def test_list_form_refuses_code(words: list[str], number: int, message: str) -> None:
    """Without a shell a value can still become code, by a program that takes some."""
    found = check_words(words)
    assert [(at, message in problem.message) for at, problem in found] == [(number, True)]
    with pytest.raises(ExpressionError, match=f"word {number + 1}"):
        render_words(words, ENV)


@pytest.mark.parametrize("words", [["ls", "${{ empty }}"], ["ls", "--x=${{ empty }}"], ["ls", "${{ zz }}"]])
def test_list_form_wants_values(words: list[str]) -> None:
    """An absent or empty value in a word is an error before the start."""
    with pytest.raises(AbsentError):
        render_words(words, ENV)


SCOPE = Scope(
    names={
        "answers": record({"dir": TEXT, "n": INT, "password": SECRET, "restart": COMMAND, "list": list_of(TEXT)}),
        "facts": DYNAMIC,
        "map": record({"a": TEXT}),
    }
)


@pytest.mark.parametrize(
    ("text", "kind", "message", "offset"),
    [
        ("echo ${{ answers.dirr }}", Kind.SHELL, "answers has no dirr", 17),
        ("echo ${{ answers.password }}", Kind.SHELL, "is a secret", 5),
        ("echo ${{ lower(answers.password) }}", Kind.SHELL, "is a secret", 5),
        ("echo ${{ answers.list }}", Kind.SHELL, "is a list and has no text", 5),
        ("echo ${{ answers.restart }}; ${{ answers.restart }}", Kind.SHELL, "where the program is named", 29),
        ("${{ answers.dir }}", Kind.SHELL, "where the program is named", 0),
        ("Hello ${{ answers.password }}", Kind.TEXT, "is a secret", 6),
        ("${{ answers.password }}", Kind.TEXT, "is a secret", 0),
        ("Hello ${{ answers.list }}", Kind.TEXT, "is a list and has no text", 6),
        ("Hello ${{ map }}", Kind.TEXT, "is a map with fields and has no text", 6),
        ("Hello ${{ answers.n + 'a' }}", Kind.TEXT, "+ does not go with", 20),
        ("Hello ${{ 1 + }}", Kind.TEXT, "the end was not expected", 13),
        ("Hello ${{ 1", Kind.TEXT, "is not closed", 6),
        ("^${{ answers.password }}", Kind.REGEX, "is a secret", 1),
        ("select '${{ answers.dir }}'", Kind.QUERY, "stands in quotes", 8),
        ("select ${{ answers.password }}", Kind.QUERY, "is a secret", 7),
        ("http://${{ answers.list }}/", Kind.URL, "is a list", 7),
    ],
)
def test_checked_with_names_and_types(text: str, kind: Kind, message: str, offset: int) -> None:
    """With a scope, names, types and secrets are checked as well, at their offset in the text."""
    problems = check_template(text, kind, SCOPE)
    assert [(message in problem.message, problem.offset) for problem in problems] == [(True, offset)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("echo ${{ answers.dir }} ${{ words(answers.list) }} ${{ facts.x }}", Kind.SHELL),
        ("${{ answers.restart }}\n", Kind.SHELL),
        ("echo ${{ join(answers.list, ',') }}", Kind.SHELL),
        ("${{ answers.list }}", Kind.TEXT),
        ("${{ map }}", Kind.TEXT),
        ("Hello ${{ answers.n }}", Kind.TEXT),
        ("select ${{ answers.dir }}", Kind.QUERY),
    ],
)
def test_nothing_to_say(text: str, kind: Kind) -> None:
    """What is right is not complained about; a text that is one whole value may be a list."""
    assert check_template(text, kind, SCOPE) == []


def test_where_secrets_may_stand() -> None:
    """In env, stdin and the like a secret is welcome, in a command never."""
    assert check_template("x:${{ answers.password }}", Kind.TEXT, SCOPE, secrets=True) == []
    assert check_template("echo ${{ answers.password }}", Kind.SHELL, SCOPE, secrets=True) != []


def test_words_checked_with_names_and_types() -> None:
    """A command in list form is checked as one, each problem with the number of its word."""
    words = [
        "ls",
        "${{ answers.dirr }}",
        "${{ answers.password }}",
        "${{ answers.list }}",
        "${{ words(answers.list) }}",
    ]
    found = [(number, problem.message) for number, problem in check_words(words, SCOPE)]
    assert [number for number, _ in found] == [1, 2, 3]
    assert "is a secret" in found[1][1]
    assert "is a list" in found[2][1]


pieces = st.sampled_from(
    [
        *(
            V,
            " ",
            "\n",
            "'",
            '"',
            "`",
            "$",
            "(",
            ")",
            "((",
            "))",
            "{",
            "}",
            "[[",
            "]]",
            "<<E",
            "<<'E'",
            "E",
            "<<<",
            "<",
        ),
        *(">", ">(", "<(", "|", "&", ";", ";;", "\\", "#", "$(", "$((", "${a:-", "${a#", "$'", "=", "a", "a=(", "case"),
        *(
            " in ",
            "esac",
            "if",
            "for",
            "do",
            "bash",
            "-c",
            "eval",
            "ssh",
            "sed",
            "-e",
            "\t",
            "[",
            "]",
            "function",
            "@(",
        ),
    ]
)


@settings(deadline=None, max_examples=400)
@given(st.lists(pieces, max_size=30).map("".join))
def test_any_text_is_read(text: str) -> None:
    """Whatever bash text is written, every place in it is either given a variable or refused, and nothing hangs."""
    problems = check_template(text, Kind.SHELL)
    assert all(0 <= problem.offset < len(text) for problem in problems)
    try:
        command = render_shell(text, ENV)
    except ExpressionError:
        assert problems
    else:
        assert problems == []
        assert len(command.variables) == text.count(V)
        assert V not in command.script
