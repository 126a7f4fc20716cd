"""`make start`: the Function app on this machine, with Azurite, on `func` where it is installed.

Where it is not, on the development host; it says which. An Azurite that runs already is used, and
left running.
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from devhost.azurite import DEFAULT_PORTS, Azurite, is_listening
from devhost.errors import ConfigurationError, HostError
from devhost.launcher import Ready, read_ready
from devhost.settings import is_development_storage, load_local_settings

ROOT = Path(__file__).parent.parent
SETTINGS = "local.settings.json"
SAMPLE = "local.settings.sample.json"
CERTIFICATES = "SSL_CERT_FILE"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code of the host, or 1 with a reason."""
    parser = argparse.ArgumentParser(prog="python -m devhost.start", description=__doc__)
    parser.add_argument("--app", type=Path, default=ROOT, help="folder of function_app.py")
    app: Path = parser.parse_args(arguments).app.resolve()
    try:
        _provide_settings(app)
        values = load_local_settings(app / SETTINGS).values
        env = _environment(values)
        storage = values.get("AzureWebJobsStorage", "")
        with _storage(env.get("AzureWebJobsStorage", storage)):
            func = shutil.which("func")
            return _run_func(func, app, env) if func else _run_devhost(app, env)
    except HostError as error:
        print(error, file=sys.stderr)
        return 1


def _provide_settings(app: Path) -> None:
    if (app / SETTINGS).exists():
        return
    if not (app / SAMPLE).exists():
        raise ConfigurationError(f"{app} has neither {SETTINGS} nor {SAMPLE}")
    shutil.copyfile(app / SAMPLE, app / SETTINGS)
    print(f"Copied {SAMPLE} to {SETTINGS}: change it as you like.")


def _environment(values: Mapping[str, str]) -> Mapping[str, str]:
    """Return the environment for the host, which prefers it to the settings.

    Many machines set SSL_CERT_FILE for everything that runs on them. It would keep the app from
    trusting the registry that the settings name, so here the settings prevail.
    """
    ambient, wanted = os.environ.get(CERTIFICATES), values.get(CERTIFICATES)
    if ambient is None or wanted is None or ambient == wanted:
        return os.environ
    print(f"Certificates: {wanted}, as {SETTINGS} says; not {ambient}, as {CERTIFICATES} says.")
    return {**os.environ, CERTIFICATES: wanted}


@contextlib.contextmanager
def _storage(setting: str) -> Iterator[None]:
    """Run Azurite meanwhile, when the settings ask for development storage and there is none."""
    if not is_development_storage(setting):
        yield
    elif is_listening(DEFAULT_PORTS.queue):
        print(f"Storage: the Azurite that listens on port {DEFAULT_PORTS.queue}.")
        yield
    else:
        with Azurite.start(ROOT / ".azurite", ports=DEFAULT_PORTS):
            print("Storage: Azurite, its data in .azurite.")
            yield


def _run_func(func: str, app: Path, env: Mapping[str, str]) -> int:
    print(f"Host: Azure Functions Core Tools ({func}).", flush=True)
    return _wait(subprocess.Popen([func, "start"], cwd=app, env=env, text=True))


def _run_devhost(app: Path, env: Mapping[str, str]) -> int:
    print("Host: the development host (`func` is not installed).", flush=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "devhost", "--app", str(app), "--timers"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    if process.stdout is not None:
        ready = read_ready(process.stdout.readline())
        if ready is not None:
            print("\n".join(_listing(ready)), flush=True)
    return _wait(process)


def _wait(process: subprocess.Popen[str]) -> int:
    """Wait for the host; Ctrl-C reaches it by itself, and SIGTERM is passed on."""
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            return process.wait()


def _listing(ready: Ready) -> Iterator[str]:
    yield f"\nReady at {ready.url}"
    yield f"  key: {ready.host_key}  (header x-functions-key)"
    yield f"  master key: {ready.master_key}  (POST /admin/functions/NAME runs a timer)\n"
    for function in ready.functions:
        yield f"  {function['name']}: {_how(function, ready.url)}"
    yield ""


def _how(function: Mapping[str, object], url: str) -> str:
    """Return what makes a function run."""
    match function["trigger"]:
        case "httpTrigger":
            methods = function["methods"]
            verbs = ",".join(map(str, methods)) if isinstance(methods, list) else ""
            return f"[{verbs or 'any'}] {url}/{function['route']}"
        case "queueTrigger":
            return f"queue {function['queue']}"
        case _:
            return f"timer {function['schedule']}"


if __name__ == "__main__":
    sys.exit(main())
