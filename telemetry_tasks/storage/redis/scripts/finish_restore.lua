-- Makes a restored epoch the current one: only where that restore is the one under way, so not where a later one
-- began, which may have dropped what this one wrote, nor where the state was lost since.
-- KEYS epoch
-- ARGV the new epoch
-- Returns 1, also when it comes again; else 0.
local now = redis.call('GET', KEYS[1])
if now == ARGV[1] then
  return 1
end
if now ~= ARGV[1] .. ' restoring' then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
