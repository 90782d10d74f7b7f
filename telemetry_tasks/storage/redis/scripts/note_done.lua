-- Records the result of a partition of a job, unless that life of the job is over (done or cancelled).
-- KEYS results of the job
-- ARGV life of the job, partition id, digest
if redis.call('HGET', KEYS[1], 'life') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
return 1
