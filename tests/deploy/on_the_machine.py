"""Run by test_install.py on a machine of its own, and nowhere else: installs, serves a boleto over TLS, removes."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import certifi
import httpx

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sandbox.personas import personas  # noqa: E402
from sandbox.server import ISSUER, RunningSandbox  # noqa: E402
from sandbox.twilio import Inbound  # noqa: E402
from segunda_via import clock  # noqa: E402

DOMAIN = "boleto.example.test"
SITE = f"https://{DOMAIN}"
CUSTOMER = "whatsapp:+5547999990001"
DATA, PROGRAMS, SETTINGS = Path("/var/lib/segunda-via"), Path("/opt/segunda-via"), Path("/etc/segunda-via")
UNITS = Path("/etc/systemd/system")


def run(*command: object, code: int = 0) -> str:
    done = subprocess.run(
        [str(each) for each in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == code, f"{command[:2]} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def installer(*arguments: str, code: int = 0) -> str:
    return run(ROOT / "deploy" / "install.sh", *arguments, code=code)


def until(condition: Callable[[], bool], what: str, seconds: float = 240) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"{what} did not happen"
        time.sleep(0.3)


def prepare(model: Path) -> None:
    """A name, a certificate that this machine trusts, a Python that the units may run, and the trained model."""
    with Path("/etc/hosts").open("a") as hosts:
        hosts.write(f"\n127.0.0.1 {DOMAIN}\n")
    for folder in Path(sys.executable).resolve().parents:
        folder.chmod(folder.stat().st_mode | 0o055)
    run(
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={DOMAIN}",
        "-addext", f"subjectAltName=DNS:{DOMAIN}", "-keyout", "/etc/ssl/key.pem", "-out", "/etc/ssl/cert.pem",
    )  # fmt: skip
    Path("/etc/ssl/key.pem").chmod(0o644)  # Caddy, too, reads it as a user of its own
    with Path(certifi.where()).open("a") as trusted:
        trusted.write(Path("/etc/ssl/cert.pem").read_text())
    models = DATA / "models"
    models.mkdir(parents=True)
    shutil.copy(model, models)


def install(proxy: str) -> None:
    refused = installer("install", "--domain", "http://x", code=1)
    assert "--domain is a name" in refused, refused
    told = installer(
        "install", "--domain", DOMAIN, "--proxy", proxy,
        "--certificate", "/etc/ssl/cert.pem", "--key", "/etc/ssl/key.pem",
        "--python", str(Path(sys.executable).parents[1]),
    )  # fmt: skip
    assert f"Installed. Next: {SITE}/configuracoes" in told, told
    for path in (SETTINGS / "segunda-via.env", SETTINGS / "endpoints.yml"):
        assert path.stat().st_mode & 0o007 == 0, "secrets are not for everybody"
    assert (DATA / "var" / "secret.key").stat().st_mode & 0o077 == 0
    assert "it is installed already" in installer("install", "--domain", DOMAIN, code=1)
    run("systemd-analyze", "verify", *sorted(UNITS.glob("segunda-via*")))


def settings() -> dict[str, str]:
    lines = (SETTINGS / "segunda-via.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


class Unit:
    """A service, started as its unit says: that line, that user, that folder, those variables."""

    def __init__(self, name: str, listener: socket.socket | None = None) -> None:
        text = (UNITS / f"{name}.service").read_text()
        (line,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
        owner = pwd.getpwnam(re.findall(r"^User=(.*)$", text, re.MULTILINE)[0])
        (folder,) = re.findall(r"^WorkingDirectory=(.*)$", text, re.MULTILINE)
        told = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **settings()}
        if listener is not None:
            told["LISTEN_FDS"] = "1"

        def third() -> None:
            if listener is not None:
                os.dup2(listener.fileno(), 3)

        self.log = Path(f"/var/log/{name}.log")
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                ["/bin/sh", "-c", f"export LISTEN_PID=$$; exec {line}"], cwd=folder, env=told, stdout=sink, stderr=sink,
                user=owner.pw_uid, group=owner.pw_gid, extra_groups=[], umask=0o077,
                pass_fds=(3,) if listener is not None else (), preexec_fn=third,
            )  # fmt: skip

    def stop(self) -> None:
        """As systemd does: politely, then not."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def proxied(proxy: str) -> Iterator[None]:
    """Debian's proxy with the configuration that was installed."""
    command = {
        "nginx": ["nginx", "-g", "daemon off;"],
        "caddy": ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"],
    }[proxy]
    if proxy == "nginx":
        Path("/etc/nginx/sites-enabled/default").unlink(missing_ok=True)
    process = subprocess.Popen(command, env={**os.environ, "HOME": "/root"}, stderr=subprocess.DEVNULL)
    try:
        until(lambda: reachable(443), "TLS")
        yield
    finally:
        process.terminate()
        process.wait(20)


