-- Claims partitions to dispatch: those whose lease ran out, then the ones that wait, oldest first.
-- KEYS epoch waiting leases attempts
-- ARGV epoch, how many at most, seconds of the lease, renew expired leases beyond the limit (1 or 0)
-- Returns partition id, attempt, …; {"stale", 0} in another epoch than the caller's.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return {'stale', 0}
end
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1e6
local limit = tonumber(ARGV[2])
local claimed = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now)
if ARGV[4] == '0' then
  claimed = {}
end
if limit > 0 then
  local fresh = redis.call('ZRANGE', KEYS[2], 0, limit - 1)
  for _, id in ipairs(fresh) do
    claimed[#claimed + 1] = id
    redis.call('ZREM', KEYS[2], id)
  end
end
local out = {}
for _, id in ipairs(claimed) do
  redis.call('ZADD', KEYS[3], now + tonumber(ARGV[3]), id)
  out[#out + 1] = id
  out[#out + 1] = redis.call('HINCRBY', KEYS[4], id, 1)
end
return out
