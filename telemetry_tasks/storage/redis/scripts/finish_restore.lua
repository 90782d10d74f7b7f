-- Makes a restored epoch the current one, but only if that restore is still the current one: not if a later one
-- began, which may have dropped the data of this one, nor if the state was lost since.
-- KEYS epoch
-- ARGV the new epoch
-- Returns 1, also if it is sent again; otherwise 0.
local current = redis.call('GET', KEYS[1])
if current == ARGV[1] then
  return 1
end
if current ~= ARGV[1] .. ' restoring' then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
