package main

import "liuke/wechat/simulator"

// stage lets everybody have seen what came so far, so that a badge says what is new. It puts a member, one who has just come and a stranger side by side, all to be served by the first clerk, and says
// where the other windows are.
func (d *demo) stage() error {
	everybody := d.sim.Persons()
	for _, p := range everybody {
		if err := d.sim.Look(sampleAppID, p.OpenID); err != nil {
			return err
		}
	}
	base, clerk := d.app.PublicURL(), sampleClerks()[0]
	owner := sampleHeads()[0]
	d.sim.SetStage(simulator.Stage{
		Persons: []string{everybody[sampleFollowers+len(sampleVisitors())].ID, everybody[sampleFollowers].ID, everybody[0].ID},
		Links: []simulator.Link{
			{Text: "店员端", Note: clerk.Name + " " + clerk.Phone + " 密码 " + samplePassword, URL: base + "/app"},
			{Text: "管理后台", Note: owner.Phone + " 同一密码", URL: base + "/console"},
		},
	})
	return nil
}
