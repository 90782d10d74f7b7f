-- Ends an attempt without a result; the next one is due after a delay.
-- KEYS results of the job
-- ARGV life of the job, partition id, whether the attempt counts (1 or 0), seconds of the delay
if redis.call('HGET', KEYS[1], 'life') ~= ARGV[1] then
  return 0
end
local clock = redis.call('TIME')
local due = tonumber(clock[1]) + tonumber(clock[2]) / 1e6 + tonumber(ARGV[4])
redis.call('HSET', KEYS[1], 'rest ' .. ARGV[2], string.format('%.6f', due))
redis.call('HDEL', KEYS[1], 'for ' .. ARGV[2])
if ARGV[3] == '0' then
  redis.call('HINCRBY', KEYS[1], 'try ' .. ARGV[2], -1)
end
return 1
