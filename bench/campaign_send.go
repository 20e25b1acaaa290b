package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"liuke/model"
	"liuke/wechat"
)

// How sending is measured: as many calls at once as the program makes for one account, each answered after as long as
// WeChat takes.
const (
	sendsAtOnce = 16
	answersIn   = 30 * time.Millisecond
	sendPath    = "/cgi-bin/message/custom/send"
)

// sent is one campaign to everybody, and the same number of calls by WeChat's client alone.
type sent struct {
	rate, alone float64
	// paused is how long after the answer to a pause the last message of it was accepted; below zero: before it.
	paused time.Duration
}

// standIn answers sends after a while without looking at them; the rest is the simulator's.
func standIn(rest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != sendPath {
			rest.ServeHTTP(w, r)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body) // whoever hung up gets no answer
		time.Sleep(answersIn)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
	})
}

func (b *bench) sendings(ctx context.Context) (all []sent, err error) {
	dsn, err := b.servers.database(ctx, "sending")
	if err != nil {
		return nil, err
	}
	b.standIn = standIn
	defer func() { b.standIn = nil }()
	o, err := b.startOurs(ctx, b.liuke, "mysql:"+dsn)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := o.stop(); err == nil {
			err = e
		}
	}()
	owner, err := o.signIn(ctx, ownerPhone)
	if err != nil {
		return nil, err
	}
	_, err = fetch(ctx, http.MethodPut, "http://"+o.host+"/api/campaign_settings", owner, map[string]any{"quiet_from": 0, "quiet_to": 0, "cap": 0, "cap_days": 0})
	if err != nil {
		return nil, err
	}
	for range campaignRounds {
		if err := b.openWindows(ctx, o); err != nil {
			return nil, err
		}
		s, err := b.send(ctx, o, owner)
		if err != nil {
			return nil, err
		}
		b.tell("sent %.0f/s, the client alone %.0f/s, the last %s after a pause", s.rate, s.alone, round(s.paused))
		all = append(all, s)
	}
	return all, nil
}

// openWindows lets everybody write, and be answered hours ago.
func (b *bench) openWindows(ctx context.Context, o *ours) error {
	if _, err := b.load(ctx, order{Host: o.host, Connections: 16, Limit: memberPool}); err != nil {
		return err
	}
	if _, err := o.drained(ctx); err != nil {
		return err
	}
	return o.later(ctx)
}

// later lets hours pass since the last line of each chat: who has just talked gets no campaign.
func (o *ours) later(ctx context.Context) error {
	_, err := o.db.Exec(ctx, "UPDATE conversations SET waiting_since = 0, last_at = last_at - ?", 3*time.Hour.Milliseconds())
	return err
}

func (b *bench) send(ctx context.Context, o *ours, owner string) (s sent, err error) {
	everybody := map[string]any{"field": "reach", "in": []string{"message"}}
	path, err := o.campaign(ctx, owner, "notice", everybody)
	if err != nil {
		return s, err
	}
	if err := o.post(ctx, path+"/schedule", owner, map[string]any{}, &struct{}{}); err != nil {
		return s, err
	}
	row, err := o.waitFor(ctx, path, func(row model.Campaign) bool { return row.State == model.CampaignDone })
	if err != nil {
		return s, err
	}
	if s.rate, err = o.rate(ctx, row.ID); err != nil {
		return s, err
	}
	if s.alone, err = b.alone(ctx, o); err != nil {
		return s, err
	}
	if err := o.later(ctx); err != nil {
		return s, err
	}
	s.paused, err = o.pause(ctx, owner, everybody)
	return s, err
}

// rate is how many messages a second were accepted, from the first to the last. Of the members who follow by a code each
// must have got his.
func (o *ours) rate(ctx context.Context, id string) (float64, error) {
	var times []int64
	err := o.db.Read(ctx).Model(&model.Recipient{}).Where("campaign_id = ? AND state = ?", id, model.RecipientAccepted).Order("sent_at").Pluck("sent_at", &times).Error
	if err != nil {
		return 0, err
	}
	if len(times) != memberPool {
		return 0, fmt.Errorf("%d messages were accepted", len(times))
	}
	return float64(len(times)-1) / (float64(times[len(times)-1]-times[0]) / 1000), nil
}

// alone is how many calls a second WeChat's client makes that does nothing else.
func (b *bench) alone(ctx context.Context, o *ours) (float64, error) {
	client, err := wechat.NewClient(wechat.Options{BaseURL: o.api.URL, Now: time.Now})
	if err != nil {
		return 0, err
	}
	api := client.Account(wechat.Credentials{AppID: b.account.AppID, Secret: b.account.Secret})
	ids := openIDs(memberPool)
	if err := api.SendCustomer(ctx, wechat.CustomerMessage{ToUser: ids[0], Kind: model.KindText, Text: talkText}); err != nil {
		return 0, err // it fetched the token
	}
	began := time.Now()
	var group sync.WaitGroup
	failed := make(chan error, sendsAtOnce)
	for part := range slices.Chunk(ids, (memberPool+sendsAtOnce-1)/sendsAtOnce) {
		group.Go(func() {
			for _, id := range part {
				if err := api.SendCustomer(ctx, wechat.CustomerMessage{ToUser: id, Kind: model.KindText, Text: talkText}); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	group.Wait()
	select {
	case err := <-failed:
		return 0, err
	default:
		return float64(len(ids)) / time.Since(began).Seconds(), nil
	}
}

// pause stops a campaign in full flow and tells how long after that its last message was accepted.
func (o *ours) pause(ctx context.Context, owner string, filter any) (time.Duration, error) {
	path, err := o.campaign(ctx, owner, "notice", filter)
	if err != nil {
		return 0, err
	}
	if err := o.post(ctx, path+"/schedule", owner, map[string]any{}, &struct{}{}); err != nil {
		return 0, err
	}
	id := path[strings.LastIndex(path, "/")+1:]
	flowing := func(row model.Campaign) bool {
		if row.State == model.CampaignDone {
			return true // too fast, or to nobody: there is nothing to pause, which says so itself
		}
		n, err := o.count(ctx, "SELECT COUNT(*) FROM campaign_recipients WHERE campaign_id = '"+id+"' AND state = 'accepted'")
		return err == nil && n > memberPool/4
	}
	if _, err := o.waitFor(ctx, path, flowing); err != nil {
		return 0, err
	}
	if err := o.post(ctx, path+"/pause", owner, map[string]any{}, &struct{}{}); err != nil {
		return 0, err
	}
	answered := time.Now().UnixMilli()
	last := int64(0)
	for deadline := time.Now().Add(3 * time.Second); time.Now().Before(deadline); {
		if err := o.db.Read(ctx).Model(&model.Recipient{}).Where("campaign_id = ?", id).Select("MAX(sent_at)").Scan(&last).Error; err != nil {
			return 0, err
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	_, err = fetch(ctx, http.MethodPost, "http://"+o.host+path+"/cancel", owner, nil)
	return time.Duration(last-answered) * time.Millisecond, err
}
