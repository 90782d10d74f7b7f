-- Returns a dispatched partition to those that wait; it can be claimed after a delay.
-- KEYS epoch waiting leases attempts
-- ARGV epoch, partition id, whether the attempt counts (1 or 0), seconds of the delay
-- Two parallel attempts are both uncounted, though only the first finds the partition dispatched.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if ARGV[3] == '0' and tonumber(redis.call('HGET', KEYS[4], ARGV[2]) or '0') > 0 then
  redis.call('HINCRBY', KEYS[4], ARGV[2], -1)
end
if redis.call('ZREM', KEYS[3], ARGV[2]) == 0 then
  return 0
end
local clock = redis.call('TIME')
redis.call('ZADD', KEYS[2], tonumber(clock[1]) + tonumber(clock[2]) / 1e6 + tonumber(ARGV[4]), ARGV[2])
return 1
