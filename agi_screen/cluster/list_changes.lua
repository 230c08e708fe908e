-- The lists of all machines. KEYS: the last change of each entry, entries in the order of their changes, the rest.
-- ARGV: "tell", a new epoch, then entry, "stamp:change" and so on; or "read", a new epoch, after which place, how many.
-- Returns of which life this Redis is, the last place, and for "read": place, entry, change; place, entry, change …
local entries, order, rest = KEYS[1], KEYS[2], KEYS[3]
redis.call('HSETNX', rest, 'epoch', ARGV[2])
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
local epoch = run .. ':' .. string.sub(redis.call('HGET', rest, 'epoch'), 1, 64)

local function stamp(text) return tonumber(string.match(text, '^(%d+):') or '-1') end
local function later(a, b)
  local x, y = stamp(a), stamp(b)
  return x > y or (x == y and a > b)
end

local found = {}
if ARGV[1] == 'tell' then
  for i = 3, #ARGV, 2 do
    local had = redis.call('HGET', entries, ARGV[i])
    if not had or later(ARGV[i + 1], had) then
      redis.call('HSET', entries, ARGV[i], ARGV[i + 1])
      redis.call('ZADD', order, redis.call('HINCRBY', rest, 'place', 1), ARGV[i])
    end
  end
else
  local next = redis.call('ZRANGEBYSCORE', order, '(' .. ARGV[3], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[4])
  for i = 1, #next, 2 do
    local fits = #next[i] <= 400 and redis.call('HSTRLEN', entries, next[i]) <= 8000
    table.insert(found, next[i + 1])
    table.insert(found, fits and next[i] or '')
    table.insert(found, fits and redis.call('HGET', entries, next[i]) or '')
  end
end
return {epoch, redis.call('HGET', rest, 'place') or '0', found}
