-- Renews expired leases of batches.
-- KEYS epoch batch_leases
-- ARGV epoch, seconds of the lease, most batches
-- Returns their ids.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return {}
end
local time = now()
local overdue = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', time, 'LIMIT', 0, tonumber(ARGV[3]))
for _, id in ipairs(overdue) do
  redis.call('ZADD', KEYS[2], time + tonumber(ARGV[2]), id)
end
return overdue
