"""moto's S3 in a thread of this process: quick, right on conditional writes, accepts any key, forgets all."""

import logging
import threading
from functools import wraps
from types import TracebackType
from typing import Any

from moto.s3.responses import S3Response
from moto.server import ThreadedMotoServer

from tests.servers.ports import HOST
from tests.servers.s3 import S3Server

_writing = threading.RLock()
_put_object = S3Response.put_object


@wraps(_put_object)
def _put_alone(self: S3Response, *arguments: Any, **options: Any) -> Any:
    """S3's conditional writes are atomic; moto looks first and writes later, each request in a thread of its own."""
    with _writing:
        return _put_object(self, *arguments, **options)


S3Response.put_object = _put_alone  # type: ignore[method-assign]


class MotoServer(S3Server):
    """``with MotoServer() as server: server.new_bucket()``. Other processes can reach it too."""

    name = "moto"

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = ThreadedMotoServer(ip_address=HOST, port=0, verbose=False)

    def __enter__(self) -> "MotoServer":
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.endpoint_url = f"http://{host}:{port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()
