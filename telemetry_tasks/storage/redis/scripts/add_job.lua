-- Stores the plan of a job, unless it is running already, and starts its lease: in one step, or a job whose sender
-- dies would never be overdue. Drops the data of an earlier job of this name.
-- KEYS jobs job_leases, then of the job: run_id, and what its earlier run left
-- ARGV job id, plan, id of this run of the job, seconds of the lease
-- Returns 1, or 0 if it is running already.
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then
  return 0
end
for i = 4, #KEYS do
  redis.call('DEL', KEYS[i])
end
redis.call('SET', KEYS[3], ARGV[3])
redis.call('ZADD', KEYS[2], now() + tonumber(ARGV[4]), ARGV[1])
return 1
