package media_test

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"liuke/config"
	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/model/keys"
	"liuke/service/access"
	"liuke/service/account"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/media"
	"liuke/wechat"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

// clock stands still until moved.
type clock struct{ ms atomic.Int64 }

func (c *clock) now() time.Time       { return time.UnixMilli(c.ms.Load()) }
func (c *clock) move(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// world is one database, one WeChat and any number of instances.
type world struct {
	t        *testing.T
	db       *database.DB
	clock    *clock
	wechat   *standIn
	client   *wechat.Client
	api      *wechat.API
	accounts *account.Service
	store    media.Store
	account  model.Account
	s        *media.Service
	mu       sync.Mutex
	done     []model.Media
}

func each(t *testing.T, f func(w *world)) {
	t.Helper()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f(newWorld(t, kind))
		})
	}
}

func newWorld(t *testing.T, kind string) *world {
	t.Helper()
	c := &clock{}
	c.ms.Store(1_700_000_000_000)
	w := &world{
		t: t, clock: c, db: databasetest.Open(t, databasetest.Fresh(t, kind), c.now),
		wechat: &standIn{files: map[string][]byte{}, answers: map[string][]http.HandlerFunc{}, gets: map[string]int{}},
	}
	server := httptest.NewServer(w.wechat)
	t.Cleanup(server.Close)
	var err error
	w.client, err = wechat.NewClient(wechat.Options{BaseURL: server.URL, Now: c.now})
	require.NoError(t, err)
	t.Cleanup(w.client.Close)
	ring, err := keys.Load(t.Context(), w.db, [][]byte{bytes.Repeat([]byte{7}, keys.Size)})
	require.NoError(t, err)
	w.accounts = account.New(account.Deps{DB: w.db, Keys: ring, Audit: audit.New(audit.Deps{DB: w.db})})
	w.account, err = w.accounts.Add(t.Context(), access.System(""), account.Add{
		AppID: "wx0123456789abcdef", Secret: "0123456789abcdef0123456789abcdef", Token: "token", Name: "留客",
	})
	require.NoError(t, err)
	w.api = w.client.Account(wechat.Credentials{AppID: w.account.AppID, Secret: "0123456789abcdef0123456789abcdef"})
	w.store, err = media.OpenStore(t.Context(), config.Media{Kind: config.File, Dir: t.TempDir()})
	require.NoError(t, err)
	w.s = w.instance(w.store)
	return w
}

// instance makes one more process on the same database.
func (w *world) instance(store media.Store) *media.Service { return w.instanceOf(model.NewID(), store) }

func (w *world) instanceOf(owner string, store media.Store) *media.Service {
	s := media.New(media.Deps{
		DB: w.db, Store: store, Accounts: w.accounts, WeChat: w.client, Audit: audit.New(audit.Deps{DB: w.db}),
		Log: slog.New(slog.DiscardHandler), Owner: owner,
	})
	s.OnDone(func(_ *database.Tx, m model.Media) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.done = append(w.done, m)
		return nil
	})
	return s
}

// request asks for a media as a message's arrival does, and gives the row's id.
func (w *world) request(kind, wechatID string) string {
	w.t.Helper()
	return w.requestFor(model.Conversation{ID: model.NewID()}, kind, wechatID)
}

func (w *world) requestFor(c model.Conversation, kind, wechatID string) string {
	w.t.Helper()
	var id string
	require.NoError(w.t, w.db.InTx(w.t.Context(), func(tx *database.Tx) (err error) {
		id, err = w.s.RequestTx(tx, model.Media{
			AccountID: w.account.ID, ConversationID: c.ID, MessageID: model.NewID(), Kind: kind, WeChatMediaID: wechatID,
		})
		return err
	}))
	return id
}

func (w *world) row(id string) model.Media {
	w.t.Helper()
	var m model.Media
	require.NoError(w.t, w.db.Read(w.t.Context()).Take(&m, "id = ?", id).Error)
	return m
}

func (w *world) fetch() {
	w.t.Helper()
	require.NoError(w.t, w.s.FetchNow(w.t.Context()))
}

// conversation makes one of a clerk.
func (w *world) conversation(clerkID string) model.Conversation {
	w.t.Helper()
	c := model.Conversation{
		ID: model.NewID(), AccountID: w.account.ID, FollowerID: model.NewID(), MemberID: model.NewID(), ClerkID: clerkID,
	}
	w.create(&c)
	return c
}

func (w *world) create(row any) {
	w.t.Helper()
	require.NoError(w.t, w.db.InTx(w.t.Context(), func(tx *database.Tx) error { return tx.Create(row).Error }))
}

func (w *world) clerk() access.Actor {
	return access.Actor{Kind: model.ByStaff, AccountID: w.account.ID, StaffID: model.NewID(), Role: model.RoleClerk}
}

// read opens a media as the actor and gives its bytes.
func (w *world) read(actor access.Actor, id string) ([]byte, error) {
	w.t.Helper()
	r, _, err := w.s.Open(w.t.Context(), actor, id)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	require.NoError(w.t, err)
	require.NoError(w.t, r.Close())
	return b, nil
}

func refused(t *testing.T, err error, kind fault.Kind, reason string) {
	t.Helper()
	f := fault.Of(err)
	require.NotNil(t, f, "%v", err)
	require.Equal(t, kind, f.Kind)
	require.Equal(t, reason, f.Reason)
}

// picture is a real png of that size in pixels.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))))
	return b.Bytes()
}
