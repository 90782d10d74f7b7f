-- Makes an epoch the current one, if there is none and no later one is being restored.
-- KEYS epoch
-- ARGV the new epoch
-- Returns 1, also if it is sent again because the first answer was lost; 0 if there is another one.
local current = redis.call('GET', KEYS[1])
if current == ARGV[1] then
  return 1
end
local restored = current and string.match(current, '^(.*) restoring$')
if current and (not restored or restored >= ARGV[1]) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
