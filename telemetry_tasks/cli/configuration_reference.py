"""docs/configuration.md, made from the settings: ``python -m telemetry_tasks.cli.configuration_reference``."""

from pydantic_core import PydanticUndefined

from telemetry_tasks.settings import SECRETS, Settings

HEAD = """# Configuration

Every setting is an environment variable, read once when a process starts; an invalid value stops it with a
line that names the variable. Lists are JSON: `'["reason", "OS"]'`, or `@FILE`, a file that holds it. Times are
seconds, sizes bytes. Credentials of AWS come from where boto3 looks for them: `AWS_ACCESS_KEY_ID` and
`AWS_SECRET_ACCESS_KEY`, `AWS_PROFILE`, `AWS_SHARED_CREDENTIALS_FILE`, the role of the instance. If
`TELEMETRY_S3_ENDPOINT_URL`, `TELEMETRY_S3_REGION` or `TELEMETRY_SQS_ENDPOINT_URL` is not set, boto3 takes the endpoint
and the region from
`AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL_SQS`, `AWS_ENDPOINT_URL`, `AWS_DEFAULT_REGION` or the profile, unless
`AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is true; every client of the program goes there, and `doctor` names it.

Settings that hold a secret may be in a file instead, as Docker and Kubernetes mount them: the variable with `_FILE`
behind names it, and a newline at its end is dropped. To set both is an error. They are
{secrets}.

Deployments may share a Redis, for the state and for the broker: give each a `TELEMETRY_REDIS_PREFIX` of its own. Keys
of the state begin with `PREFIX:`; queues, results, remote control and events of Celery with `PREFIX:celery:`. Stop all
processes before you change the prefix: messages under the old one are not read.

Celery reads variables of its own, which would win over these settings: `CELERY_…`, `BROKER_URL`, `RESULT_BACKEND`,
`LOADER`, `CONFIG_MODULE`. Workers, beat, Flower and `up` refuse to start while one is set, and name it. Flower reads
`FLOWER_…`: `FLOWER_PORT` and others that the settings here decide are ignored, those of who may come in are refused.

`telemetry-tasks doctor` checks the settings against the services they name. Celery's own settings, each with its why,
are in `celeryconfig.py`; a file of that name in the working folder takes precedence.

| variable | default | what it is |
|---|---|---|
"""


def configuration() -> str:
    """The page. This file is generated; edit the descriptions in ``settings``."""
    rows = [
        f"| `TELEMETRY_{name.upper()}` | {_shown(field.default)} | {_in_a_cell(field.description)} |"
        for name, field in Settings.model_fields.items()
    ]
    secrets = ", ".join(f"`TELEMETRY_{name.upper()}_FILE`" for name in Settings.model_fields if name in SECRETS)
    return HEAD.replace("{secrets}", secrets) + "\n".join(rows) + "\n"


def _in_a_cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


def _shown(default: object) -> str:
    if default is None or default is PydanticUndefined or default == ():
        return ""
    reveal = getattr(default, "get_secret_value", None)
    value = reveal() if reveal else default
    if isinstance(value, tuple):
        value = "[" + ", ".join(f'"{item}"' for item in value) + "]"
    return f"`{value}`"


if __name__ == "__main__":
    print(configuration(), end="")
