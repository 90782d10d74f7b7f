-- Claims partitions to dispatch: those with expired leases, and those that wait (after any delay), oldest first.
-- KEYS epoch waiting leases
-- ARGV epoch, most waiting ones, seconds of the lease, most with expired leases
-- Returns partition ids; none in another epoch.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return {}
end
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1e6
local claimed = {}
if tonumber(ARGV[4]) > 0 then
  claimed = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, tonumber(ARGV[4]))
end
if tonumber(ARGV[2]) > 0 then
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, tonumber(ARGV[2]))) do
    claimed[#claimed + 1] = id
    redis.call('ZREM', KEYS[2], id)
  end
end
for _, id in ipairs(claimed) do
  redis.call('ZADD', KEYS[3], now + tonumber(ARGV[3]), id)
end
return claimed
