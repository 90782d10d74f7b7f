-- Begins an attempt at a partition and renews its lease.
-- KEYS epoch waiting running attempts partitions aggregated merged
-- ARGV epoch, partition id, seconds of the lease
-- Returns the number of the attempt, from 1; 0 in another epoch, or if the partition is unknown, aggregated or merged.
-- Such a partition leaves waiting and running, or every sweep would send it again.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('ZREM', KEYS[2], ARGV[2])
if redis.call('HEXISTS', KEYS[5], ARGV[2]) == 0 or redis.call('HEXISTS', KEYS[6], ARGV[2]) == 1
    or redis.call('HEXISTS', KEYS[7], ARGV[2]) == 1 then
  redis.call('ZREM', KEYS[3], ARGV[2])
  return 0
end
redis.call('ZADD', KEYS[3], now() + tonumber(ARGV[3]), ARGV[2])
return redis.call('HINCRBY', KEYS[4], ARGV[2], 1)
