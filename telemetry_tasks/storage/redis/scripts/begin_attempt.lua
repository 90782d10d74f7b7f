-- Begins an attempt at a partition of a job, and leases the partition for the longest time of an attempt.
-- KEYS of the job: run_id results attempts backing_off messages
-- ARGV run of the job, partition id, seconds of the lease, message of the attempt (empty: none)
-- Returns the number of the attempt, from 1; 0 if there is nothing to do now: that run of the job is over, the
-- partition has its result, another attempt is running, or the next one is not due yet. A message that is delivered
-- again does not wait for its earlier attempt: the worker that had it died.
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 then
  return 0
end
local time = now()
local same = ARGV[4] ~= '' and redis.call('HGET', KEYS[5], ARGV[2]) == ARGV[4]
if time < tonumber(redis.call('ZSCORE', KEYS[4], ARGV[2]) or '0') and not same then
  return 0
end
redis.call('HSET', KEYS[5], ARGV[2], ARGV[4])
redis.call('ZADD', KEYS[4], time + tonumber(ARGV[3]), ARGV[2])
return redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
