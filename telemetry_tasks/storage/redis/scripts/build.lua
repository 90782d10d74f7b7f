-- Records the settings with which the partitions of a checkpoint were read; in the caller's epoch only.
-- KEYS epoch reading limits
-- ARGV epoch, reading, limits …
-- Returns 1, or 0 in another epoch.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[2], ARGV[2])
for i = 3, #ARGV do
  redis.call('SADD', KEYS[3], ARGV[i])
end
return 1
