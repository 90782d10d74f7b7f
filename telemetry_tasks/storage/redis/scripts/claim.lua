-- Claims partitions to dispatch: those whose lease ran out, and those that wait (and whose delay is over), oldest first.
-- KEYS epoch waiting leases
-- ARGV epoch, how many that wait at most, seconds of the lease, how many with expired leases at most
-- Returns partition ids; nothing in another epoch than the caller's.
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
