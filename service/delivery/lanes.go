package delivery

import (
	"sync"
	"time"

	"liuke/model"
)

// lane is what shares the calls that an account may have under way: clerks' answers, greetings and care on one side,
// campaigns on the other. Campaigns never take all of them.
type lane struct {
	accountID string
	campaign  bool
}

func laneOf(d model.Delivery) lane {
	return lane{d.AccountID, d.Purpose == model.PurposeCampaign}
}

// road is what leaves by one channel of an account.
type road struct {
	lane

	channel string
}

// lanes counts the calls under way per account, and the answers to calls that are not written down yet, and remembers which
// roads must wait. They are of this process: a slow account holds up no other, on no instance.
type lanes struct {
	mu       sync.Mutex
	busy     map[lane]int
	answered map[lane]int
	paused   map[road]time.Time
}

func newLanes() lanes {
	return lanes{busy: map[lane]int{}, answered: map[lane]int{}, paused: map[road]time.Time{}}
}

// free is how many more calls of a lane may begin: as many as may be under way, and never so many that more than as many
// again wait to be written down. The caller holds the lock.
func (l *lanes) free(of lane) int {
	campaigns, others := lane{of.accountID, true}, lane{of.accountID, false}
	n := perAccount - l.busy[campaigns] - l.busy[others]
	if of.campaign {
		return min(n, forCampaigns-l.busy[campaigns], 2*forCampaigns-l.busy[campaigns]-l.answered[campaigns])
	}
	return min(n, 2*perAccount-l.busy[others]-l.answered[others])
}

// enter takes up to want places of a lane, and gives how many.
func (l *lanes) enter(of lane, want int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := max(0, min(want, l.free(of)))
	l.busy[of] += n
	return n
}

// leave gives places back.
func (l *lanes) leave(of lane, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	less(l.busy, of, n)
}

// answer gives back the place of a call that WeChat has answered, and counts it until written.
func (l *lanes) answer(of lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	less(l.busy, of, 1)
	l.answered[of]++
}

// written counts an answer no more.
func (l *lanes) written(of lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	less(l.answered, of, 1)
}

func less(count map[lane]int, of lane, n int) {
	if count[of] -= n; count[of] <= 0 {
		delete(count, of)
	}
}

// full lists the accounts of whose lanes of one kind none is free.
func (l *lanes) full(campaign bool) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ids []string
	seen := map[string]bool{}
	for _, counts := range []map[lane]int{l.busy, l.answered} {
		for of := range counts {
			if !seen[of.accountID] && l.free(lane{of.accountID, campaign}) <= 0 {
				ids = append(ids, of.accountID)
			}
			seen[of.accountID] = true
		}
	}
	return ids
}

// waiting lists the roads of one kind that must wait.
func (l *lanes) waiting(campaign bool, now time.Time) []road {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []road
	for r, until := range l.paused {
		switch {
		case !until.After(now):
			delete(l.paused, r)
		case r.campaign == campaign:
			all = append(all, r)
		}
	}
	return all
}

func (l *lanes) pause(r road, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.paused[r] = until
}
