package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database/databasetest"
	"liuke/wechat/simulator"
)

// killable is a chain whose work a process of its own does, which can be killed while this one answers.
func killable(t *testing.T, kind string, environ ...string) (w *running, worker *process) {
	t.Helper()
	w = newChain(t, kind)
	w.environ = append(w.environ, environ...)
	w.instance = w.start(t, roleAPI)
	worker = w.spawn(t, roleAll)
	w.callback(t, w.url)
	w.owner = w.signIn("13800000000", ownerPassword)
	return w, worker
}

// Wherever a process is killed while it runs a campaign, the next one goes on, nobody is left out and nobody gets the
// message twice. What was on its way at that moment is unknown and stays so: WeChat's customer messages cannot be asked.
func TestCampaign_survivesKillsOfTheProcessThatRunsIt(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			kills, seed := number64(t, killsVariable, fewKills), number64(t, seedVariable, 1)
			rng := rand.New(rand.NewPCG(seed, uint64(len(kind))))
			w, worker := killable(t, kind)
			c := w.gather(t)
			var names []string
			for n := range 20 * kills {
				names = append(names, fmt.Sprintf("会员%03d", n))
			}
			c.join(t, names...)
			c.wrote(t, names...)
			_, err := c.sim.AddFault(simulator.Fault{AppID: c.appid, Path: "/cgi-bin/message/custom/send", Kind: simulator.FaultSlow, Delay: 200 * time.Millisecond})
			require.NoError(t, err)

			path := c.campaign([]string{"customer"}, map[string]any{"purpose": "offer", "text": "活动"})
			c.begin(path)
			amid := 0
			for range kills {
				eventually(t, func() bool {
					at := c.must(200, "GET", path, c.manager.token, nil)
					return at.str("phase") == model.CampaignSending || at.str("state") == model.CampaignDone
				}, "it sends")
				<-time.After(time.Duration(rng.Int64N(int64(300 * time.Millisecond))))
				worker.kill()
				if c.must(200, "GET", path, c.manager.token, nil).str("phase") == model.CampaignSending {
					amid++
				}
				c.exec(t, "UPDATE leases SET until_at = 0")
				c.exec(t, "UPDATE deliveries SET lease_until = 1 WHERE state = ?", model.StateSending)
				worker = w.spawn(t, roleAll)
			}
			c.becomes(t, path, "done")
			t.Logf("seed %d: %d of %d kills hit the sending", seed, amid, kills)
			require.Positive(t, amid)
			unknown, neverLeft := 0, 0
			require.Len(t, c.reached(path), len(names))
			for name, state := range c.reached(path) {
				switch got := len(c.ads(name)); {
				case strings.HasPrefix(state, model.RecipientAccepted):
					require.Equal(t, 1, got, name)
				case strings.HasPrefix(state, model.RecipientUnknown):
					require.LessOrEqual(t, got, 1, name)
					unknown++
					neverLeft += 1 - got
				default:
					require.Fail(t, "neither sent nor unknown", "%s: %s", name, state)
				}
			}
			const underWay = 16 // calls that one account has under way at most, and answers that wait to be written down
			require.LessOrEqual(t, unknown, 2*underWay*amid)
			require.LessOrEqual(t, neverLeft, underWay*amid, "what was never called is not in our hands")
		})
	}
}
