package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database/databasetest"
)

// told is what a member wrote, of whom nothing may be left.
const told = "我家宝宝对牛奶过敏"

// left counts in how many rows of the tables that hold people's words he is still found.
func (w *running) left(t *testing.T, openID string) int64 {
	t.Helper()
	var all int64
	for query, word := range map[string]string{
		"SELECT COUNT(*) FROM messages WHERE text LIKE ?":         "%" + told + "%",
		"SELECT COUNT(*) FROM conversations WHERE last_text <> ?": "",
		"SELECT COUNT(*) FROM deliveries WHERE payload LIKE ?":    "%一会儿%",
		"SELECT COUNT(*) FROM member_notes WHERE text <> ?":       "",
		"SELECT COUNT(*) FROM members WHERE name LIKE ?":          "%钱多多%",
		"SELECT COUNT(*) FROM followers WHERE openid = ?":         openID,
		"SELECT COUNT(*) FROM pushes WHERE openid = ?":            openID,
		"SELECT COUNT(*) FROM media WHERE id <> ?":                "",
	} {
		var n int64
		require.NoError(t, w.app.db.Read(t.Context()).Raw(query, word).Scan(&n).Error)
		all += n
	}
	return all
}

// Two instances erase the data of a member, one or the other is killed in the middle, again and again: it is erased once and
// to the end, and the certificate comes last.
func TestErasure_survivesKillsOfTwoInstances(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			kills, seed := number64(t, killsVariable, fewKills), number64(t, seedVariable, 1)
			rng := rand.New(rand.NewPCG(seed, uint64(len(kind))))
			w, first := killable(t, kind)
			workers := []*process{first}
			if kind != "sqlite" { // one process at a time
				workers = append(workers, w.spawn(t, roleAll))
			}
			c := w.talk(t, w.addStore("一店"))
			w.must(200, "PATCH", "/api/members/"+c.member, w.owner, map[string]any{"name": "钱多多", "phone": "13911112222"})
			for n := range 40 {
				w.write(t, c.who, fmt.Sprintf("%s %d", told, n))
			}
			_, err := w.sim.SendImage(w.appid, c.who.OpenID, nil)
			require.NoError(t, err)
			w.settle()
			w.reply(c, "c-1", "一会儿回您")
			eventually(t, func() bool { return len(w.inbox(c.who)) > 0 }, "the answer is there")
			w.must(http.StatusCreated, "POST", "/api/members/"+c.member+"/notes", c.clerk.token, map[string]string{"text": "爱喝茶"})
			eventually(t, func() bool {
				var fetched, bundles, waits int64
				require.NoError(t, w.app.db.Read(t.Context()).Model(&model.PushBundle{}).Count(&bundles).Error)
				require.NoError(t, w.app.db.Read(t.Context()).Model(&model.Push{}).Where("state = ?", model.PushNew).Count(&waits).Error)
				require.NoError(t, w.app.db.Read(t.Context()).Model(&model.Media{}).Where("state = ?", model.MediaReady).Count(&fetched).Error)
				return bundles+waits == 0 && fetched == 1
			}, "all he sent is in his chat, and the picture is here")
			require.Greater(t, w.left(t, c.who.OpenID), int64(40))

			var said int64
			require.NoError(t, w.app.db.Read(t.Context()).Model(&model.Message{}).Count(&said).Error)

			file := w.must(200, "GET", "/api/members/"+c.member+"/data.zip?cause=wish&how=store", w.owner, nil)
			_, err = zip.NewReader(bytes.NewReader(file.raw), int64(len(file.raw)))
			require.NoError(t, err)

			id := w.must(http.StatusAccepted, "POST", "/api/members/"+c.member+"/erasure", w.owner,
				map[string]string{"cause": "wish", "how": "store", "confirm": "erase"}).str("id")
			states := map[string]int{}
			for range kills {
				<-time.After(time.Duration(rng.Int64N(int64(60 * time.Millisecond))))
				n := rng.IntN(len(workers))
				workers[n].kill()
				states[w.must(200, "GET", "/api/erasures/"+id, w.owner, nil).str("state")]++
				_, err := w.app.db.Exec(t.Context(), "UPDATE leases SET until_at = 0") // nobody waits for the dead
				require.NoError(t, err)
				workers[n] = w.spawn(t, roleAll)
			}
			t.Logf("seed %d: killed while it was %v", seed, states)
			require.Eventually(t, func() bool {
				return w.must(200, "GET", "/api/erasures/"+id, w.owner, nil).str("state") == model.ErasureDone
			}, 3*patience, 100*time.Millisecond, "it is done")
			require.Zero(t, w.left(t, c.who.OpenID))
			done := w.must(200, "GET", "/api/erasures/"+id, w.owner, nil)
			require.EqualValues(t, 1, done.get("files"))
			var records int64
			require.NoError(t, w.app.db.Read(t.Context()).Model(&model.Audit{}).Where("action = ?", "privacy.erased").Count(&records).Error)
			require.EqualValues(t, 1, records)
			rows := map[string]any{}
			tables, _ := done.get("tables").([]any)
			for n := range tables {
				rows[done.str("tables", n, "table")] = done.get("tables", n, "rows")
			}
			require.EqualValues(t, 1, rows["member_notes"])
			require.EqualValues(t, 1, rows["conversations"])
			require.EqualValues(t, said, rows["messages"], "each once, whoever deleted it")
			w.must(http.StatusNotFound, "GET", "/api/members/"+c.member, w.owner, nil)

			w.write(t, c.who, "我又来了")
			eventually(t, func() bool {
				var again []model.Follower
				require.NoError(t, w.app.db.Read(t.Context()).Where("openid = ?", c.who.OpenID).Find(&again).Error)
				return len(again) == 1 && again[0].MemberID != c.member
			}, "whoever comes again is somebody new")
		})
	}
}
