-- Registers a partition, unless one of its files is registered already, with any ETag.
-- KEYS epoch files partitions waiting forgotten
-- ARGV epoch, partition id, partition, then for each file: key, "etag partition-id"
-- Returns the keys of the files that are registered already; {"stale"} in another epoch.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return {'stale'}
end
local taken = {}
for i = 4, #ARGV, 2 do
  if redis.call('HEXISTS', KEYS[2], ARGV[i]) == 1 then
    taken[#taken + 1] = ARGV[i]
  end
end
if #taken > 0 then
  return taken
end
for i = 4, #ARGV, 2 do
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
  redis.call('SREM', KEYS[5], ARGV[i])
end
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
redis.call('ZADD', KEYS[4], now(), ARGV[2])
return {}
