-- Makes an epoch the current one. Epochs sort by their age: one that is over never comes back.
-- KEYS epoch
-- ARGV the new epoch, whether there must be none yet (1 or 0)
-- Returns 1, or 0 where another one is in the way.
local now = redis.call('GET', KEYS[1])
if now and (ARGV[2] == '1' or now >= ARGV[1]) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
