"""Makes the secrets of compose.yaml, where they are not yet there: ``python3 docker/make_secrets.py``.

Writes ``secrets/`` and ``s3.env`` beside this file, that only their owner can reach, and prints none.
"""

import json
import secrets
from pathlib import Path


def texts() -> dict[str, str]:
    """The files by name, with new random passwords."""
    redis, access, key = secrets.token_urlsafe(32), secrets.token_hex(10), secrets.token_urlsafe(30)
    identity = {
        "name": "telemetry",
        "credentials": [{"accessKey": access, "secretKey": key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    return {
        "secrets/redis_password": redis,
        "secrets/redis_url": f"redis://:{redis}@state:6379/0",
        "secrets/broker_url": f"redis://:{redis}@broker:6379/0",
        "secrets/flower_login": f"operator:{secrets.token_urlsafe(16)}",
        "secrets/s3_identities": json.dumps({"identities": [identity]}),
        "s3.env": f"AWS_ACCESS_KEY_ID={access}\nAWS_SECRET_ACCESS_KEY={key}",
    }


def main(folder: Path) -> int:
    """How many files were written: all, or none where there are some already."""
    new = texts()
    if any((folder / name).exists() for name in new):
        return 0
    (folder / "secrets").mkdir(mode=0o700, exist_ok=True)
    for name, text in new.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(f"{text}\n", "utf-8")
        if name.startswith("secrets/"):
            # compose mounts each as it is, and the containers' users are others than its owner; on the host the
            # folder keeps others out
            path.chmod(0o644)
    return len(new)


if __name__ == "__main__":
    print(f"{main(Path(__file__).resolve().parent)} files written")
