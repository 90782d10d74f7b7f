-- Renews the lease of a running job. One that is over gets no lease, or every sweep would send it again.
-- KEYS jobs job_leases
-- ARGV job id, seconds of the lease
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
  return 0
end
redis.call('ZADD', KEYS[2], now() + tonumber(ARGV[2]), ARGV[1])
return 1
