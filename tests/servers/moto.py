"""moto's S3 in a thread of this process: quick, right on conditional writes, accepts any key, forgets all."""

import logging
from types import TracebackType

from moto.server import ThreadedMotoServer

from tests.servers.ports import HOST
from tests.servers.s3 import S3Server


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
