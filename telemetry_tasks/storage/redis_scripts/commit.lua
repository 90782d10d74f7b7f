-- Lets partitions count: their sum, staged before, becomes a delta in the same step as they enter the ledger.
-- Everything is checked before anything is written; no write below can fail, since this layout fixes all types.
-- KEYS epoch ledger deltas finished batched batches batch_leases partitions files nonce forgotten, staged piece, delta piece, …
-- ARGV epoch, delta id, batch id, new nonce, pieces, partitions to add, to remove, files, expected nonce or '',
--      then for each to add: id, digest, partition ('' where it is registered already);  for each to remove: id,
--      digest;  for each file: key, owner to set or '' (then it is forgotten: a snapshot may lack it)
-- Returns {"ok"} (also when it comes a second time, because the first answer was lost), {"stale"}, {"counted", id, …} for what is in the ledger already, {"unknown", id, …} for what is not
-- registered, {"replaced", id, …} for what should be removed and is not as expected, {"moved"} where another commit
-- came first, {"unstaged"}.
local adds, removes, files = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local pieces = tonumber(ARGV[5])
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return {'stale'}
end
if redis.call('HEXISTS', KEYS[3], ARGV[2]) == 1 then
  return {'ok'}
end
if ARGV[9] ~= '' and (redis.call('GET', KEYS[10]) or 'none') ~= ARGV[9] then
  return {'moved'}
end
local counted, unknown, replaced = {'counted'}, {'unknown'}, {'replaced'}
local at = 10
for i = 1, adds do
  local id = ARGV[at]
  if redis.call('HEXISTS', KEYS[2], id) == 1 then
    counted[#counted + 1] = id
  elseif ARGV[at + 2] == '' and redis.call('HEXISTS', KEYS[8], id) == 0 then
    unknown[#unknown + 1] = id
  end
  at = at + 3
end
for i = 1, removes do
  if redis.call('HGET', KEYS[2], ARGV[at]) ~= ARGV[at + 1] then
    replaced[#replaced + 1] = ARGV[at]
  end
  at = at + 2
end
if #counted > 1 then return counted end
if #unknown > 1 then return unknown end
if #replaced > 1 then return replaced end
for i = 0, pieces - 1 do
  if redis.call('EXISTS', KEYS[12 + 2 * i]) == 0 then
    return {'unstaged'}
  end
end
for i = 0, pieces - 1 do
  redis.call('RENAME', KEYS[12 + 2 * i], KEYS[13 + 2 * i])
  redis.call('PERSIST', KEYS[13 + 2 * i])
end
redis.call('HSET', KEYS[3], ARGV[2], ARGV[5])
at = 10
for i = 1, adds do
  redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
  redis.call('HDEL', KEYS[4], ARGV[at])
  redis.call('HDEL', KEYS[5], ARGV[at])
  if ARGV[at + 2] ~= '' then
    redis.call('HSET', KEYS[8], ARGV[at], ARGV[at + 2])
  end
  at = at + 3
end
for i = 1, removes do
  redis.call('HDEL', KEYS[2], ARGV[at])
  redis.call('HDEL', KEYS[8], ARGV[at])
  at = at + 2
end
for i = 1, files do
  if ARGV[at + 1] == '' then
    redis.call('HDEL', KEYS[9], ARGV[at])
    redis.call('SADD', KEYS[11], ARGV[at])
  else
    redis.call('HSET', KEYS[9], ARGV[at], ARGV[at + 1])
    redis.call('SREM', KEYS[11], ARGV[at])
  end
  at = at + 2
end
if ARGV[3] ~= '' then
  -- those of the batch that are not in this sum are free for another one: no one would come back for them
  for id in string.gmatch(redis.call('HGET', KEYS[6], ARGV[3]) or '', '%S+') do
    if redis.call('HGET', KEYS[5], id) == ARGV[3] then
      redis.call('HDEL', KEYS[5], id)
    end
  end
  redis.call('HDEL', KEYS[6], ARGV[3])
  redis.call('ZREM', KEYS[7], ARGV[3])
end
redis.call('SET', KEYS[10], ARGV[4])
return {'ok'}
