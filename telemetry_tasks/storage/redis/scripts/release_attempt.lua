-- Ends an attempt without a result; the next one is due after a delay.
-- KEYS of the job: run_id attempts backing_off messages
-- ARGV run of the job, partition id, whether the attempt counts (1 or 0), seconds of the delay
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('ZADD', KEYS[3], now() + tonumber(ARGV[4]), ARGV[2])
redis.call('HDEL', KEYS[4], ARGV[2])
if ARGV[3] == '0' then
  redis.call('HINCRBY', KEYS[2], ARGV[2], -1)
end
return 1
