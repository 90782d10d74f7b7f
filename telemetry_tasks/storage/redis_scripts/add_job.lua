-- Keeps the plan of a job, where there is none under way. What an earlier job of this name left is dropped.
-- KEYS jobs, results of the job
-- ARGV job id, plan, random name of this life of the job
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then
  return 0
end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], 'life', ARGV[3])
return 1
