-- Renews the lease of a running job. One that is over gets no lease, or every sweep would send it again.
-- KEYS jobs job_leases
-- ARGV job id, seconds of the lease
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
  return 0
end
local clock = redis.call('TIME')
redis.call('ZADD', KEYS[2], tonumber(clock[1]) + tonumber(clock[2]) / 1e6 + tonumber(ARGV[2]), ARGV[1])
return 1
