// The same script as objectops.lua of the Go package, byte by byte: a Redis that runs both keeps it once.

export const script = `-- Changes of a list or hash that Redis has no command for, each atomic because a
-- script is. KEYS: the list or hash. ARGV: the operation, a token that no element
-- equals, then the operation's own arguments. Arguments and replies are those of
-- the commands of the same names in internal/keyspace.
local key, op, token = KEYS[1], ARGV[1], ARGV[2]

local kind = redis.call('TYPE', key).ok
if kind ~= 'none' and kind ~= (op:sub(1, 1) == 'H' and 'hash' or 'list') then
  return redis.error_reply('WRONGTYPE Operation against a key holding the wrong kind of value')
end

if op == 'HPOP' then
  local old = redis.call('HGET', key, ARGV[3])
  redis.call('HDEL', key, ARGV[3])
  return old

elseif op == 'HDEL' then
  local deleted = {}
  for at = 3, #ARGV do
    if redis.call('HDEL', key, ARGV[at]) == 1 then deleted[#deleted + 1] = ARGV[at] end
  end
  return deleted

elseif op == 'HCLEAR' then
  local fields = redis.call('HKEYS', key)
  redis.call('DEL', key)
  return fields
end

local n = redis.call('LLEN', key)

-- slice resolves Python's [ARGV[3]:ARGV[4]:ARGV[5]] to the first place, how many
-- follow, and the step between them.
local function slice()
  local i, j, step = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
  local low, high = 0, n
  if step < 0 then low, high = -1, n - 1 end
  local function clamp(k)
    if k < 0 then return math.max(k + n, low) end
    return math.min(k, high)
  end
  i, j = clamp(i), clamp(j)
  if step > 0 and i < j then return i, math.floor((j - i - 1) / step) + 1, step end
  if step < 0 and j < i then return i, math.floor((i - j - 1) / -step) + 1, step end
  return i, 0, step
end

-- place resolves an index, nil where there is no such element.
local function place(index)
  local i = tonumber(index)
  if i < 0 then i = i + n end
  if i >= 0 and i < n then return i end
end

local function out_of_range() return redis.error_reply('ERR index out of range') end

-- push appends values[first..] a thousand at a time: unpack has a limit.
local function push(values, first)
  for at = first, #values, 1000 do
    redis.call('RPUSH', key, unpack(values, at, math.min(at + 999, #values)))
  end
end

-- splice puts ARGV[from..] in the place of count elements. The key is there all
-- the time, so that it keeps its time to live.
local function splice(first, count, from)
  local rest = redis.call('LRANGE', key, first + count, -1)
  if first > 0 then redis.call('LTRIM', key, 0, first - 1) end
  push(ARGV, from)
  push(rest, 1)
  if first == 0 then redis.call('LTRIM', key, n, -1) end
end

-- drop removes the element at each place.
local function drop(places)
  for _, at in ipairs(places) do redis.call('LSET', key, at, token) end
  redis.call('LREM', key, 0, token)
end

if op == 'LSLICE' then
  local first, count, step = slice()
  local found = {}
  if count > 0 then
    local low, high = first, first + (count - 1) * step
    if step < 0 then low, high = high, low end
    local all = redis.call('LRANGE', key, low, high)
    for k = 0, count - 1 do found[k + 1] = all[first + k * step - low + 1] end
  end
  return {first, found}

elseif op == 'LSETSLICE' then
  local first, count, step = slice()
  local given = #ARGV - 5
  if count == given then
    for k = 0, count - 1 do redis.call('LSET', key, first + k * step, ARGV[6 + k]) end
  elseif step == 1 then
    splice(first, count, 6)
  else
    return redis.error_reply('ERR attempt to assign sequence of size ' .. given .. ' to extended slice of size ' .. count)
  end
  return {first, count}

elseif op == 'LSET' then
  local at = place(ARGV[3])
  if not at then return out_of_range() end
  redis.call('LSET', key, at, ARGV[4])
  return at

elseif op == 'LINSERT' then
  local i = tonumber(ARGV[3])
  if i < 0 then i = i + n end
  i = math.max(0, math.min(i, n))
  if i == n then
    push(ARGV, 4)
  elseif i == 0 then
    for at = #ARGV, 4, -1 do redis.call('LPUSH', key, ARGV[at]) end
  elseif #ARGV > 4 then
    splice(i, 0, 4)
  else
    local old = redis.call('LINDEX', key, i)
    redis.call('LSET', key, i, token)
    redis.call('LINSERT', key, 'BEFORE', token, ARGV[4])
    redis.call('LSET', key, i + 1, old)
  end
  return i

elseif op == 'LPOP' then
  local at = place(ARGV[3])
  if not at then return false end
  local old = redis.call('LINDEX', key, at)
  if at == n - 1 then redis.call('RPOP', key) else drop({at}) end
  return {at, old}

elseif op == 'LDEL' then
  local first, count, step = slice()
  local places = {}
  for k = 0, count - 1 do places[k + 1] = first + k * step end
  if count > 0 and (step == 1 or step == -1) and math.min(first, places[count]) == 0 then
    redis.call('LTRIM', key, count, -1)
  elseif count > 0 and (step == 1 or step == -1) and math.max(first, places[count]) == n - 1 then
    redis.call('LTRIM', key, 0, n - 1 - count)
  elseif count > 0 then
    drop(places)
  end
  return {first, count}

elseif op == 'LDELAT' then
  local places, seen = {}, {}
  for at = 3, #ARGV do
    local i = place(ARGV[at])
    if not i then return out_of_range() end
    if not seen[i] then
      seen[i] = true
      places[#places + 1] = i
    end
  end
  table.sort(places)
  drop(places)
  return places

elseif op == 'LSWAP' then
  local known, first, count = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
  if ARGV[3] ~= '' and n ~= tonumber(ARGV[3]) then return false end
  local old = redis.call('LRANGE', key, 0, known - 1)
  for k = 1, known do
    if old[k] ~= ARGV[6 + k] then return false end
  end
  splice(first, count, 7 + known)
  return redis.call('LLEN', key)
end
return redis.error_reply("ERR unknown operation '" .. op .. "'")
`;

/** Its SHA-1, which pages without TLS cannot compute. */
export const scriptSum = "498f3be9511b89affb1dc9fe269e539bcbe75bff";
