"""`playmoney token`: a bearer token from a running sandbox, for curl and scripts."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request

import click

from simulator.base.errors import ConfigError
from simulator.cli.options import DEFAULT_URL


@click.command()
@click.option("--url", default=DEFAULT_URL, show_default=True, help="The sandbox.")
@click.option("--client", default="studio-demo", show_default=True, help="Client id.")
@click.option("--secret", help="Client secret.  [default: the test client's, <client>-secret]")
@click.option("--scope", help="Ask for some of the client's scopes only, separated by spaces.")
def token(url: str, client: str, secret: str | None, scope: str | None) -> None:
    """Print a bearer token."""
    form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
    basic = base64.b64encode(f"{client}:{secret or client + '-secret'}".encode()).decode()
    if not url.startswith(("http://", "https://")):
        raise ConfigError(f"--url {url}: write it as http://127.0.0.1:8080")
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked above
        url.rstrip("/") + "/oauth/token",
        data=urllib.parse.urlencode(form).encode(),
        headers={"Authorization": f"Basic {basic}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            click.echo(json.load(answer)["access_token"])
    except urllib.error.HTTPError as refused:
        raise ConfigError(f"{url} refused: {_message(refused)}") from None
    except (OSError, ValueError, KeyError) as wrong:
        raise ConfigError(f"{url} does not answer as a sandbox ({wrong}); is it running?") from None


def _message(refused: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(refused)["message"])
    except (ValueError, KeyError):
        return f"HTTP {refused.code}"
