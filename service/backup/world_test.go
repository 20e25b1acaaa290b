package backup_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm/schema"

	"liuke/config"
	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/model/keys"
	"liuke/service/backup"
	"liuke/service/media"
)

// masterKey seals the data of every test.
func masterKey() []byte { return bytes.Repeat([]byte{7}, keys.Size) }

func fresh(t *testing.T, kind string) *database.DB {
	t.Helper()
	return databasetest.Open(t, databasetest.Fresh(t, kind), time.Now)
}

func folder(t *testing.T) media.Store {
	t.Helper()
	s, err := media.OpenStore(t.Context(), config.Media{Kind: config.File, Dir: t.TempDir()})
	require.NoError(t, err)
	return s
}

// nasty has what formats and databases like to lose.
const nasty = "\x00\x01\x1b <b>&amp; \"'\\ 😀👨‍👩‍👧 \u2028 \u202e李 \ufeff\r\n\t"

// parsed tells the columns of a row type.
func parsed(t *testing.T, row any) *schema.Schema {
	t.Helper()
	s, err := schema.Parse(row, &sync.Map{}, schema.NamingStrategy{})
	require.NoError(t, err)
	return s
}

// all reads every row of a table with gorm.
func all(t *testing.T, db *database.DB, row any) any {
	t.Helper()
	q := db.Read(t.Context())
	for _, k := range parsed(t, row).PrimaryFields {
		q = q.Order(k.DBName)
	}
	rows := reflect.New(reflect.SliceOf(reflect.TypeOf(row).Elem()))
	require.NoError(t, q.Find(rows.Interface()).Error)
	return rows.Elem().Interface()
}

func count(rows any) int { return reflect.ValueOf(rows).Len() }

func insert(t *testing.T, db *database.DB, rows ...any) {
	t.Helper()
	require.NoError(t, db.InTx(t.Context(), func(tx *database.Tx) error {
		for _, r := range rows {
			if err := tx.Create(r).Error; err != nil {
				return err
			}
		}
		return nil
	}))
}

// fillAll puts a row into every table, with each column at an edge of its type, and one with empty columns.
func fillAll(t *testing.T, db *database.DB) {
	t.Helper()
	var rows []any
	for _, row := range model.Tables() {
		full := reflect.New(reflect.TypeOf(row).Elem())
		for i, f := range parsed(t, row).Fields {
			v := full.Elem().FieldByIndex(f.StructField.Index)
			switch v.Interface().(type) {
			case string:
				v.SetString(fmt.Sprintf("v%d", i))
			case int64:
				v.SetInt(math.MaxInt64 - int64(i))
			case int:
				v.SetInt(int64(i) + 1)
			case bool:
				v.SetBool(true)
			case []byte:
				v.SetBytes([]byte{0, 255, 10, byte(i)})
			case *string:
				s := fmt.Sprintf("p%d", i)
				v.Set(reflect.ValueOf(&s))
			case *int64:
				n := int64(math.MinInt64)
				v.Set(reflect.ValueOf(&n))
			default:
				require.Fail(t, "a column of a new type", "%s.%s", f.Schema.Table, f.DBName)
			}
		}
		rows = append(rows, full.Interface(), withKey(t, row))
	}
	insert(t, db, rows...)
}

// withKey is a row that is empty but for what must not be.
func withKey(t *testing.T, row any) any {
	t.Helper()
	empty := reflect.New(reflect.TypeOf(row).Elem())
	for _, f := range parsed(t, row).Fields {
		if v := empty.Elem().FieldByIndex(f.StructField.Index); f.DBName == "dedupe" {
			v.SetBytes([]byte("unique"))
		}
	}
	return empty.Interface()
}

// person is a small world: a conversation with messages, deliveries in every state, a file.
func person(t *testing.T, db *database.DB, store media.Store) {
	t.Helper()
	_, err := keys.Load(t.Context(), db, [][]byte{masterKey()})
	require.NoError(t, err)
	var messages []model.Message
	for seq := range int64(2300) { // more than two pages
		m := message(seq)
		if seq%100 == 0 {
			m.Text = nasty + string(bytes.Repeat([]byte("长"), 20_000)) // more than two chunks
		}
		messages = append(messages, m)
	}
	for part := range slices.Chunk(messages, 300) {
		insert(t, db, &part)
	}
	for i, state := range []string{model.StateQueued, model.StateSending, model.StatePending, model.StateAccepted} {
		m := message(int64(10_000 + i))
		m.State, m.Direction = state, model.Out
		insert(t, db, &m, &model.Delivery{
			ID: state, MessageID: m.ID, State: state, Owner: "me", LeaseUntil: 5, WindowKind: model.WindowUser, Payload: nasty,
		})
	}
	insert(t, db, &model.Delivery{ID: "greeting", State: model.StateQueued})
	for _, state := range []string{model.MassReady, model.MassSending, model.MassSent, model.MassDone} {
		insert(t, db, &model.MassJob{ID: state, State: state, Members: 100, Owner: "me", LeaseUntil: 5, Told: state == model.MassDone, CreatedAt: 7})
	}
	insert(t, db, &model.Allowance{FollowerID: "f", UserLeft: 3, Inflight: 2})
	insert(t, db, &model.FeedStream{Stream: "staff:1", Seq: 41, PrunedSeq: 7}, &model.FeedEvent{Stream: "staff:1", Seq: 41})
	insert(t, db, &model.Session{TokenHash: "s"})
	insert(t, db, &model.Media{ID: "0", State: model.MediaWaiting, BlobKey: "a/0"})
	for i := range 3 {
		keep(t, db, store, fmt.Sprint("m", i), bytes.Repeat([]byte{byte(i)}, i*70_000))
	}
}

func message(seq int64) model.Message {
	id := fmt.Sprint("message-", seq)
	return model.Message{Shard: int(seq % 3), ConversationID: "c", Seq: seq, ID: id, Text: nasty, State: model.StateReceived}
}

func keep(t *testing.T, db *database.DB, store media.Store, id string, content []byte) {
	t.Helper()
	sum := sha256.Sum256(content)
	m := &model.Media{
		ID: id, State: model.MediaReady, BlobKey: "acc/2026/01/" + id, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]),
	}
	insert(t, db, m)
	require.NoError(t, store.Put(t.Context(), m.BlobKey, bytes.NewReader(content), m.Size))
}

func files(t *testing.T, store media.Store) map[string]string {
	t.Helper()
	found := map[string]string{}
	require.NoError(t, store.List(t.Context(), func(key string, _ int64) error {
		f, err := store.Open(t.Context(), key)
		require.NoError(t, err)
		b, err := io.ReadAll(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		found[key] = string(b)
		return nil
	}))
	return found
}

func write(t *testing.T, db *database.DB, store backup.Store) ([]byte, backup.Summary) {
	t.Helper()
	var b bytes.Buffer
	sum, err := backup.Write(t.Context(), backup.Source{DB: db, Media: store, Program: "1.2.3"}, &b)
	require.NoError(t, err)
	return b.Bytes(), sum
}

func restore(ctx context.Context, db *database.DB, store backup.Store, file []byte) (backup.Restored, error) {
	return backup.Restore(ctx, backup.Target{DB: db, Media: store}, bytes.NewReader(file))
}

// requireEmpty wants a database without a row.
func requireEmpty(t *testing.T, db *database.DB) {
	t.Helper()
	for _, row := range model.Tables() {
		if _, ok := row.(*model.SchemaMeta); !ok {
			require.Zero(t, count(all(t, db, row)), "%T", row)
		}
	}
}
