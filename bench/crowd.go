package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"liuke/model"
	"liuke/model/database"
)

// people are members who follow, each with an open binding to a clerk and a conversation.
type people struct {
	members       []model.Member
	followers     []model.Follower
	bindings      []model.Binding
	conversations []model.Conversation
	allowances    []model.Allowance
}

// add adds one who has been there since a time (Unix milliseconds) and whose conversation has so many messages: his and
// the clerk's in turn, a millisecond apart, his first. With an odd number he waits.
func (p *people) add(account, store, clerk, openID string, since, messages int64) {
	m := model.Member{
		ID: model.NewID(), AccountID: account, CreatedAt: since, Kind: "member", Name: "Member", StoreID: store, ClerkID: clerk, BoundAt: since,
		UpdatedAt: since,
	}
	f := model.Follower{
		ID: model.NewID(), AccountID: account, OpenID: openID, Kind: "member", MemberID: m.ID, Subscribed: true, SubscribedAt: since, CreatedAt: since,
	}
	c := model.Conversation{
		ID: model.NewID(), AccountID: account, FollowerID: f.ID, MemberID: m.ID, StoreID: store, ClerkID: clerk,
		LastSeq: messages, ReadSeq: messages, AnsweredSeq: messages, LastAt: since + messages, CreatedAt: since,
	}
	if messages > 0 {
		c.LastKind, c.LastText, c.LastDirection = model.KindText, model.Snippet(talkText), model.Out
		a := model.Allowance{FollowerID: f.ID, AccountID: account, UpdatedAt: c.LastAt}
		a.OpenUser(c.LastAt)
		p.allowances = append(p.allowances, a)
	}
	if messages%2 == 1 {
		c.LastDirection, c.WaitingSince, c.Unread = model.In, c.LastAt, 1
		c.ReadSeq, c.AnsweredSeq = messages-1, messages-1
	}
	c.RankAt = model.Rank(c.WaitingSince, c.LastAt)
	p.members, p.followers, p.conversations = append(p.members, m), append(p.followers, f), append(p.conversations, c)
	p.bindings = append(p.bindings, model.Binding{
		ID: model.NewID(), AccountID: account, MemberID: m.ID, Seq: 1, StoreID: store, ClerkID: clerk, FromAt: since, ToAt: model.OpenEnd,
		How: model.HowScan, ByKind: model.ByMember,
	})
}

func (p *people) write(ctx context.Context, db *database.DB) error {
	return db.InTx(ctx, func(tx *database.Tx) error {
		for _, rows := range []any{&p.members, &p.followers, &p.bindings, &p.conversations} {
			if err := tx.CreateInBatches(rows, 1000).Error; err != nil {
				return err
			}
		}
		if len(p.allowances) == 0 {
			return nil
		}
		return tx.CreateInBatches(&p.allowances, 1000).Error
	})
}

// talkText is what stands in each message: about as long as people write.
const talkText = "你好，请问这件大衣还有小号吗？我想周末来"

