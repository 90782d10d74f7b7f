-- Makes an epoch the current one, where there is none and no later one is being restored.
-- KEYS epoch
-- ARGV the new epoch
-- Returns 1, also when it comes again because the first answer was lost; 0 where another one is in the way.
local now = redis.call('GET', KEYS[1])
if now == ARGV[1] then
  return 1
end
local restored = now and string.match(now, '^(.*) restoring$')
if now and (not restored or restored >= ARGV[1]) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
