-- Registers a partition of a checkpoint and its files as merged; in the caller's epoch only.
-- KEYS epoch files merged partitions
-- ARGV epoch, partition id, digest, partition, then for each file: key, "etag partition-id"
-- Returns 1, or 0 in another epoch.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
for i = 5, #ARGV, 2 do
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
end
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
redis.call('HSET', KEYS[4], ARGV[2], ARGV[4])
return 1
