"""An installation of Cawemo for one test: folder, database, users, containers; and the answers that upgrade it."""

from __future__ import annotations

import os
import shutil
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import yaml

from tests.e2e.program import REPOSITORY, Ended, Program
from tests.guides.cawemo.standins import Ports, compose_file
from tests.services.daemons import free_port
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.engine import Engine
    from tests.services.postgres import Postgres

USERS: Final = (("ada@example.com", "Ada"), ("grace@example.com", "Grace"), ("linus@example.com", "Linus"))

SETTINGS: Final = """\
##########
# CAWEMO #
##########
SERVER_URL=http://localhost:{web}
SERVER_HOST=localhost
SERVER_HTTPS_ONLY=false
SERVER_SESSION_COOKIE_SECRET=cookie-{word}

# The database, changed by operations last year
DB_HOST={db_host}
DB_PORT={db_port}
DB_NAME={name}
DB_USER={name}
DB_PASSWORD={db_password}

SMTP_HOST=mail.example.com
SMTP_PORT=587

BROWSER_WEBSOCKET_HOST=localhost
BROWSER_WEBSOCKET_PORT=8060
WEBSOCKET_SECRET=websocket-{word}
HOST_LICENSE_FILE_PATH=/opt/cawemo/license.txt
"""

NEW_KEYS: Final = (
    "IAM_BASE_URL", "CLIENT_SECRET", "IAM_DATABASE_ENCRYPTION_KEY", "IAM_TOKEN_SIGNING_KEY", "IAM_DB_HOST",
    "IAM_DB_PORT", "IAM_DB_NAME", "IAM_DB_USER", "IAM_DB_PASSWORD",
)  # fmt: skip

CONFIRMATIONS: Final[dict[str, Any]] = {
    "agree-window": {"typed": "stop cawemo", "tick": "all"},
    "stop-cawemo": True,
    "compose-1-4": True,
    "start-1-4": True,
    "settings": True,
    "compose-1-5": True,
    "network-ready": True,
    "move": True,
    "start-all": True,
    "somebody-logs-in": True,
    "fix-backup-folder": True,
}


class ProgramWithEngine(Program):
    """The program in an environment that names the engine."""

    def __init__(self, place: Path, engine: Engine) -> None:
        """Keep everything below `place`."""
        super().__init__(place)
        self._engine = engine

    def environment(self, **more: str) -> dict[str, str]:
        """The whole environment a call gets."""
        return super().environment(**{**self._engine.environment, **more})


