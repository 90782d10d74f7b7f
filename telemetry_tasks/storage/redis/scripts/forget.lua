-- Records files of a checkpoint that an operator had removed; in the caller's epoch only.
-- KEYS epoch forgotten
-- ARGV epoch, file keys …
-- Returns 1, or 0 in another epoch.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
for i = 2, #ARGV do
  redis.call('SADD', KEYS[2], ARGV[i])
end
return 1
