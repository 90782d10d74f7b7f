-- The beginning of every script, supplied when it is loaded.

-- The time in seconds since 1970, by the clock of this Redis.
local function now()
  local clock = redis.call('TIME')
  return tonumber(clock[1]) + tonumber(clock[2]) / 1e6
end

