package main

import (
	"context"
	"fmt"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/wechat/simulator"
)

// recall gives the simulator, which keeps nothing, its people and codes back from the data of the last demo. What the
// phones had shown is gone.
func recall(ctx context.Context, db *database.DB, sim *simulator.Simulator) error {
	if err := recallPeople(ctx, db, sim); err != nil {
		return err
	}
	var codes []model.Code
	if err := db.Read(ctx).Where("state = ?", model.CodeReady).Order("id").Find(&codes).Error; err != nil {
		return fmt.Errorf("read the codes of the last demo: %w", err)
	}
	for _, c := range codes {
		err := sim.AdoptCode(simulator.Code{
			AppID: sampleAppID, Scene: c.Scene, Ticket: c.Ticket, URL: c.URL, Permanent: c.ExpiresAt == 0, ExpiresAt: model.Time(c.ExpiresAt),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// strangers is how many people in a row may have been made who never followed.
const strangers = 1000

// recallPeople makes everybody again, in the same order, so that all get their openids back; those of the sample also
// when they do not follow.
func recallPeople(ctx context.Context, db *database.DB, sim *simulator.Simulator) error {
	var known []struct {
		OpenID     string `gorm:"column:openid"`
		Name       string
		Subscribed bool
	}
	err := db.Read(ctx).Table("followers").Select("followers.openid, members.name, followers.subscribed").
		Joins("JOIN members ON members.id = followers.member_id").Scan(&known).Error
	if err != nil {
		return fmt.Errorf("read the followers of the last demo: %w", err)
	}
	names, follows := map[string]string{}, map[string]bool{}
	for _, k := range known {
		names[k.OpenID], follows[k.OpenID] = k.Name, k.Subscribed
	}
	left := len(known)
	var visitors []string
	for _, v := range sampleVisitors() {
		visitors = append(visitors, v.Name)
	}
	visitors = append(visitors, sampleStrangers()...)
	ids, err := openIDs(len(known) + sampleFollowers + len(visitors) + strangers) //nolint:contextcheck // the simulator that is asked pushes nothing
	if err != nil {
		return err
	}
	for i, id := range ids {
		if left == 0 && i >= sampleFollowers+len(visitors) {
			return nil
		}
		name, is := names[id]
		if is {
			left--
		}
		if at := i - sampleFollowers; name == "" && at >= 0 && at < len(visitors) {
			name = visitors[at]
		}
		if name == "" {
			name = "微信用户"
		}
		p := sim.NewPerson(name)
		if follows[id] {
			if err := sim.FollowQuietly(sampleAppID, p.OpenID); err != nil {
				return err
			}
		}
	}
	return nil
}

// openIDs are those that the first people of the simulator get.
func openIDs(n int) ([]string, error) {
	sim, err := simulator.New(simulator.Options{
		Now: time.Now, Seed: demoSeed,
		Accounts: []simulator.Account{{AppID: sampleAppID, Secret: sampleSecret, Token: sampleToken}},
	})
	if err != nil {
		return nil, err
	}
	defer sim.Close()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = sim.NewPerson("").OpenID
	}
	return ids, nil
}
