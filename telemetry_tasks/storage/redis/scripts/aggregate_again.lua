-- Makes an aggregated partition wait again because its result is gone or damaged.
-- KEYS epoch aggregated merged partitions waiting batched
-- ARGV epoch, partition id
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('HEXISTS', KEYS[3], ARGV[2]) == 1 then
  return 0
end
if redis.call('HDEL', KEYS[2], ARGV[2]) == 0 or redis.call('HEXISTS', KEYS[4], ARGV[2]) == 0 then
  return 0
end
redis.call('HDEL', KEYS[6], ARGV[2])
redis.call('ZADD', KEYS[5], now(), ARGV[2])
return 1
