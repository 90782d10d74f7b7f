-- Dissolves a batch: its partitions that do not count yet become free for another batch.
-- KEYS epoch batched batches batch_leases
-- ARGV epoch, batch id, partition ids …
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
for i = 3, #ARGV do
  if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[2] then
    redis.call('HDEL', KEYS[2], ARGV[i])
  end
end
redis.call('HDEL', KEYS[3], ARGV[2])
redis.call('ZREM', KEYS[4], ARGV[2])
return 1
