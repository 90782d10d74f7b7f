-- Records that a partition's result is stored; does nothing if it counts already or is unknown.
-- KEYS epoch waiting running attempts partitions aggregated merged errors
-- ARGV epoch, partition id, digest of the result
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('HEXISTS', KEYS[5], ARGV[2]) == 0 then
  return 0
end
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('ZREM', KEYS[3], ARGV[2])
redis.call('HDEL', KEYS[4], ARGV[2])
redis.call('HDEL', KEYS[8], ARGV[2])
if redis.call('HEXISTS', KEYS[7], ARGV[2]) == 1 then
  return 0
end
return redis.call('HSET', KEYS[6], ARGV[2], ARGV[3])