@dataclass(slots=True)
class Cawemo:
    """One installation, and the program that upgrades it."""

    program: Program
    engine: Engine
    postgres: Postgres
    name: str
    ports: Ports = field(default_factory=lambda: Ports(free_port(), free_port(), free_port()))
    db_password: str = ""
    iam_password: str = ""

    @property
    def folder(self) -> Path:
        """Where it is installed."""
        return self.program.place / "cawemo"

    @property
    def iam(self) -> str:
        """The name of IAM's user and database."""
        return f"{self.name}_iam"

    @property
    def backups(self) -> Path:
        """Where its backups go."""
        return self.folder / "backups"

    def install(self, release: str, *, more: str = "") -> None:
        """Set it up with its users and start it; `more` are further lines of .env."""
        self.folder.mkdir()
        self.db_password = self.postgres.make_user(self.name)
        self.iam_password = self.postgres.make_user(self.iam)
        self.postgres.make_database(self.name, self.name)
        self._in_database("create table release (name text)", "insert into release values ('new')")
        self._in_database(
            "create table users (email text primary key, name text, password_hash text)",
            *(f"insert into users values ('{email}', '{name}', 'hash of {name}')" for email, name in USERS),
        )
        if release != "1.3":
            self._in_database("alter table users add column theme text", "update users set theme = 'dark'")
        settings = SETTINGS.format(
            web=self.ports.cawemo,
            word=self.name,
            db_host=self.engine.host,
            db_port=self.postgres.port,
            name=self.name,
            db_password=self.db_password,
        )
        (self.folder / ".env").write_text(settings + more)
        (self.folder / ".env").chmod(0o600)
        (self.folder / "docker-compose.yml").write_text(compose_file(release, self.ports))
        for new in ("1.4", "1.5"):
            (self.folder / f"docker-compose-{new}.yml").write_text(compose_file(new, self.ports))
        self.compose("up", "-d")
        self.comes_up(release)

    def _in_database(self, *statements: str) -> None:
        for statement in statements:
            self.postgres.rows(f"set role {self.name}; {statement}", database=self.name)

    # -- looking at it -----------------------------------------------------------------------------

    def compose(self, *words: str) -> str:
        """Run docker-compose in its folder; what it printed."""
        done = subprocess.run(
            ["docker-compose", *words],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.program.home), **self.engine.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def page(self) -> str:
        """What its page says; empty where nothing answers."""
        try:
            with urllib.request.urlopen(f"http://localhost:{self.ports.cawemo}/", timeout=5) as reply:
                return str(reply.read().decode())
        except (OSError, urllib.error.URLError):
            return ""

    def answers_as(self, release: str) -> bool:
        """Whether that release answers."""
        return self.page().startswith(f"Cawemo {release}")

    def comes_up(self, release: str) -> None:
        """Wait until that release answers and the database has its form: its containers are started, not waited for."""
        until(partial(self.answers_as, release), what=lambda: self.compose("logs", "--tail", "20"))
        until(lambda: self.release().startswith(release), what=lambda: self.compose("logs", "--tail", "20"))

    def release(self) -> str:
        """The release whose form the database has."""
        return str(self.postgres.rows("select name from release", database=self.name)[0][0])

    def users(self) -> list[tuple[Any, ...]]:
        """All that the database holds of its users."""
        return self.postgres.rows("select * from users order by email", database=self.name)

    def moved(self) -> list[tuple[Any, ...]]:
        """The users IAM has."""
        return self.postgres.rows("select email, name from iam_user order by email", database=self.iam)

    def has_iam_database(self) -> bool:
        """Whether IAM has a database."""
        return bool(self.postgres.rows("select 1 from pg_database where datname = %s", self.iam))

    def settings(self) -> dict[str, str]:
        """The lines of .env that set something."""
        lines = (self.folder / ".env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))

    def states(self) -> dict[str, str]:
        """State (and health) of every container by its name."""
        return {
            str(container.name): container.status
            if not (health := container.attrs["State"].get("Health"))
            else f"{container.status}, {health['Status']}"
            for container in self.engine.client.containers.list(all=True)
        }

    def as_it_was(self) -> dict[str, Any]:
        """Everything that an upgrade changes, to be compared."""
        return {
            "settings": (self.folder / ".env").read_bytes(),
            "compose": (self.folder / "docker-compose.yml").read_bytes(),
            "mode": (self.folder / ".env").stat().st_mode,
            "users": self.users(),
            "columns": self.postgres.rows(
                "select column_name from information_schema.columns where table_name = 'users' order by 1",
                database=self.name,
            ),
            "release": self.release(),
            "iam": self.has_iam_database(),
        }

    # -- upgrading it ------------------------------------------------------------------------------

    def answers(self, current: str, **changes: Any) -> dict[str, Any]:
        """The parts of an answers file; `changes` to answers, or `confirmations=` and `bypasses=`."""
        older = {"compose_1_4": str(self.folder / "docker-compose-1.4.yml")} if current < "1.4" else {}
        newer = {
            "compose_1_5": str(self.folder / "docker-compose-1.5.yml"),
            "iam_base_url": f"http://localhost:{self.ports.account}",
            "account_port": self.ports.account,
            "iam_db_host": self.engine.host,
            "iam_db_port": self.postgres.port,
            "iam_db_name": self.iam,
            "iam_db_user": self.iam,
            "iam_db_password": "env:IAM_PASSWORD",
            "in_terminal": False,
        }
        confirmations = CONFIRMATIONS | changes.pop("confirmations", {})
        bypasses = changes.pop("bypasses", {})
        given = {
            "install_dir": str(self.folder),
            "current_version": current,
            "target_version": "1.5",
            "backup_dir": str(self.backups),
            "db_admin": self.postgres.user,
            "db_admin_password": "env:ADMIN_PASSWORD",
            "login_by": "images-are-here",
            **older,
            **newer,
            **changes,
        }
        return {"answers": given, "confirmations": confirmations, "bypasses": bypasses}

    @property
    def secrets(self) -> dict[str, str]:
        """The variables that the answers name."""
        return {"IAM_PASSWORD": self.iam_password, "ADMIN_PASSWORD": self.postgres.password}

    def write_answers(self, current: str, **changes: Any) -> str:
        """Write an answers file; gives its path."""
        file = self.program.place / "answers.yaml"
        file.write_text(yaml.safe_dump(self.answers(current, **changes), sort_keys=False))
        return str(file)

    def watchful_guide(self) -> Path:
        """A copy of the guide that looks every second where the shipped one looks every five; else it is the same."""
        folder = self.program.place / "watchful"
        if not folder.exists():
            shutil.copytree(REPOSITORY / "guides" / "cawemo", folder)
            guide = (folder / "guide.yaml").read_text()
            assert guide.count(" every: 5s\n") >= 2, "its waits are others now"
            (folder / "guide.yaml").write_text(guide.replace(" every: 5s\n", " every: 1s\n"))
        return folder

    def upgrade(self, current: str, *, guide: str = "", timeout: float = 110.0, **changes: Any) -> Ended:
        """Run a guide unattended to its end: the watchful one unless told otherwise."""
        answers = self.write_answers(current, **changes)
        words = ("run", guide or str(self.watchful_guide()), "--unattended", "--answers", answers)
        return self.call(*words, timeout=timeout)

    def again(self, *words: str) -> Ended:
        """Call the program for the session there is (`resume`, `undo`), with the answers that were given."""
        answers = str(self.program.place / "answers.yaml")
        return self.call(*words, "--unattended", "--answers", answers)

    def call(self, *words: str, timeout: float = 110.0, **more: str) -> Ended:
        """Call the program with the secrets and `more` in its environment."""
        return self.program.run(*words, timeout=timeout, **{**self.secrets, **more})
