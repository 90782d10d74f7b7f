-- Begins an attempt at a partition and renews its lease.
-- KEYS epoch waiting leases attempts partitions finished ledger
-- ARGV epoch, partition id, seconds of the lease
-- Returns the number of the attempt, from 1; 0 if there is nothing to do: another epoch, not registered, done.
-- An unregistered or done partition leaves waiting and leases, or every sweep would send it again.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('ZREM', KEYS[2], ARGV[2])
if redis.call('HEXISTS', KEYS[5], ARGV[2]) == 0 or redis.call('HEXISTS', KEYS[6], ARGV[2]) == 1
    or redis.call('HEXISTS', KEYS[7], ARGV[2]) == 1 then
  redis.call('ZREM', KEYS[3], ARGV[2])
  return 0
end
local clock = redis.call('TIME')
redis.call('ZADD', KEYS[3], tonumber(clock[1]) + tonumber(clock[2]) / 1e6 + tonumber(ARGV[3]), ARGV[2])
return redis.call('HINCRBY', KEYS[4], ARGV[2], 1)
