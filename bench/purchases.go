package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"liuke/model"
	"liuke/model/database"
)

// How a file of purchases is measured.
const (
	buyers          = 20_000
	importRows      = 100_000
	importRounds    = 3
	rowsOfSmallFile = 10_000
)

// importing is one file of purchases on its way in: read and kept, then all its sales recorded; and the same file again,
// which changes nothing.
type importing struct {
	upload, run, again time.Duration
	memory             int // most that the program ever had resident, KiB
}

// onPurchases measures how fast purchases are taken in from a file.
func (b *bench) onPurchases(ctx context.Context) error {
	rows := importRows
	if b.short {
		rows = rowsOfSmallFile
	}
	for name := range strings.SplitSeq(b.on, ",") {
		all, err := b.importings(ctx, name, rows)
		if err != nil {
			return fmt.Errorf("purchases on %s: %w", name, err)
		}
		b.printImportings(name, rows, all)
	}
	return nil
}

func (b *bench) importings(ctx context.Context, on string, rows int) (all []importing, err error) {
	db, err := b.emptyDatabase(ctx, on, "purchases")
	if err != nil {
		return nil, err
	}
	o, err := b.startOurs(ctx, b.liuke, db)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.stop()) }()
	owner, err := o.signIn(ctx, ownerPhone)
	if err != nil {
		return nil, err
	}
	if err := o.buyers(ctx); err != nil {
		return nil, fmt.Errorf("fill: %w", err)
	}
	for n := range importRounds {
		if on == "mariadb" {
			if err := b.servers.clean(ctx); err != nil {
				return nil, err
			}
		}
		i, err := o.takeIn(ctx, owner, fileOf(n, rows), rows)
		if err != nil {
			return nil, err
		}
		b.tell("%d rows read in %s, recorded in %s, the same again in %s", rows, round(i.upload), round(i.run), round(i.again))
		all = append(all, i)
	}
	return all, nil
}

// buyers writes members with cards, past the program.
func (o *ours) buyers(ctx context.Context) error {
	account, err := o.accountID(ctx)
	if err != nil {
		return err
	}
	at := time.Now().UnixMilli()
	numbers := make([]int, buyers)
	for n := range numbers {
		numbers[n] = n
	}
	for some := range slices.Chunk(numbers, 1000) {
		members, cards := make([]model.Member, len(some)), make([]model.Identity, len(some))
		for i, n := range some {
			members[i] = model.Member{ID: model.NewID(), AccountID: account, CreatedAt: at, Kind: "member", Name: "Member", CardNo: card(n), UpdatedAt: at}
			cards[i] = model.Identity{AccountID: account, Kind: model.IdentityCard, Value: card(n), MemberID: members[i].ID, CreatedAt: at}
		}
		err := o.db.InTx(ctx, func(tx *database.Tx) error {
			return errors.Join(tx.Create(&members).Error, tx.Create(&cards).Error)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func card(n int) string { return fmt.Sprintf("K%06d", n) }

// fileOf writes a file of purchases, one line each, as a till exports them.
func fileOf(round, rows int) string {
	var b strings.Builder
	b.WriteString("小票号,会员卡号,门店编码,付款时间,实付金额,商品编码,商品名称,商品分类,数量,小计\n")
	for n := range rows {
		fmt.Fprintf(&b, "B%d-%06d,%s,S1,2026-%02d-%02d %02d:%02d:07,\"1,%03d.%02d\",SKU-%d,幼儿配方奶粉 800g,奶粉,2,1%03d.%02d\n",
			round, n, card(n*7%buyers), 1+n%6, 1+n%28, 9+n%12, n%60, n%1000, n%100, n%500, n%1000, n%100)
	}
	return b.String()
}

// takeIn takes a file in twice.
func (o *ours) takeIn(ctx context.Context, owner, file string, rows int) (i importing, err error) {
	upload, run, row, err := o.importFile(ctx, owner, file)
	if err == nil && int(row.Created) != rows {
		err = fmt.Errorf("%d of %d sales were recorded, %d refused", row.Created, rows, row.Refused)
	}
	if err != nil {
		return i, err
	}
	i.upload, i.run = upload, run
	if _, i.again, row, err = o.importFile(ctx, owner, file); err != nil {
		return i, err
	}
	if int(row.Updated) != rows {
		return i, fmt.Errorf("%d of %d sales were unchanged", row.Updated, rows)
	}
	i.memory, err = o.process.memory("VmHWM")
	return i, err
}

func (o *ours) importFile(ctx context.Context, owner, file string) (upload, run time.Duration, row model.Import, err error) {
	began := time.Now()
	up, err := o.upload(ctx, owner, file)
	if err != nil {
		return 0, 0, row, err
	}
	upload = time.Since(began)
	began = time.Now()
	path := "/api/purchase_imports/" + up.ID
	if err := o.post(ctx, path+"/run", owner, map[string]any{"mapping": up.Mapping}, &struct{}{}); err != nil {
		return 0, 0, row, err
	}
	for {
		if err := o.db.Read(ctx).First(&row, "id = ?", up.ID).Error; err != nil {
			return 0, 0, row, err
		}
		if row.State != model.ImportRunning {
			break
		}
		select {
		case <-ctx.Done():
			return 0, 0, row, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	if row.State != model.ImportDone {
		return 0, 0, row, fmt.Errorf("the import is %s: %s", row.State, row.Reason)
	}
	return upload, time.Since(began), row, nil
}

// uploaded is what the program answers to a file.
type uploaded struct {
	ID      string         `json:"id"`
	Mapping map[string]int `json:"mapping"`
}

func (o *ours) upload(ctx context.Context, owner, file string) (up uploaded, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+o.host+"/api/purchase_imports", strings.NewReader(file))
	if err != nil {
		return up, err
	}
	request.Header.Set("Content-Type", "text/csv")
	request.Header.Set("Authorization", "Bearer "+owner)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return up, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusCreated {
		err = fmt.Errorf("upload: %d %s", answer.StatusCode, text)
	}
	if err != nil {
		return up, err
	}
	return up, json.Unmarshal(text, &up)
}
