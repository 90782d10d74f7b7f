-- Starts a channel/version anew in this epoch, where it is still of an older one. Epochs sort by their age.
-- KEYS epoch, then every other key of the channel/version that may exist
-- ARGV this epoch, the epoch that was seen ('' for none)
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[2] or ARGV[2] >= ARGV[1] then
  return 0
end
for i = 2, #KEYS do
  redis.call('UNLINK', KEYS[i])
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