def reachable(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextlib.contextmanager
def listening() -> Iterator[socket.socket]:
    """systemd's part: the socket of the .socket unit."""
    (address,) = re.findall(r"^ListenStream=(.*)$", (UNITS / "segunda-via.socket").read_text(), re.MULTILINE)
    host, _, port = address.rpartition(":")
    with socket.create_server((host, int(port)), backlog=2048) as opened:
        yield opened


def get(path: str) -> httpx.Response:
    return httpx.get(f"{SITE}{path}", timeout=120, trust_env=False)


def answers(path: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return get(path).status_code == 200
    return False


def the_site() -> None:
    shown = httpx.get(f"{SITE}/configuracoes", follow_redirects=True, timeout=60, trust_env=False)
    assert shown.status_code == 200, shown.status_code
    assert shown.headers["strict-transport-security"] == "max-age=31536000"
    assert get("/metrics").status_code == 404, "figures are not for strangers"
    assert httpx.get(f"http://{DOMAIN}/", trust_env=False).status_code in {301, 308}
    outdated = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    outdated.check_hostname, outdated.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outdated.minimum_version, outdated.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with socket.create_connection((DOMAIN, 443)) as plain, contextlib.suppress(ssl.SSLError, OSError):
        outdated.wrap_socket(plain, server_hostname=DOMAIN)
        raise AssertionError("TLS 1.1 was taken")


def a_boleto(sandbox: RunningSandbox) -> None:
    document = next(each.document for each in personas(clock.today(), ISSUER) if "entrega completa" in each.situation)

    def received() -> list[object]:
        return [message for message in sandbox.twilio.account.of(CUSTOMER) if not message.inbound]

    before = len(received())
    for text, answers in (("oi, preciso do meu boleto", 1), (document, 6)):
        _, answered = sandbox.write(Inbound(CUSTOMER, text=text, profile="Ana"))
        assert answered is not None
        assert answered.status == 204, answered.status
        until(lambda told=answers: len(received()) >= before + told, text)  # type: ignore[misc]
    media = [url for message in received()[before:] for url in message.media_urls]  # type: ignore[attr-defined]
    assert media, "a picture and a paper"
    for url in media:
        assert url.startswith(f"{SITE}/media/"), "links lead through TLS"
        answer = httpx.get(url, timeout=60, trust_env=False)
        assert answer.status_code == 200
        assert answer.headers["content-type"] in {"image/png", "application/pdf"}
        for log in Path("/var/log").rglob("*"):
            if log.is_file():
                assert url.rpartition("/")[2] not in log.read_text(errors="replace"), f"{log} holds a link"


def start_anew(unit: Unit, listener: socket.socket) -> Unit:
    """Who asks while the server is started anew waits, and is answered."""
    unit.stop()
    statuses: list[int] = []
    asking = threading.Thread(target=lambda: statuses.append(get("/health/live").status_code))
    asking.start()
    time.sleep(1)
    anew = Unit("segunda-via", listener)
    asking.join(60)
    assert statuses == [200], statuses
    return anew


def serve(proxy: str) -> None:
    account_told = SETTINGS / "segunda-via.env"
    with RunningSandbox() as sandbox, listening() as listener, proxied(proxy):
        account = sandbox.twilio.account
        hooks = f"{SITE}/webhooks/whatsapp"
        sandbox.twilio.configure(f"{hooks}/webhook", f"{hooks}/status")
        with account_told.open("a") as variables:
            variables.write(
                f"SEGUNDA_VIA_GATEWAY=asaas\nSEGUNDA_VIA_CREDENTIALS={json.dumps(sandbox.credentials('asaas'))}\n"
                f"TWILIO_ACCOUNT_SID={account.sid}\nTWILIO_AUTH_TOKEN={account.token}\n"
                f"TWILIO_WHATSAPP_NUMBER={account.number}\nTWILIO_API_URL={sandbox.twilio_url}\n"
            )
        public = Unit("segunda-via", listener)
        others: list[Unit] = []
        try:
            until(lambda: answers("/health/live"), "the public server's start")
            the_site()
            if proxy == "nginx":
                others = [Unit("segunda-via-actions"), Unit("segunda-via-rasa")]
                until(lambda: answers("/health/ready"), "ready")
                a_boleto(sandbox)
            public = start_anew(public, listener)
        except BaseException:
            for log in sorted(Path("/var/log").glob("segunda-via*.log"), reverse=True):
                sys.stdout.write(f"--- {log}\n{log.read_text()[-2500:]}\n")
            raise
        finally:
            for unit in (public, *others):
                unit.stop()


def upgrade() -> None:
    """What cannot serve does not come in: the one before stays in force, with what somebody changed."""
    before, key = (PROGRAMS / "current").resolve(), (DATA / "var" / "secret.key").read_text()
    examples = sorted((DATA / "data").rglob("*.yml"))
    mine, theirs = examples[0], examples[1]
    pristine = before / "data.dist" / theirs.relative_to(DATA / "data")
    theirs.write_text("# of the release before\n")
    pristine.write_text("# of the release before\n")
    mine.write_text(mine.read_text().replace("\n", "\n# mine\n", 1))
    (before / "data.dist" / mine.relative_to(DATA / "data")).write_text("# of the release before\n")
    time.sleep(1)
    for model in (DATA / "models").iterdir():
        model.unlink()
    told = installer("upgrade", "--proxy", "none", "--python", "/nowhere", code=1)
    assert "the one before is in force again" in told, told
    assert (PROGRAMS / "current").resolve() == before
    assert "# mine" in mine.read_text()
    assert theirs.read_text() != "# of the release before\n"
    assert f"kept as you changed it: {mine}" in told, told
    assert (DATA / "var" / "secret.key").read_text() == key
    assert len(list((DATA / "backups").glob("segunda-via-*.tar.gz"))) == 1


def remove() -> None:
    installer("remove")
    assert not PROGRAMS.exists()
    assert not list(UNITS.glob("segunda-via*"))
    assert (DATA / "var" / "secret.key").exists()
    assert SETTINGS.exists()
    installer("remove", "--purge")
    assert not DATA.exists()
    assert not SETTINGS.exists()


def main(model: Path, proxy: str) -> None:
    prepare(model)
    install(proxy)
    serve(proxy)
    if proxy == "nginx":
        upgrade()
    remove()
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
