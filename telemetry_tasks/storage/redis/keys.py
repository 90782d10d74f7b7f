"""The schema of the state in Redis: every key, in one place. Only the ``redis_…`` modules read and write values.

    <prefix>:epoch                     time and random; one life of this Redis. A restore begins a new one, and as long
                                       as it is under way there is "<new epoch> restoring"
    <prefix>:versions                  set of the channel/versions
    <prefix>:metrics                   hash   sums of metrics (``core.metrics``); of no weight for what counts
    <prefix>:board:<name>              hash   name → "time value": which processes live, what tasks met; can be lost
    <prefix>:note:<name>               what is worth knowing and can be lost
    <prefix>:lock:<name>               locks that end by themselves (restore, dispatch); of no weight for what counts
    <prefix>:{<channel/version>}:…     one slot of a Redis Cluster a channel/version:
      epoch           the epoch this channel/version belongs to; writes of another are refused
      files           hash   key of a ping file → "etag partition-id", registered, whatever became of it
      partitions      hash   partition id → partition (``formats.ledger``)
      waiting         zset   partition id → since when it waits to be dispatched
      leases          zset   partition id → until when its aggregation is left alone
      attempts        hash   partition id → dispatches so far
      errors          hash   partition id → why the last attempt failed
      finished        hash   partition id → digest of its stored result, not counted yet
      batched         hash   partition id → batch id;  batches  hash  batch id → "partition-id …"
      batch_leases    zset   batch id → until when its merge is left alone
      ledger          hash   partition id → digest of the result that counts
      reading         the settings that decide what the rows of what counts mean (``core.reading``)
      limits          set of the limits that what counts was read with
      deltas          hash   delta id → number of pieces;  delta:<delta id>:<i>  the pieces
      base_version    random, new with every compaction
      digests         hash   "m:<measure>" → digest of its cells in the base; "b:<block>" → digest of the block
      base:<block>    blocks of the base: cells by shard of measures (c00 …), ledger entries by day (l20131029)
      jobs            hash   job id → plan of a reprocessing;  job_leases  zset  job id → until when it is left alone
      job:<job id>    hash   partition id → digest of its new result;  "try <partition id>" → attempts so far;
                      "rest <partition id>" → until when it is left alone; "life" → random, new with every start
      forgotten       set of file keys that an operator took out
      unpublished     zset   key of each unpublished partition's oldest file → when it was uploaded; for metrics
      nonce           random, new with every commit
      stage:<…>       pieces on their way in; they expire

Clocks are Redis's own. All times are seconds.
"""

import re
from dataclasses import dataclass

_GLOB = re.compile(r"[\\*?\[\]]")
"""Characters that mean something in a pattern of Redis."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Names of the keys of one channel/version."""

    prefix: str
    channel_version: str

    def __call__(self, *names: str) -> list[str]:
        """The keys of these names."""
        return [self.key(name) for name in names]

    def key(self, name: str) -> str:
        """One key."""
        return f"{self.prefix}:{{{self.channel_version}}}:{name}"

    def pattern(self) -> str:
        """Matches every key of this channel/version and no other, whatever the prefix is made of."""
        return _GLOB.sub(r"\\\g<0>", self.key("")) + "*"


PLAIN = (
    *("files", "partitions", "waiting", "leases", "attempts", "errors", "finished"),
    *(
        "batched",
        "batches",
        "batch_leases",
        "ledger",
        "deltas",
        "base_version",
        "digests",
        "nonce",
        "forgotten",
        "reading",
        "limits",
        "unpublished",
        "jobs",
        "job_leases",
    ),
)
"""The keys of a channel/version that have no part of their own in the name, ``epoch`` apart."""
