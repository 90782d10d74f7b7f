-- Ends the current epoch, and has the state wait for the restore of a new one. Epochs sort by their age: an older
-- restore that is still under way is over from here on, and a later one is left alone.
-- KEYS epoch
-- ARGV the new epoch
-- Returns 1, also when it comes again; 0 where a later epoch, or its restore, is in the way.
local now = redis.call('GET', KEYS[1])
local mine = ARGV[1] .. ' restoring'
if now == mine then
  return 1
end
if now and (string.match(now, '^(.*) restoring$') or now) >= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], mine)
return 1
