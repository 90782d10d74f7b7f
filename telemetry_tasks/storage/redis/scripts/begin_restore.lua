-- Ends the current epoch; the state then waits for the restore of a new one. Epochs sort by age: this ends an older
-- restore that is still running, and does not change a later one.
-- KEYS epoch
-- ARGV the new epoch
-- Returns 1, also if it is sent again; 0 if there is a later epoch or its restore.
local current = redis.call('GET', KEYS[1])
local mine = ARGV[1] .. ' restoring'
if current == mine then
  return 1
end
if current and (string.match(current, '^(.*) restoring$') or current) >= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], mine)
return 1
