package wechat

import (
	"context"
	"fmt"
	"time"
)

// What WeChat allows of force_refresh: 20 a day (Beijing), at least 30 s apart.
const (
	forcesPerDay = 20
	forceGap     = 30 * time.Second
	forceMemory  = 24 * time.Hour
)

const beijingOffset = 8 * 60 * 60

// forcedLog remembers the forced refreshes of a day. The store's copy is read and written without a lock: two
// instances at once may count as one, and WeChat's own refusal then sets the limit.
type forcedLog struct {
	day   int // since 1970, in Beijing
	count int
	last  int64 // Unix seconds
}

// takeForce uses up one forced refresh if the ration allows.
func (k *keeper) takeForce(ctx context.Context) bool {
	key := k.key() + ":forced"
	now := k.client.now().Unix()
	today := int((now + beijingOffset) / 86400)
	var shared forcedLog
	if text, err := k.read(ctx, key); err == nil && text != "" {
		if _, err := fmt.Sscanf(text, "%d %d %d", &shared.day, &shared.count, &shared.last); err != nil {
			shared = forcedLog{}
		}
	}
	k.mu.Lock()
	used := k.forced
	if shared.last > used.last {
		used = shared
	}
	if used.day != today {
		used.day, used.count = today, 0
	}
	allowed := used.count < forcesPerDay && now-used.last >= int64(forceGap/time.Second)
	if allowed {
		used.count++
		used.last = now
	}
	k.forced = used
	k.mu.Unlock()
	if allowed {
		k.write(ctx, key, fmt.Sprintf("%d %d %d", used.day, used.count, used.last), forceMemory)
	}
	return allowed
}
