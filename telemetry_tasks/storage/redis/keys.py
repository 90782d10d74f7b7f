"""The schema of the state in Redis: every key, in one place. Only ``storage.redis`` reads and writes values.

    <prefix>:epoch                     time and random; one life of this Redis. A restore begins a new one; while it
                                       runs, the value is "<new epoch> restoring"
    <prefix>:versions                  set of the channel/versions
    <prefix>:metrics                   hash   counters of metrics (``metrics``); published numbers do not depend on them
    <prefix>:board:<name>              hash   name → "time value": live processes, failures of tasks; can be lost
    <prefix>:note:<name>               small values that can be lost
    <prefix>:lock:<name>               locks that expire (restore, dispatch); correctness does not depend on them
    <prefix>:{<channel/version>}:…     one slot of a Redis Cluster per channel/version:
      epoch           the epoch this channel/version belongs to; writes of another are refused
      files           hash   key of a ping file → its owner, "etag partition-id"; every registered file
      partitions      hash   partition id → partition (``formats.ledger``)
      waiting         zset   partition id → since when it waits, or when it may be claimed
      running         zset   partition id → end of the lease of its aggregation
      attempts        hash   partition id → attempts so far
      errors          hash   partition id → why the last attempt failed
      aggregated      hash   partition id → digest of its stored result, which is not merged yet
      batched         hash   partition id → batch id;  batches  hash  batch id → "partition-id …"
      batch_leases    zset   batch id → end of the lease of its merge
      merged          hash   partition id → digest of the result that counts: the ledger
      reading         the settings that decide what the rows mean (``core.reading``)
      limits          set of the limits with which counted pings were read
      deltas          hash   delta id → number of pieces;  delta:<delta id>:<i>  the pieces
      base_version    random, new with every compaction
      digests         hash   "m:<measure>" → digest of its cells in the base; "b:<block>" → digest of the block
      base:<block>    blocks of the base: cells by block of measures (c00 …), ledger entries by day (l20131029)
      jobs            hash   job id → plan of a reprocessing;  job_leases  zset  job id → end of its lease
      job:<job id>:…  of a job: "run_id"  random, new with every start;  "results"  hash  partition id → digest of its
                      new result;  "attempts"  hash  partition id → attempts so far;  "backing_off"  zset  partition
                      id → end of its lease, or when it is due;  "messages"  hash  partition id → of its last attempt
      forgotten       set of file keys that an operator removed
      unpublished     zset   key of each unpublished partition's oldest file → when it was uploaded; for metrics
      nonce           random, new with every commit
      stage:<…>       pieces being written; they expire

Clocks are Redis's own. All times are seconds.
"""

import re
from dataclasses import dataclass

_GLOB = re.compile(r"[\\*?\[\]]")
"""Special characters in a pattern of Redis."""


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
        """Matches every key of this channel/version and no others, whatever characters the prefix has."""
        return _GLOB.sub(r"\\\g<0>", self.key("")) + "*"


PLAIN = (
    *("files", "partitions", "waiting", "running", "aggregated", "merged", "attempts", "errors", "forgotten"),
    *("batched", "batches", "batch_leases", "reading", "limits", "nonce", "unpublished"),
    *("deltas", "base_version", "digests", "jobs", "job_leases"),
)
"""The keys of a channel/version with fixed names, except ``epoch``."""
