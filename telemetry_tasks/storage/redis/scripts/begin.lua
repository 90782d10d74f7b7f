-- Starts this epoch for a channel/version that is empty or in an older one: drops all its keys. Epochs sort by age.
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
