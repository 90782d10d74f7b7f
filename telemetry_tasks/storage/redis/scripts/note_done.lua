-- Records the result of a partition of a job, unless that run of the job is over (done or cancelled).
-- KEYS of the job: run_id results
-- ARGV run of the job, partition id, digest
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
return 1
