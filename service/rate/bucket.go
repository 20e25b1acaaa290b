package rate

import (
	"math"
	"time"
)

// How an API slows down and comes back. WeChat publishes no minute limit for most APIs, so it is learnt from its refusals.
const (
	// rest is how long nothing is called after errcode 45011: the minute must turn (fact page, section 12).
	rest = 60 * time.Second
	// recovery is how long a call rate takes from nothing back to the whole; from a half it is half of that.
	recovery = 10 * time.Minute
	// slowest is the least share of the usual rate: it must go on, or nobody learns that it may.
	slowest = 1.0 / 32
	// reserve is the part of a second's worth that campaigns leave to clerks' answers.
	reserve = 0.2
	// keepBucket is how long Redis keeps a budget that nobody uses: longer than the recovery.
	keepBucket = time.Hour
)

// bucket is the budget of one API of one account: tokens come at a rate and each call takes one. The Lua below does the
// same in Redis; a test holds the two against each other.
type bucket struct {
	tokens float64
	at     int64   // when the tokens were counted, Unix milliseconds; 0 = a new one, which is full
	share  float64 // of the usual rate, at the moment it was slowed
	slowed int64   // when that was; 0 = never
	rest   int64   // nothing before this moment
}

// speed is the rate in force, in calls a second, and the most tokens that gather: a second's worth.
func (b *bucket) speed(now int64, perSecond float64) (rate, most float64) {
	share := 1.0
	if b.slowed > 0 {
		share = math.Min(1, b.share+float64(now-b.slowed)/float64(recovery.Milliseconds()))
	}
	rate = perSecond * share
	return rate, math.Max(1, rate)
}

// fill counts the tokens that have come until now. A clock that went back brings none.
func (b *bucket) fill(now int64, perSecond float64) (rate, most float64) {
	rate, most = b.speed(now, perSecond)
	if b.at == 0 {
		b.tokens, b.at = most, now
	}
	if now > b.at {
		b.tokens += float64(now-b.at) * rate / 1000
		b.at = now
	}
	b.tokens = math.Min(b.tokens, most)
	return rate, most
}

// take gives up to want calls away; none means to wait so many milliseconds. keep is the part of a second's worth that
// must be left.
func (b *bucket) take(now int64, perSecond, keep float64, want int64) (granted, wait int64) {
	rate, most := b.fill(now, perSecond)
	if now < b.rest {
		return 0, b.rest - now
	}
	least := math.Min(most*keep, most-1)
	granted = min(want, int64(math.Max(0, math.Floor(b.tokens-least))))
	if granted == 0 {
		return 0, int64(math.Max(1, math.Ceil((least+1-b.tokens)*1000/rate)))
	}
	b.tokens -= float64(granted)
	return granted, 0
}

// give takes calls back that were not made.
func (b *bucket) give(now int64, perSecond float64, n int64) {
	_, most := b.fill(now, perSecond)
	b.tokens = math.Min(most, b.tokens+float64(n))
}

// slow halves the rate and lets the API rest. What else is refused during the rest tells nothing new.
func (b *bucket) slow(now int64, perSecond float64) {
	if now < b.rest {
		return
	}
	rate, _ := b.fill(now, perSecond)
	b.share = math.Max(slowest, rate/perSecond/2)
	// It is the rest that ends at that share, so the recovery begins there.
	b.rest = now + rest.Milliseconds()
	b.slowed, b.tokens, b.at = b.rest, 0, b.rest
}

// sharedBucket does the same in Redis, for all instances. KEYS[1] is the budget's hash. ARGV: what to do, now, calls a second,
// what to leave, how many, then the constants. Redis gives whole numbers only.
const sharedBucket = `
local now, perSecond, keep, n = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local recovery, slowest, rest, ttl = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9]
local h = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'share', 'slowed', 'rest')
local tokens, at, share, slowed, resting = tonumber(h[1] or 0), tonumber(h[2] or 0), tonumber(h[3] or 0), tonumber(h[4] or 0), tonumber(h[5] or 0)
local part = 1
if slowed > 0 then part = math.min(1, share + (now - slowed) / recovery) end
local rate = perSecond * part
local most = math.max(1, rate)
if at == 0 then tokens, at = most, now end
if now > at then
  tokens = tokens + (now - at) * rate / 1000
  at = now
end
tokens = math.min(tokens, most)
local granted, wait = 0, 0
if ARGV[1] == 'take' then
  if now < resting then
    wait = resting - now
  else
    local least = math.min(most * keep, most - 1)
    granted = math.min(n, math.max(0, math.floor(tokens - least)))
    if granted == 0 then
      wait = math.max(1, math.ceil((least + 1 - tokens) * 1000 / rate))
    else
      tokens = tokens - granted
    end
  end
elseif ARGV[1] == 'give' then
  tokens = math.min(most, tokens + n)
elseif now >= resting then
  share = math.max(slowest, rate / perSecond / 2)
  resting = now + rest
  slowed, tokens, at = resting, 0, resting
end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.17g', tokens), 'at', string.format('%.0f', at), 'share', string.format('%.17g', share),
  'slowed', string.format('%.0f', slowed), 'rest', string.format('%.0f', resting))
redis.call('PEXPIRE', KEYS[1], ttl)
return {granted, wait}
`

// What the script is asked to do.
const (
	askTake = "take"
	askGive = "give"
	askSlow = "slow"
)
