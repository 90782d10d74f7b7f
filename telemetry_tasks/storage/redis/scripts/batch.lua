-- Puts aggregated partitions into a batch, all of them or none.
-- KEYS epoch aggregated batched batches batch_leases
-- ARGV epoch, batch id, batch, seconds of the lease, partition ids …
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
for i = 5, #ARGV do
  if redis.call('HEXISTS', KEYS[2], ARGV[i]) == 0 or redis.call('HEXISTS', KEYS[3], ARGV[i]) == 1 then
    return 0
  end
end
for i = 5, #ARGV do
  redis.call('HSET', KEYS[3], ARGV[i], ARGV[2])
end
redis.call('HSET', KEYS[4], ARGV[2], ARGV[3])
redis.call('ZADD', KEYS[5], now() + tonumber(ARGV[4]), ARGV[2])
return 1
