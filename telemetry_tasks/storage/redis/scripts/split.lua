-- Splits a partition: replaces one that is waiting or running by new ones.
-- KEYS epoch partitions waiting running attempts aggregated merged files errors
-- The new ones keep the old one's number of attempts, without the attempt that splits: it read nothing.
-- ARGV epoch, partition id to take out, number of new partitions, then for each: id, partition;
--      then for each file: key, "etag partition-id"
-- Returns 1, or 0 if nothing was done: in another epoch, or the partition is unknown, aggregated or merged.
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('HEXISTS', KEYS[2], ARGV[2]) == 0 then
  return 0
end
if redis.call('HEXISTS', KEYS[6], ARGV[2]) == 1 or redis.call('HEXISTS', KEYS[7], ARGV[2]) == 1 then
  return 0
end
local attempts = math.max(tonumber(redis.call('HGET', KEYS[5], ARGV[2]) or '0') - 1, 0)
redis.call('HDEL', KEYS[2], ARGV[2])
redis.call('ZREM', KEYS[3], ARGV[2])
redis.call('ZREM', KEYS[4], ARGV[2])
redis.call('HDEL', KEYS[5], ARGV[2])
redis.call('HDEL', KEYS[9], ARGV[2])
local time = now()
local at = 4
for i = 1, tonumber(ARGV[3]) do
  redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
  redis.call('ZADD', KEYS[3], time, ARGV[at])
  redis.call('HSET', KEYS[5], ARGV[at], attempts)
  at = at + 2
end
while at < #ARGV do
  redis.call('HSET', KEYS[8], ARGV[at], ARGV[at + 1])
  at = at + 2
end
return 1
