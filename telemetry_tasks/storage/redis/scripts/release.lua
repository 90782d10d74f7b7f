-- Makes a running partition wait again; it can be claimed after a delay.
-- KEYS epoch waiting running attempts
-- ARGV epoch, partition id, whether the attempt counts (1 or 0), seconds of the delay
-- Two parallel attempts are both uncounted, though only the first finds the partition running.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if ARGV[3] == '0' and tonumber(redis.call('HGET', KEYS[4], ARGV[2]) or '0') > 0 then
  redis.call('HINCRBY', KEYS[4], ARGV[2], -1)
end
if redis.call('ZREM', KEYS[3], ARGV[2]) == 0 then
  return 0
end
redis.call('ZADD', KEYS[2], now() + tonumber(ARGV[4]), ARGV[2])
return 1