// talk writes the messages that the conversations named are said to have, none of which may have more than most, shard by
// shard as they lie on the disk. It needs MariaDB.
func (o *ours) talk(ctx context.Context, conversations []string, most int) error {
	if _, err := o.db.Exec(ctx, "CREATE TABLE bench_numbers (n INT NOT NULL PRIMARY KEY) SELECT seq AS n FROM seq_1_to_"+strconv.Itoa(most)); err != nil {
		return err
	}
	shards := make([][]string, model.Shards)
	for _, id := range conversations {
		s := model.Shard(id)
		shards[s] = append(shards[s], id)
	}
	for shard, ids := range shards {
		for part := range slices.Chunk(ids, 100) {
			_, err := o.db.Exec(ctx, "INSERT INTO messages (shard, conversation_id, seq, id, account_id, direction, kind, text, payload, state, author_kind, author_id, author_name, at)"+
				" SELECT ?, conversations.id, n, CONCAT(SUBSTRING(conversations.id, 1, 24), LPAD(LOWER(HEX(n)), 12, '0')), account_id,"+
				" IF(n % 2, 'in', 'out'), 'text', ?, '', IF(n % 2, 'received', 'accepted'),"+
				" IF(n % 2, 'member', 'staff'), IF(n % 2, member_id, clerk_id), IF(n % 2, 'Member', 'Clerk'), created_at + n"+
				" FROM conversations JOIN bench_numbers ON n <= last_seq WHERE conversations.id IN ? ORDER BY conversations.id, n",
				shard, talkText, part)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// accountID finds the one account there is.
func (o *ours) accountID(ctx context.Context) (string, error) {
	var accounts []string
	err := o.db.Read(ctx).Model(&model.Account{}).Pluck("id", &accounts).Error
	if err != nil || len(accounts) != 1 {
		return "", fmt.Errorf("find the account (%d): %w", len(accounts), err)
	}
	return accounts[0], nil
}

// serving is a clerk who is signed in, with those he serves: openids, members and conversations in the same order.
type serving struct {
	Token   string   `json:"token"`
	StaffID string   `json:"staff_id"`
	OpenIDs []string `json:"open_ids"`
	Members []string `json:"members"`
	Talks   []string `json:"talks"`
}

// clerksOfAStore is how many clerks a store of a crowd has.
const clerksOfAStore = 20

// crowd makes clerks, each with a session and the same number of members, past the program: through it each sign-in would
// cost what a password shall cost. messages says how long the n-th conversation is.
func (o *ours) crowd(ctx context.Context, clerks, each int, messages func(n int) int64) ([]serving, error) {
	account, err := o.accountID(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]serving, clerks)
	ids := openIDs(memberPool + clerks*each)[memberPool:]
	now := time.Now().UnixMilli()
	store := ""
	for i := range all {
		if i%clerksOfAStore == 0 {
			s := model.Store{ID: model.NewID(), AccountID: account, Code: "C" + strconv.Itoa(i), Name: "Store", TimeZone: "Asia/Shanghai", CreatedAt: now}
			if err := o.db.InTx(ctx, func(tx *database.Tx) error { return tx.Create(&s).Error }); err != nil {
				return nil, err
			}
			store = s.ID
		}
		if all[i], err = o.clerk(ctx, account, store, now); err != nil {
			return nil, err
		}
		var p people
		for k := range each {
			n := i*each + k
			p.add(account, store, all[i].StaffID, ids[n], now-24*time.Hour.Milliseconds()-int64(n)*1000, messages(n))
			all[i].OpenIDs = append(all[i].OpenIDs, ids[n])
			all[i].Members, all[i].Talks = append(all[i].Members, p.members[k].ID), append(all[i].Talks, p.conversations[k].ID)
		}
		if err := p.write(ctx, o.db); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// clerk makes a clerk of a store who has just signed in.
func (o *ours) clerk(ctx context.Context, account, store string, now int64) (serving, error) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails
	token := base64.RawURLEncoding.EncodeToString(secret[:])
	hash := sha256.Sum256([]byte(token))
	staff := model.Staff{
		ID: model.NewID(), AccountID: account, PhoneHash: letters(64), Name: "Clerk", Role: model.RoleClerk, StoreID: store, Active: true,
		SeenAt: now, CreatedAt: now,
	}
	assignment := model.Assignment{ID: model.NewID(), AccountID: account, StaffID: staff.ID, Role: staff.Role, StoreID: store, FromAt: now}
	session := model.Session{
		TokenHash: hex.EncodeToString(hash[:]), CSRFHash: letters(64), AccountID: account, StaffID: staff.ID,
		CreatedAt: now, SeenAt: now, ExpiresAt: now + 30*24*time.Hour.Milliseconds(),
	}
	err := o.db.InTx(ctx, func(tx *database.Tx) error {
		return errors.Join(tx.Create(&staff).Error, tx.Create(&assignment).Error, tx.Create(&session).Error)
	})
	return serving{Token: token, StaffID: staff.ID}, err
}
