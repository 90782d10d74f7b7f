-- Begins an attempt at a partition of a job, and leases the partition for the longest time of an attempt.
-- KEYS results of the job
-- ARGV life of the job, partition id, seconds of the lease, message of the attempt (empty: none)
-- Returns the number of the attempt, from 1; 0 if there is nothing to do now: that life of the job is over, the
-- partition has its result, another attempt is running, or the next one is not due yet. A message that is delivered
-- again does not wait for its earlier attempt: the worker that had it died.
if redis.call('HGET', KEYS[1], 'life') ~= ARGV[1] or redis.call('HEXISTS', KEYS[1], ARGV[2]) == 1 then
  return 0
end
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1e6
local same = ARGV[4] ~= '' and redis.call('HGET', KEYS[1], 'for ' .. ARGV[2]) == ARGV[4]
if now < tonumber(redis.call('HGET', KEYS[1], 'rest ' .. ARGV[2]) or '0') and not same then
  return 0
end
redis.call('HSET', KEYS[1], 'for ' .. ARGV[2], ARGV[4])
redis.call('HSET', KEYS[1], 'rest ' .. ARGV[2], string.format('%.6f', now + tonumber(ARGV[3])))
return redis.call('HINCRBY', KEYS[1], 'try ' .. ARGV[2], 1)
