package inbound

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
)

// sample is a push of a lane that is like no other.
func sample(lane int, body string) *model.Push {
	id := model.NewID()
	return &model.Push{
		Lane: lane, ID: id, AccountID: model.NewID(), Dedupe: []byte("key of " + id), OpenID: "oOne", MsgType: "event", Event: "scan",
		Body: []byte(body), ReceivedAt: time.Now().UnixMilli(),
	}
}

func TestBundles_holdEveryPushOnceByLaneInOrder(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", bundleBytes/2)
	var rows []*model.Push
	for n := range 3 * bundlePushes {
		rows = append(rows, sample(n%2, "<xml/>"))
	}
	rows = append(rows, sample(2, large), sample(2, ""), sample(2, large), sample(2, large))
	rows[5], rows[9] = rows[9], rows[5] // ids are given before pushes queue up
	got := map[int][]*model.Push{}
	for _, b := range bundles(rows) {
		require.LessOrEqual(t, b.Pushes, int64(bundlePushes))
		require.Less(t, len(b.Body), bundleBytes+1<<10)
		all, err := unbundle(*b)
		require.NoError(t, err)
		require.Equal(t, b.ID, all[0].ID)
		require.Equal(t, b.ReceivedAt, all[0].ReceivedAt)
		got[b.Lane] = append(got[b.Lane], all...)
	}
	n := 0
	for lane, all := range got {
		last := ""
		for _, p := range all {
			require.Equal(t, lane, p.Lane)
			require.Greater(t, p.ID, last)
			last = p.ID
			require.Contains(t, rows, p)
			n++
		}
	}
	require.Equal(t, len(rows), n)
}

func FuzzUnbundle(f *testing.F) {
	good := bundles([]*model.Push{sample(1, "<xml>你好</xml>"), sample(1, "")})[0]
	f.Add(good.Body, good.Pushes)
	f.Add(good.Body[:len(good.Body)-1], good.Pushes)
	f.Add([]byte{}, int64(0))
	f.Add([]byte{bundleForm + 1}, int64(0))
	f.Add([]byte{bundleForm, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, int64(1))
	f.Fuzz(func(t *testing.T, body []byte, pushes int64) {
		all, err := unbundle(model.PushBundle{Body: body, Pushes: pushes})
		if err != nil {
			require.ErrorIs(t, err, errForm)
			return
		}
		require.Len(t, all, int(pushes))
	})
}

func TestUnbundle_refusesWhatIsCutOrNewer(t *testing.T) {
	t.Parallel()
	good := bundles([]*model.Push{sample(1, "one"), sample(1, "two")})[0]
	for n := range good.Body {
		cut := *good
		cut.Body = good.Body[:n]
		_, err := unbundle(cut)
		require.ErrorIs(t, err, errForm, "after %d bytes", n)
	}
	newer := *good
	newer.Body = append([]byte{bundleForm + 1}, good.Body[1:]...)
	_, err := unbundle(newer)
	require.ErrorIs(t, err, errForm)
}

// A commit that came to its end unheard is written once more, and its pushes may come with others then.
func TestWrite_losesNothingWhereABundleIsThereAlready(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := &Service{db: db}
		a, b, c := sample(1, "a"), sample(1, "b"), sample(1, "c")
		require.NoError(t, s.write(t.Context(), []*model.Push{a, b}))
		require.NoError(t, s.write(t.Context(), []*model.Push{a, b, c}))
		require.NoError(t, s.write(t.Context(), []*model.Push{b, c}))
		var rows []model.PushBundle
		require.NoError(t, db.Read(t.Context()).Order("id").Find(&rows).Error)
		held := map[string]bool{}
		for _, row := range rows {
			all, err := unbundle(row)
			require.NoError(t, err)
			for _, p := range all {
				held[string(p.Body)] = true
			}
		}
		require.Equal(t, map[string]bool{"a": true, "b": true, "c": true}, held)
	})
}
