-- Stores the plan of a job, unless it is running already, and starts its lease: in one step, or a job whose sender
-- dies would never be overdue. Drops the data of an earlier job of this name.
-- KEYS jobs, results of the job, job_leases
-- ARGV job id, plan, random name of this life of the job, seconds of the lease
-- Returns 1, or 0 if it is running already.
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then
  return 0
end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], 'life', ARGV[3])
local clock = redis.call('TIME')
redis.call('ZADD', KEYS[3], tonumber(clock[1]) + tonumber(clock[2]) / 1e6 + tonumber(ARGV[4]), ARGV[1])
return 1
