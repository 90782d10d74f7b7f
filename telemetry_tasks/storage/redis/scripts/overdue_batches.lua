-- Renews expired leases of batches.
-- KEYS epoch batch_leases
-- ARGV epoch, seconds of the lease, most batches
-- Returns their ids.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return {}
end
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1e6
local overdue = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, tonumber(ARGV[3]))
for _, id in ipairs(overdue) do
  redis.call('ZADD', KEYS[2], now + tonumber(ARGV[2]), id)
end
return overdue
