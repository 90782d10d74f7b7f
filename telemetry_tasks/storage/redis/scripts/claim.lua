-- Claims partitions to dispatch: those with expired leases, and those that wait (after any delay), oldest first.
-- KEYS epoch waiting running
-- ARGV epoch, most waiting ones, seconds of the lease, most with expired leases
-- Returns partition ids; none in another epoch.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return {}
end
local time = now()
local claimed = {}
if tonumber(ARGV[4]) > 0 then
  claimed = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', time, 'LIMIT', 0, tonumber(ARGV[4]))
end
if tonumber(ARGV[2]) > 0 then
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', time, 'LIMIT', 0, tonumber(ARGV[2]))) do
    claimed[#claimed + 1] = id
    redis.call('ZREM', KEYS[2], id)
  end
end
for _, id in ipairs(claimed) do
  redis.call('ZADD', KEYS[3], time + tonumber(ARGV[3]), id)
end
return claimed
