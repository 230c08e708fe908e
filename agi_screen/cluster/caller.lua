-- All that is shared of one caller is one hash, and this the only script that touches it: news in, knowledge out.
--
-- KEYS[1] the caller's hash. ARGV: node, number, remember in ms, trunk, count of buckets; for each bucket its name,
-- interval and deepest debt in us; then news, each a letter and what belongs to it.
-- Fields: t:<bucket> theoretical arrival time in us; p:<trunk> uses and end of a pass; r the record; x when all of it
-- may go, in ms; n:<node> the number of the last news taken of a node: news that come twice are taken once.
-- Answer: state of knowledge (0 nothing, 1 the node is new to it, 2 it is not), uses and ms of the pass, the record,
-- and for each bucket what it lacked before these news, in us.
local function text(number) return string.format('%.0f', number) end

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local now_ms = math.floor(now / 1000)
local node, number, kinds = 'n:' .. ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[5])
local names = {node, 'x', 'r', 'p:' .. ARGV[4]}
for i = 1, kinds do names[4 + i] = 't:' .. ARGV[3 + 3 * i] end
local had = redis.call('HMGET', KEYS[1], unpack(names))
local taken, ends, record, pass = had[1], tonumber(had[2] or 0), had[3], had[4]
local tat, lacks = {}, {}
for i = 1, kinds do
  tat[i] = math.min(tonumber(had[4 + i] or 0), now + tonumber(ARGV[5 + 3 * i]))
  lacks[i] = math.max(0, tat[i] - now)
end

local uses, left = 0, 0
local function look(held)
  uses, left = 0, 0
  if held then
    local u, e = string.match(held, '^(%d+):(%d+)$')
    if tonumber(e) > now_ms then uses, left = tonumber(u), tonumber(e) - now_ms end
  end
end
look(pass)

local put, gone, keep = {}, {}, 0
local function set(field, value) put[#put + 1] = field; put[#put + 1] = value end
local function last(ms) keep = math.max(keep, ms) end

local function take(i, first, latest, count)  -- so many, evenly from `first` to `latest`, both ages in us
  local interval, most = tonumber(ARGV[4 + 3 * i]), tonumber(ARGV[5 + 3 * i])
  local begun = math.max(tat[i], now - first) + count * interval
  tat[i] = math.min(math.max(begun, now - latest + interval), now + most)
  set(names[4 + i], text(tat[i]))
  last(math.ceil(math.max(0, tat[i] - now) / 1000) + 60000)
end

local MOMENT = {[3] = true, [8] = true, [11] = true}
local function note(at, greatest)  -- 13 numbers and the trunk: moments and, where `greatest`, counts go up to theirs
  local known, i = {}, 0
  for part in string.gmatch(record or '', '([^,]*),') do
    i = i + 1
    if i <= 13 then known[i] = tonumber(part) or 0 end
  end
  for place = 1, 13 do
    local had_, news = known[place] or 0, tonumber(ARGV[at + place])
    if MOMENT[place] or greatest then
      known[place] = news < 0 and 0 or math.max(had_, news)
    else
      known[place] = math.max(0, had_ + news)
    end
    known[place] = (place == 2 or MOMENT[place]) and string.format('%.3f', known[place]) or text(known[place])
  end
  local trunk = ARGV[at + 14]
  if trunk == '' and record then trunk = string.match(record, string.rep('[^,]*,', 13) .. '(.*)$') or '' end
  record = table.concat(known, ',', 1, 13) .. ',' .. trunk
  set('r', record)
  last(tonumber(ARGV[3]))
end

local function grant(trunk, count, ms)
  local held = text(count) .. ':' .. text(now_ms + ms)
  set('p:' .. trunk, held)
  last(ms)
  if trunk == ARGV[4] then look(held) end
end

local function use(trunk, count)
  local u, e = string.match(redis.call('HGET', KEYS[1], 'p:' .. trunk) or '', '^(%d+):(%d+)$')
  if not u then return end
  local held = tonumber(u) > count and text(u - count) .. ':' .. e or nil
  if held then set('p:' .. trunk, held) else gone[#gone + 1] = 'p:' .. trunk end
  if trunk == ARGV[4] then look(held) end
end

local function revoke()
  for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
    if string.sub(field, 1, 2) == 'p:' then gone[#gone + 1] = field end
  end
  look(nil)
end

local function prune()  -- nodes that were not heard of here for a day: each start of a daemon is another node
  local all = redis.call('HGETALL', KEYS[1])
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 'n:' and tonumber(all[i + 1]) < now - 86400000000 then gone[#gone + 1] = all[i] end
  end
end

if not taken or tonumber(taken) < number then
  local at, count = 6 + 3 * kinds, #ARGV
  while at <= count do
    local kind = ARGV[at]
    if kind == 't' then
      take(tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]))
      at = at + 5
    elseif kind == 'd' or kind == 'm' then note(at, kind == 'm'); at = at + 15
    elseif kind == 'g' then grant(ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])); at = at + 4
    elseif kind == 'u' then use(ARGV[at + 1], tonumber(ARGV[at + 2])); at = at + 3
    elseif kind == 'r' then revoke(); at = at + 1
    else return redis.error_reply('ERR agi-screen: news of an unknown kind') end
  end
  if not taken and redis.call('HLEN', KEYS[1]) > 100 then prune() end
  if #gone > 0 then redis.call('HDEL', KEYS[1], unpack(gone)) end
  set(node, ARGV[2])
  local longer = now_ms + keep > ends
  if longer then
    ends = now_ms + math.max(keep, 60000)
    set('x', text(ends))
  end
  redis.call('HSET', KEYS[1], unpack(put))
  if longer then redis.call('PEXPIREAT', KEYS[1], text(ends)) end
end
local state = taken and 2 or had[2] and 1 or 0
return {state, uses, left, record or '', unpack(lacks)}
