-- Changes of a list by index on Redis, each atomic because a script is.
-- ARGV: the operation, a token that no element equals, then its arguments.
local key, op, token = KEYS[1], ARGV[1], ARGV[2]
local n = redis.call('LLEN', key)

-- slice resolves Python's [i:j:step] to the first index and a count.
local function slice(i, j, step)
  local low, high = 0, n
  if step < 0 then low, high = -1, n - 1 end
  local function clamp(k)
    if k < 0 then return math.max(k + n, low) end
    return math.min(k, high)
  end
  i, j = clamp(i), clamp(j)
  if step > 0 and i < j then return i, math.floor((j - i - 1) / step) + 1 end
  if step < 0 and j < i then return i, math.floor((i - j - 1) / -step) + 1 end
  return i, 0
end

-- push appends values[first..] a thousand at a time: unpack has a limit.
local function push(values, first)
  for at = first, #values, 1000 do
    redis.call('RPUSH', key, unpack(values, at, math.min(at + 999, #values)))
  end
end

local function drop_marked(count)
  if count > 0 then redis.call('LREM', key, 0, token) end
  return count
end

if op == 'LINSERT' then
  local i = tonumber(ARGV[3])
  if i < 0 then i = math.max(i + n, 0) end
  if i >= n then
    push(ARGV, 4)
  elseif i == 0 then
    for at = #ARGV, 4, -1 do redis.call('LPUSH', key, ARGV[at]) end
  else
    local old = redis.call('LINDEX', key, i)
    redis.call('LSET', key, i, token)
    for at = 4, #ARGV do redis.call('LINSERT', key, 'BEFORE', token, ARGV[at]) end
    redis.call('LSET', key, i + #ARGV - 3, old)
  end
  return redis.call('LLEN', key)

elseif op == 'LPOP' then
  local old = redis.call('LINDEX', key, ARGV[3])
  if old then
    redis.call('LSET', key, ARGV[3], token)
    drop_marked(1)
  end
  return old

elseif op == 'LDEL' then
  local step = tonumber(ARGV[5])
  local first, count = slice(tonumber(ARGV[3]), tonumber(ARGV[4]), step)
  for k = 0, count - 1 do redis.call('LSET', key, first + k * step, token) end
  return drop_marked(count)

elseif op == 'LDELAT' then
  for at = 3, #ARGV do
    local i = tonumber(ARGV[at])
    if i >= n or i < -n then return redis.error_reply('ERR index out of range') end
  end
  for at = 3, #ARGV do redis.call('LSET', key, ARGV[at], token) end
  return drop_marked(#ARGV - 2)

elseif op == 'LSETSLICE' then
  local step = tonumber(ARGV[5])
  local first, count = slice(tonumber(ARGV[3]), tonumber(ARGV[4]), step)
  local given = #ARGV - 5
  if step ~= 1 then
    if count ~= given then
      return redis.error_reply('ERR attempt to assign sequence of size ' .. given .. ' to extended slice of size ' .. count)
    end
    for k = 0, count - 1 do redis.call('LSET', key, first + k * step, ARGV[6 + k]) end
  else
    local rest = redis.call('LRANGE', key, first + count, -1)
    if first == 0 then redis.call('DEL', key) else redis.call('LTRIM', key, 0, first - 1) end
    push(ARGV, 6)
    push(rest, 1)
  end
  return redis.call('LLEN', key)

elseif op == 'LSLICE' then
  local step = tonumber(ARGV[5])
  local first, count = slice(tonumber(ARGV[3]), tonumber(ARGV[4]), step)
  local found = {}
  if count > 0 then
    local low, high = first, first + (count - 1) * step
    if step < 0 then low, high = high, low end
    local all = redis.call('LRANGE', key, low, high)
    for k = 0, count - 1 do found[k + 1] = all[first + k * step - low + 1] end
  end
  return found
end
return redis.error_reply("ERR unknown operation '" .. op .. "'")
