-- Replaces base blocks by new, staged ones, and drops the deltas that these contain.
-- KEYS epoch base_version deltas digests, then keys by count: staged, base (pairs), blocks to drop, delta pieces to
--      drop
-- ARGV epoch, expected base version, new base version, pairs, blocks to drop, delta pieces, deltas, digests,
--      then the ids of the deltas, then for each digest: field, digest or ''
-- Returns "ok", "stale" (another epoch), "moved" (another base version, or a delta is gone), "unstaged".
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 'stale'
end
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[2] then
  return 'moved'
end
local pairs_, drops, pieces = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local deltas, digests = tonumber(ARGV[7]), tonumber(ARGV[8])
for i = 1, deltas do
  if redis.call('HEXISTS', KEYS[3], ARGV[8 + i]) == 0 then
    return 'moved'
  end
end
for i = 0, pairs_ - 1 do
  if redis.call('EXISTS', KEYS[5 + 2 * i]) == 0 then
    return 'unstaged'
  end
end
for i = 0, pairs_ - 1 do
  redis.call('RENAME', KEYS[5 + 2 * i], KEYS[6 + 2 * i])
  redis.call('PERSIST', KEYS[6 + 2 * i])
end
for i = 5 + 2 * pairs_, 4 + 2 * pairs_ + drops + pieces do
  redis.call('UNLINK', KEYS[i])
end
for i = 1, deltas do
  redis.call('HDEL', KEYS[3], ARGV[8 + i])
end
local at = 9 + deltas
for i = 1, digests do
  if ARGV[at + 1] == '' then
    redis.call('HDEL', KEYS[4], ARGV[at])
  else
    redis.call('HSET', KEYS[4], ARGV[at], ARGV[at + 1])
  end
  at = at + 2
end
redis.call('SET', KEYS[2], ARGV[3])
return 'ok'
