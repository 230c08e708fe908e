-- All machines meet here once a second. KEYS: nodes, level. ARGV: our name, what we say, our order's stamp, our order.
-- Returns the time in us, the newest order's stamp and itself, what was said last under our name, and what each machine
-- said last, with how long ago.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function whole(number) return string.format('%.0f', number) end
local before = redis.call('HSTRLEN', KEYS[1], ARGV[1]) <= 8000 and redis.call('HGET', KEYS[1], ARGV[1]) or ''
redis.call('HSET', KEYS[1], ARGV[1], whole(now) .. ':' .. ARGV[2])

-- Of orders the last one given is in force. A clock that is ahead wins nothing by it.
local stamp = math.min(tonumber(ARGV[3]), now)
local newest = tonumber(redis.call('HGET', KEYS[2], 'stamp') or '0') or 0
if newest > now then newest = 0 end
if stamp > newest then
  redis.call('HSET', KEYS[2], 'stamp', whole(stamp), 'order', ARGV[4])
  newest = stamp
end
local order = ''
if redis.call('HSTRLEN', KEYS[2], 'order') <= 4000 then order = redis.call('HGET', KEYS[2], 'order') or '' end

if redis.call('HLEN', KEYS[1]) > 256 then redis.call('DEL', KEYS[1]) end
local said = {}
for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
  local text = redis.call('HSTRLEN', KEYS[1], name) <= 8000 and redis.call('HGET', KEYS[1], name) or ''
  local at = tonumber(string.match(text, '^(%d+):') or '0')
  if #name > 100 or at > now or now - at > 600000000 then
    redis.call('HDEL', KEYS[1], name)
  else
    table.insert(said, {name, whole(now - at), string.match(text, '^%d+:(.*)$')})
  end
end
return {whole(now), whole(newest), order, string.match(before, '^%d+:(.*)$') or '', said}
