-- Writes a value to a board, with the time of the write. Drops the oldest values if the board is full.
-- KEYS the board
-- ARGV field, value, most values
-- Returns how many were dropped.
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.6f ', now()) .. ARGV[2])
local over = redis.call('HLEN', KEYS[1]) - tonumber(ARGV[3])
if over <= 0 then
  return 0
end
local all, ages = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #all, 2 do
  ages[#ages + 1] = {tonumber(string.match(all[i + 1], '^[%d.]+')), all[i]}
end
table.sort(ages, function(a, b) return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2]) end)
for i = 1, over do
  redis.call('HDEL', KEYS[1], ages[i][2])
end
return over
