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

// Wherever a process is killed around a mass send, the next one goes on with the same id: nobody is left out, nobody gets
// it twice and nobody's ration is used twice.
func TestMass_survivesKillsAroundTheCall(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			kills, seed := number64(t, killsVariable, fewKills), number64(t, seedVariable, 1)
			rng := rand.New(rand.NewPCG(seed, uint64(len(kind))))
			w, worker := killable(t, kind)
			c := w.gather(t)
			var names []string
			for n := range 12 {
				names = append(names, fmt.Sprintf("会员%03d", n))
			}
			c.join(t, names...)
			_, err := c.sim.AddFault(simulator.Fault{AppID: c.appid, Path: massPath, Kind: simulator.FaultSlow, Delay: 300 * time.Millisecond})
			require.NoError(t, err)
			amid, rounds := 0, int(min(kills, model.MassPerMonth))
			for n := range rounds {
				c.still(t)
				path := c.campaign([]string{"mass"}, offer(fmt.Sprintf("活动%d", n)))
				c.begin(path)
				eventually(t, func() bool {
					var job []model.MassJob
					require.NoError(t, c.app.db.Read(t.Context()).Where("campaign_id = ? AND state NOT IN ?", strings.TrimPrefix(path, "/api/campaigns/"),
						[]string{model.MassCollecting, model.MassReady}).Find(&job).Error)
					return len(job) > 0
				}, "it leaves")
				<-time.After(time.Duration(rng.Int64N(int64(500 * time.Millisecond))))
				worker.kill()
				if c.massJob(path).State == model.MassSending {
					amid++
				}
				c.exec(t, "UPDATE leases SET until_at = 0")
				c.exec(t, "UPDATE mass_jobs SET lease_until = 0, due_at = 0")
				c.sim.Advance(61 * time.Second) // within a minute WeChat wants no repeat
				worker = w.spawn(t, roleAll)
				c.massBecomes(t, path, model.MassDone)
				c.becomes(t, path, "done")
				eventually(t, func() bool {
					for _, state := range c.reached(path) {
						if state != "delivered mass ration_left" {
							return false
						}
					}
					return true
				}, "everybody has it")
				require.EqualValues(t, (n+1)*len(names), c.rations(t))
			}
			t.Logf("seed %d: %d kills hit the call", seed, amid)
			for _, name := range names {
				require.Len(t, c.ads(name), rounds, name)
			}
			require.Len(t, c.sim.MassJobs(c.appid), rounds)
			c.kept(t)
			var lines int64
			require.NoError(t, c.app.db.Read(t.Context()).Model(&model.Message{}).Where("direction = ? AND text LIKE ?", model.Out, "活动%").Count(&lines).Error)
			require.EqualValues(t, rounds*len(names), lines, "one line in each chat")
		})
	}
}
