package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"

	"liuke/model"
)

// Pages as the clerk app asks for them.
const (
	feedPage    = 50
	historyPage = 30
)

// readersOrder tells a process which pages to read, for how long and by how many at once, each without a pause; it comes
// as JSON on standard input.
type readersOrder struct {
	Host         string    `json:"host"`
	Clerks       []serving `json:"clerks"` // their Talks are those whose history is read
	Page         string    `json:"page"`   // feed: the first page of a clerk's conversations; history: the newest messages of one
	DSN          string    `json:"dsn"`    // not empty: read the same rows from the database and nothing else
	Account      string    `json:"account"`
	Readers      int       `json:"readers"`
	Milliseconds int       `json:"milliseconds"`
}

// readersOutcome is how long each page took, from the call to the last byte or row.
type readersOutcome struct {
	Took    []time.Duration `json:"took"`
	Seconds float64         `json:"seconds"`
	Busy    float64         `json:"busy"` // cores of the machine, with whatever
	Disk    float64         `json:"disk"` // cores that were idle for the disk
	CPU     float64         `json:"cpu"`  // cores that the readers themselves took
}

// runReaders reads what it is told.
func runReaders(ctx context.Context, in io.Reader, out io.Writer) error {
	var o readersOrder
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	result, err := o.run(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(result)
}

func (o readersOrder) run(ctx context.Context) (result readersOutcome, err error) {
	readers := make([]func(serving, string) (int, error), o.Readers)
	var db *sql.DB
	if o.DSN != "" {
		if db, err = o.open(ctx); err != nil {
			return result, err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
	}
	for i := range readers {
		if db != nil {
			readers[i] = func(c serving, talk string) (int, error) { return o.rows(ctx, db, c, talk) }
			continue
		}
		w, err := dial(ctx, o.Host)
		if err != nil {
			return result, err
		}
		defer w.close()
		readers[i] = func(c serving, talk string) (int, error) { return o.call(w, c, talk) }
	}
	before, err := readCores()
	if err != nil {
		return result, err
	}
	mine, err := cpu(os.Getpid())
	if err != nil {
		return result, err
	}
	began := time.Now()
	until := began.Add(time.Duration(o.Milliseconds) * time.Millisecond)
	all, failed := make([][]time.Duration, o.Readers), make([]error, o.Readers)
	var group sync.WaitGroup
	for i, read := range readers {
		group.Go(func() { all[i], failed[i] = o.loop(i, until, read) })
	}
	group.Wait()
	result.Seconds = time.Since(began).Seconds()
	after, err := cpu(os.Getpid())
	if err != nil {
		return result, err
	}
	result.CPU = (after - mine).Seconds() / result.Seconds
	now, err := readCores()
	result.Busy, result.Disk = (now.busy-before.busy).Seconds()/result.Seconds, (now.disk-before.disk).Seconds()/result.Seconds
	for i := range all {
		result.Took = append(result.Took, all[i]...)
		err = errors.Join(err, failed[i])
	}
	return result, err
}

// open opens a pool with the settings and the size of the program's.
func (o readersOrder) open(ctx context.Context) (*sql.DB, error) {
	settings, err := mysql.ParseDSN(o.DSN)
	if err != nil {
		return nil, fmt.Errorf("read the database address: %w", err)
	}
	settings.InterpolateParams, settings.ClientFoundRows, settings.Collation = true, true, "utf8mb4_bin"
	connector, err := mysql.NewConnector(settings)
	if err != nil {
		return nil, fmt.Errorf("read the database address: %w", err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(min(o.Readers, 32))
	db.SetMaxIdleConns(32)
	return db, db.PingContext(ctx)
}

// loop reads pages of clerks by chance until its time is over, and expects each to be full.
func (o readersOrder) loop(lane int, until time.Time, read func(serving, string) (int, error)) (took []time.Duration, err error) {
	chance := rand.New(rand.NewPCG(3, uint64(lane))) //nolint:gosec // no secret
	want := map[string]int{"feed": feedPage, "history": historyPage}[o.Page]
	for {
		clerk := o.Clerks[chance.IntN(len(o.Clerks))]
		talk := clerk.Talks[chance.IntN(len(clerk.Talks))]
		began := time.Now()
		if !began.Before(until) {
			return took, nil
		}
		n, err := read(clerk, talk)
		if err != nil {
			return took, err
		}
		if n != want {
			return took, fmt.Errorf("a page of %s has %d rows", o.Page, n)
		}
		took = append(took, time.Since(began))
	}
}

func (o readersOrder) path(talk string) string {
	if o.Page == "feed" {
		return "/api/conversations?queue=mine&limit=" + strconv.Itoa(feedPage)
	}
	return "/api/conversations/" + talk + "/messages?limit=" + strconv.Itoa(historyPage)
}

// call asks the program for a page, and counts its rows by a word that each has once.
func (o readersOrder) call(w *wire, c serving, talk string) (int, error) {
	if err := w.conn.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return 0, err
	}
	_, err := io.WriteString(w.conn, "GET "+o.path(talk)+" HTTP/1.1\r\nHost: "+o.Host+"\r\nAuthorization: Bearer "+c.Token+"\r\n\r\n")
	if err != nil {
		return 0, fmt.Errorf("write: %w", err)
	}
	answer, err := http.ReadResponse(w.in, nil)
	if err != nil {
		return 0, fmt.Errorf("read the answer: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	n, err := countRows(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %d", o.path(talk), answer.StatusCode)
	}
	return n, err
}

// countRows counts the items of a page of conversations or messages without taking it apart: each has one client_id
// or waiting_since.
func countRows(body io.Reader) (n int, err error) {
	words := bufio.NewReaderSize(body, 1024)
	for {
		word, err := words.ReadSlice(':')
		if string(lastOf(word, len(`"client_id":`))) == `"client_id":` || string(lastOf(word, len(`"waiting_since":`))) == `"waiting_since":` {
			n++
		}
		switch {
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return n, fmt.Errorf("read the page: %w", err)
		}
	}
}

func lastOf(b []byte, n int) []byte { return b[max(0, len(b)-n):] }

// What the pages show, as bare as it can be asked for: one statement each, which goes along an index and reads every
// table by its key. The order of the columns is that of the scans below.
const (
	feedRows = "SELECT c.id, c.account_id, c.follower_id, c.member_id, c.store_id, c.clerk_id, c.rank_at, c.last_seq, c.read_seq, c.answered_seq, c.unread," +
		" c.waiting_since, c.last_kind, c.last_text, c.last_direction, c.last_at, c.created_at, m.name, f.subscribed," +
		" a.user_left, a.user_until, a.event_left, a.event_until, d.text, w.step, w.at" +
		" FROM conversations c JOIN members m ON m.id = c.member_id JOIN followers f ON f.id = c.follower_id" +
		" LEFT JOIN allowances a ON a.follower_id = c.follower_id LEFT JOIN drafts d ON d.conversation_id = c.id AND d.staff_id = c.clerk_id" +
		" LEFT JOIN waiting_marks w ON w.conversation_id = c.id" +
		" WHERE c.account_id = ? AND c.clerk_id = ? ORDER BY c.rank_at, c.id LIMIT ?"
	historyRows = "SELECT shard, conversation_id, seq, id, account_id, direction, kind, text, media_id, payload, state, reason, author_kind, author_id," +
		" author_name, on_behalf_of, client_id, at FROM messages WHERE shard = ? AND conversation_id = ? ORDER BY seq DESC LIMIT ?"
)

// rows reads the same rows from the database into values.
func (o readersOrder) rows(ctx context.Context, db *sql.DB, c serving, talk string) (n int, err error) {
	query, args, into := historyRows, []any{model.Shard(talk), talk, historyPage}, intoMessage
	if o.Page == "feed" {
		query, args, into = feedRows, []any{o.Account, c.StaffID, feedPage}, intoConversation
	}
	found, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("read rows: %w", err)
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	for found.Next() {
		if err := found.Scan(into()...); err != nil {
			return n, fmt.Errorf("read rows: %w", err)
		}
		n++
	}
	return n, found.Err()
}

func intoConversation() []any {
	c := new(struct {
		model.Conversation

		name             string
		subscribed       bool
		left, until      sql.NullInt64
		eventLeft, event sql.NullInt64
		draft, warned    sql.NullString
		at               sql.NullInt64
	})
	return []any{
		&c.ID, &c.AccountID, &c.FollowerID, &c.MemberID, &c.StoreID, &c.ClerkID, &c.RankAt, &c.LastSeq, &c.ReadSeq, &c.AnsweredSeq, &c.Unread,
		&c.WaitingSince, &c.LastKind, &c.LastText, &c.LastDirection, &c.LastAt, &c.CreatedAt, &c.name, &c.subscribed,
		&c.left, &c.until, &c.eventLeft, &c.event, &c.draft, &c.warned, &c.at,
	}
}

func intoMessage() []any {
	m := new(model.Message)
	return []any{
		&m.Shard, &m.ConversationID, &m.Seq, &m.ID, &m.AccountID, &m.Direction, &m.Kind, &m.Text, &m.MediaID, &m.Payload, &m.State, &m.Reason,
		&m.AuthorKind, &m.AuthorID, &m.AuthorName, &m.OnBehalfOf, &m.ClientID, &m.At,
	}
}
