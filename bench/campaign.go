package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"liuke/model"
)

// How a large campaign is measured.
const (
	purchasesEach  = 5
	campaignRounds = 3
	fillAtOnce     = 50_000
	rowsOfSmall    = 200_000 // members of a quick look
)

// choosing is one choice of an audience out of all members: until every recipient is a row that waits to be sent to. After
// it the whole of them was fetched as a file.
type choosing struct {
	took     time.Duration
	audience int
	exported time.Duration
	memory   int // most that the program ever had resident, KiB
}

// onCampaigns measures how fast a campaign chooses its audience, and how fast it sends.
func (b *bench) onCampaigns(ctx context.Context) error {
	chosen, err := b.choosings(ctx)
	if err != nil {
		return fmt.Errorf("choose: %w", err)
	}
	b.printChoosings(chosen)
	sent, err := b.sendings(ctx)
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	b.printSendings(sent)
	return nil
}

func (b *bench) choosings(ctx context.Context) (all []choosing, err error) {
	dsn, err := b.servers.database(ctx, "campaign")
	if err != nil {
		return nil, err
	}
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
	if err := b.shoppers(ctx, o); err != nil {
		return nil, fmt.Errorf("fill: %w", err)
	}
	for range campaignRounds {
		if err := b.servers.clean(ctx); err != nil {
			return nil, err
		}
		c, err := o.choose(ctx, owner)
		if err != nil {
			return nil, err
		}
		if c.audience != b.members/2 {
			return nil, fmt.Errorf("%d members were chosen of %d", c.audience, b.members)
		}
		b.tell("%d recipients chosen in %s, exported in %s, the program has %d MiB", c.audience, round(c.took), round(c.exported), c.memory/1024)
		all = append(all, c)
	}
	return all, nil
}

// shoppers writes members with their purchases, past the program: through it that would take hours. Every second one
// has bought within half a year.
func (b *bench) shoppers(ctx context.Context, o *ours) error {
	account, err := o.accountID(ctx)
	if err != nil {
		return err
	}
	now := time.Now().UnixMilli()
	b.tell("filling %d members and %d purchases", b.members, b.members*purchasesEach)
	began := time.Now()
	const (
		member = "LOWER(CONCAT(LPAD(HEX(m.seq), 8, '0'), '-0000-7000-8000-000000000000'))"
		paid   = "? - (IF(m.seq % 2, 10, 200) + 60 * n.seq) * 86400000"
	)
	for first := 1; first <= b.members; first += fillAtOnce {
		of := fmt.Sprintf(" FROM seq_%d_to_%d AS m", first, min(first+fillAtOnce-1, b.members))
		for _, s := range []struct {
			sql  string
			args []any
		}{
			{"INSERT INTO members (id, account_id, created_at, kind, name, level, updated_at) SELECT " + member +
				", ?, ?, 'member', 'Member', 'B', ?" + of, []any{account, now, now}},
			{
				"INSERT INTO purchases (id, account_id, member_id, bought_by, external_id, paid_at, amount, created_at) SELECT" +
					" LOWER(CONCAT(LPAD(HEX(m.seq * 8 + n.seq), 8, '0'), '-0000-7000-8000-000000000001')), ?, " + member + ", " + member +
					", CONCAT('B', m.seq * 8 + n.seq), " + paid + ", 9900 + m.seq % 100, ?" + of + " JOIN seq_0_to_" + strconv.Itoa(purchasesEach-1) + " AS n",
				[]any{account, now, now},
			},
			{
				"INSERT INTO purchase_totals (member_id, account_id, purchases, amount, first_at, last_at) SELECT " + member +
					", ?, 5, 5 * (9900 + m.seq % 100), ? - (IF(m.seq % 2, 10, 200) + 240) * 86400000, ? - IF(m.seq % 2, 10, 200) * 86400000" + of,
				[]any{account, now, now},
			},
		} {
			if _, err := o.db.Exec(ctx, s.sql, s.args...); err != nil {
				return err
			}
		}
	}
	for _, table := range []string{"members", "purchases", "purchase_totals"} {
		if _, err := o.db.Exec(ctx, "ANALYZE TABLE "+table); err != nil {
			return err
		}
	}
	b.tell("filled in %s", time.Since(began).Round(time.Second))
	return nil
}

// choose lets a campaign begin, waits until its audience is fixed, and ends it.
func (o *ours) choose(ctx context.Context, owner string) (c choosing, err error) {
	path, err := o.campaign(ctx, owner, "notice", map[string]any{"all": []any{
		map[string]any{"field": "last_purchase", "to": 180},
		map[string]any{"field": "amount", "from": 10_000, "days": 365},
	}})
	if err != nil {
		return c, err
	}
	began := time.Now()
	if err := o.post(ctx, path+"/schedule", owner, map[string]any{}, &struct{}{}); err != nil {
		return c, err
	}
	row, err := o.waitFor(ctx, path, func(row model.Campaign) bool { return row.Phase != model.CampaignChoosing && row.StartedAt > 0 })
	c.took, c.audience = time.Since(began), int(row.Audience)
	if err != nil {
		return c, err
	}
	if _, err = fetch(ctx, http.MethodPost, "http://"+o.host+path+"/cancel", owner, nil); err != nil {
		return c, err
	}
	began = time.Now()
	file, err := fetch(ctx, http.MethodGet, "http://"+o.host+path+"/recipients.csv", owner, nil)
	c.exported = time.Since(began)
	if err != nil {
		return c, err
	}
	if lines := bytes.Count(file, []byte("\n")); lines != c.audience+1 {
		return c, fmt.Errorf("the file has %d lines of %d", lines, c.audience+1)
	}
	c.memory, err = o.process.memory("VmHWM")
	return c, err
}

// campaign writes and approves one by customer messages, and gives its path.
func (o *ours) campaign(ctx context.Context, owner, purpose string, filter any) (string, error) {
	var made struct {
		ID      string `json:"id"`
		Version int64  `json:"version"`
	}
	err := o.post(ctx, "/api/campaigns", owner, map[string]any{
		"name": "Bench", "filter": filter, "channels": []string{model.ChannelCustomer}, "content": map[string]any{"purpose": purpose, "text": "{member}" + talkText},
	}, &made)
	path := "/api/campaigns/" + made.ID
	if err != nil {
		return path, err
	}
	return path, o.post(ctx, path+"/approve", owner, map[string]any{"version": made.Version}, &struct{}{})
}

// waitFor looks at the row of a campaign until it is as wanted.
func (o *ours) waitFor(ctx context.Context, path string, done func(model.Campaign) bool) (row model.Campaign, err error) {
	for {
		if err := o.db.Read(ctx).First(&row, "id = ?", path[strings.LastIndex(path, "/")+1:]).Error; err != nil {
			return row, err
		}
		if done(row) {
			return row, nil
		}
		if row.Reason != "" {
			return row, fmt.Errorf("the campaign is %s: %s", row.State, row.Reason)
		}
		select {
		case <-ctx.Done():
			return row, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}
