-- Renews the lease of a partition or a batch that has one; 0 seconds end it at once.
-- KEYS epoch, leases or batch_leases
-- ARGV epoch, partition id or batch id, seconds of the lease
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
local clock = redis.call('TIME')
redis.call('ZADD', KEYS[2], 'XX', tonumber(clock[1]) + tonumber(clock[2]) / 1e6 + tonumber(ARGV[3]), ARGV[2])
return 1
