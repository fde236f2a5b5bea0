import { createHash } from 'node:crypto';

/** A Lua script that Redis runs as one atomic step. */
export interface RedisScript {
  readonly text: string;
  /** By which `EVALSHA` knows it. */
  readonly sha: string;
}

/**
 * What the scripts share. `KEYS[1]` is the root of all names, which lie in one Redis; `ARGV[1]` is how long an
 * ended or expired session is still known. Time is Redis's own, the one clock of all servers.
 *
 *     <root>:<id>                  hash of one session; `n:<node>` are its counts, `listed` the list it is in
 *     <root>:of:<owner>:<status>   ids of an owner's sessions in order (owner `open`: open access, `all`: everybody's; status `any`: all)
 *     <root>:due                   when each session expires, or is forgotten once it has ended
 *
 * `merge` is `merged` of session-state.ts in Lua; the conformance suite holds both to the same.
 */
const shared = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local root, keep = KEYS[1], tonumber(ARGV[1])
local due = root .. ':due'
-- A hash outlives its entry in the lists by this, so that whoever sweeps finds whose it was.
local grace = 600000

local function text(number) return string.format('%.0f', number) end
-- A script that is carried out late must not look newer than what was written since it was given up.
local latest = now
local function at(moment) if moment == 'now' then return latest end return moment end
local function expires(s) return s.seen + s.ttl end
local function forgotten(s) return math.max(expires(s), s.ended or 0) + keep end

local function standing(s)
  if s.ended then return 'ended' end
  if expires(s) <= now then return 'expired' end
  return 'live'
end

local function read(id)
  local flat = redis.call('HGETALL', root .. ':' .. id)
  if #flat == 0 then return nil end
  local h, counts = {}, {}
  for i = 1, #flat, 2 do
    if string.sub(flat[i], 1, 2) == 'n:' then
      counts[string.sub(flat[i], 3)] = tonumber(flat[i + 1])
    else
      h[flat[i]] = flat[i + 1]
    end
  end
  return {
    id = id, owner = h.owner, ttl = tonumber(h.ttl), created = tonumber(h.created),
    seen = tonumber(h.seen), active = h.active == '1', ended = tonumber(h.ended),
    metadata = h.metadata, written = tonumber(h.written), listed = h.listed, counts = counts,
  }
end

local function merge(s, p)
  s.created = math.min(s.created, at(p.created) or s.created)
  s.seen = math.max(s.seen, at(p.seen) or 0)
  s.active = s.active or p.active == true
  if p.ended then s.ended = math.min(s.ended or at(p.ended), at(p.ended)) end
  if p.metadata then
    local written = at(p.written)
    if written > s.written or (written == s.written and p.metadata > s.metadata) then
      s.metadata = p.metadata
    end
    s.written = math.max(s.written, written)
  end
  for _, pair in ipairs(p.counts or {}) do
    s.counts[pair[1]] = math.max(s.counts[pair[1]] or 0, pair[2])
  end
end

local function eachList(s, command, status)
  local owner = s.owner == '' and 'open' or s.owner
  for _, whose in ipairs({ owner, 'all' }) do
    for _, which in ipairs({ 'any', status }) do
      local name = root .. ':of:' .. whose .. ':' .. which
      if command == 'ZADD' then redis.call('ZADD', name, 0, s.id) else redis.call('ZREM', name, s.id) end
    end
  end
end

local function relist(s, status)
  if s.listed == status then return end
  if s.listed ~= '' then eachList(s, 'ZREM', s.listed) end
  if status ~= '' then eachList(s, 'ZADD', status) end
  s.listed = status
end

local function save(s)
  local is = standing(s)
  if is == 'expired' then
    s.metadata, s.written = '{}', 0
    relist(s, '')
    redis.call('ZREM', due, s.id)
  else
    relist(s, is == 'ended' and 'ended' or (s.active and 'active' or 'created'))
    redis.call('ZADD', due, is == 'ended' and forgotten(s) or expires(s), s.id)
  end
  local fields = {
    'owner', s.owner, 'ttl', text(s.ttl), 'created', text(s.created), 'seen', text(s.seen),
    'active', s.active and '1' or '0', 'ended', s.ended and text(s.ended) or '',
    'metadata', s.metadata, 'written', text(s.written), 'listed', s.listed,
  }
  for node, count in pairs(s.counts) do
    table.insert(fields, 'n:' .. node)
    table.insert(fields, text(count))
  end
  local key = root .. ':' .. s.id
  redis.call('HSET', key, unpack(fields))
  redis.call('PEXPIREAT', key, text(forgotten(s) + (is == 'expired' and 0 or grace)))
end

local function shown(s)
  local fields = {
    text(now), s.id, s.owner, text(s.ttl), text(s.created), text(s.seen), s.active and '1' or '0',
    s.ended and text(s.ended) or '', s.metadata, text(s.written),
  }
  for node, count in pairs(s.counts) do
    table.insert(fields, node)
    table.insert(fields, text(count))
  end
  return fields
end
`;

/** `ARGV[2]`: `live` or `any`, whose sessions are changed; `ARGV[3]`: JSON list of parts with ids, `whole` where they may make a session; `ARGV[4]`: the greatest moment that `now` may mean, or nothing. */
export const mergeScript = script(`
latest = math.min(now, tonumber(ARGV[4]) or now)
local out = {}
for i, p in ipairs(cjson.decode(ARGV[3])) do
  local s = read(p.id)
  if not s and p.whole then
    s = {
      id = p.id, owner = p.owner, ttl = p.ttl, created = at(p.created), seen = at(p.seen), active = false,
      metadata = '{}', written = 0, listed = '', counts = {},
    }
  end
  if s and (ARGV[2] == 'any' or standing(s) == 'live') then
    merge(s, p)
    save(s)
  end
  out[i] = s and shown(s) or {}
end
return out`);

export const getScript = script(`
local s = read(ARGV[2])
return s and shown(s) or {}`);

/** `ARGV[2..5]`: owner, status, the id after which to begin or nothing, how many. One more than asked says that there are more. */
export const listScript = script(`
local name = root .. ':of:' .. ARGV[2] .. ':' .. ARGV[3]
local top = ARGV[4] == '' and '+' or '(' .. ARGV[4]
local most, atOnce, out = tonumber(ARGV[5]) + 1, 200, {}
for _ = 1, 100 do
  local ids = redis.call('ZREVRANGEBYLEX', name, top, '-', 'LIMIT', 0, atOnce)
  for _, id in ipairs(ids) do
    local s = read(id)
    top = '(' .. id
    if not s then
      redis.call('ZREM', name, id)
    elseif standing(s) ~= 'expired' then
      table.insert(out, shown(s))
      if #out == most then return out end
    end
  end
  if #ids < atOnce then return out end
end
return out`);

/** `ARGV[2]`: most sessions to look at. Answers how many expired, and how many are live. */
export const expireScript = script(`
local expired = 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, tonumber(ARGV[2]))) do
  local s = read(id)
  if not s then
    redis.call('ZREM', due, id)
  elseif standing(s) == 'ended' and forgotten(s) <= now then
    relist(s, '')
    redis.call('ZREM', due, id)
    redis.call('DEL', root .. ':' .. id)
  else
    if standing(s) == 'expired' then expired = expired + 1 end
    save(s)
  end
end
local all = root .. ':of:all:'
return { expired, redis.call('ZCARD', all .. 'created') + redis.call('ZCARD', all .. 'active') }`);

function script(body: string): RedisScript {
  const text = shared + body;
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}
