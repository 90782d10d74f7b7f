-- Renews the lease of a partition or a batch that has one; 0 seconds end it at once.
-- KEYS epoch, running or batch_leases
-- ARGV epoch, partition id or batch id, seconds of the lease
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('ZADD', KEYS[2], 'XX', now() + tonumber(ARGV[3]), ARGV[2])
return 1
