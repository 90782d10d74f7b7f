-- Renews the lease of a partition of a job, if the attempt is its last one.
-- KEYS of the job: run_id attempts backing_off
-- ARGV run of the job, partition id, number of the attempt, seconds of the lease
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[3] then
  return 0
end
redis.call('ZADD', KEYS[3], now() + tonumber(ARGV[4]), ARGV[2])
return 1
