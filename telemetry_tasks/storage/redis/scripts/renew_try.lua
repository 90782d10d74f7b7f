-- Renews the lease of a partition of a job, if the attempt is its last one.
-- KEYS results of the job
-- ARGV life of the job, partition id, number of the attempt, seconds of the lease
if redis.call('HGET', KEYS[1], 'life') ~= ARGV[1] or redis.call('HGET', KEYS[1], 'try ' .. ARGV[2]) ~= ARGV[3] then
  return 0
end
local clock = redis.call('TIME')
local due = tonumber(clock[1]) + tonumber(clock[2]) / 1e6 + tonumber(ARGV[4])
redis.call('HSET', KEYS[1], 'rest ' .. ARGV[2], string.format('%.6f', due))
return 1
