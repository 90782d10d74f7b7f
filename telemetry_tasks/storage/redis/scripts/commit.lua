-- Makes partitions count: their staged sum becomes a delta in the same step as they enter the ledger.
-- Everything is checked before anything is written; no write below can fail, since this layout fixes all types.
-- KEYS epoch merged deltas aggregated batched batches batch_leases partitions files nonce forgotten reading limits
--      base_version digests, staged piece, delta piece, …, then blocks and delta pieces to drop
-- ARGV epoch, delta id, batch id, new nonce, pieces, partitions to add, to remove, files, reading,
--      number of limits, 1 if all that counts is replaced, then the base version and a new one, number of
--      deltas to drop,
--      then for each to add: id, digest, partition ('' if it is registered already);  for each to remove: id,
--      digest;  for each file: key, owner to set or '' (then it is forgotten: a snapshot may lack it);  the limits
-- Returns {"ok"} (also if it is sent again because the first answer was lost), {"stale"}, {"already merged",
-- id, …} for those in the ledger, {"unknown", id, …} for those not registered, {"replaced", id, …} for those to remove
-- that have changed, {"moved"} if the ones to replace are not everything any more, {"settings"} if the partitions
-- that count were read with other settings, {"unstaged"}.
local adds, removes, files = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local pieces, limits, drops = tonumber(ARGV[5]), tonumber(ARGV[10]), tonumber(ARGV[14])
local whole = ARGV[11] == '1'
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return {'stale'}
end
if redis.call('HEXISTS', KEYS[3], ARGV[2]) == 1 then
  return {'ok'}
end
local merged, unknown, replaced = {'already merged'}, {'unknown'}, {'replaced'}
local at = 15
for i = 1, adds do
  local id = ARGV[at]
  if redis.call('HEXISTS', KEYS[2], id) == 1 then
    merged[#merged + 1] = id
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
if #merged > 1 then return merged end
if #unknown > 1 then return unknown end
if #replaced > 1 then return replaced end
local counting = redis.call('HLEN', KEYS[2])
-- with this base version and as many deltas, these are the deltas: only a change of version removes one
if whole and (counting ~= removes or redis.call('HLEN', KEYS[3]) ~= drops
    or (redis.call('GET', KEYS[14]) or '') ~= ARGV[12]) then
  return {'moved'}
end
if adds > 0 and not whole and counting > 0 and (redis.call('GET', KEYS[12]) or '') ~= ARGV[9] then
  return {'settings'}
end
for i = 0, pieces - 1 do
  if redis.call('EXISTS', KEYS[16 + 2 * i]) == 0 then
    return {'unstaged'}
  end
end
if whole then
  for i = 16 + 2 * pieces, #KEYS do
    redis.call('UNLINK', KEYS[i])
  end
  redis.call('DEL', KEYS[3], KEYS[13], KEYS[15])
  redis.call('SET', KEYS[14], ARGV[13])
end
for i = 0, pieces - 1 do
  redis.call('RENAME', KEYS[16 + 2 * i], KEYS[17 + 2 * i])
  redis.call('PERSIST', KEYS[17 + 2 * i])
end
redis.call('HSET', KEYS[3], ARGV[2], ARGV[5])
at = 15
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
if adds > 0 then
  redis.call('SET', KEYS[12], ARGV[9])
  for i = at, at + limits - 1 do
    redis.call('SADD', KEYS[13], ARGV[i])
  end
elseif redis.call('HLEN', KEYS[2]) == 0 then
  redis.call('DEL', KEYS[12], KEYS[13])
end
if ARGV[3] ~= '' then
  -- partitions of the batch that are not in this sum become free for another batch, or they would never be merged
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
