package main

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/config"
	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/model/keys"
	"liuke/service/journal"
)

// dataChange is the command in a process of its own, to be killed.
type dataChange struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
	all   strings.Builder
	noise logs
}

func (w *running) changeDataKey(t *testing.T) *dataChange {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	c := &dataChange{cmd: exec.Command(self, "keys", "rotate", "--data")}
	c.cmd.Env = append(slices.Clone(w.environ), playProgram)
	c.cmd.Stderr = &c.noise
	hold, err := c.cmd.StdinPipe() // see play
	require.NoError(t, err)
	out, err := c.cmd.StdoutPipe()
	require.NoError(t, err)
	c.lines = bufio.NewScanner(out)
	require.NoError(t, c.cmd.Start())
	t.Cleanup(func() {
		c.kill()
		_ = hold.Close()
	})
	return c
}

// until reads what it prints, to the line with these words.
func (c *dataChange) until(t *testing.T, words string) {
	t.Helper()
	for c.lines.Scan() {
		c.all.WriteString(c.lines.Text() + "\n")
		if strings.Contains(c.lines.Text(), words) {
			return
		}
	}
	require.Fail(t, "it ended before it said so", "%s: %s%s", words, &c.all, &c.noise)
}

func (c *dataChange) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// mastersOf gives the master keys of an environment.
func mastersOf(t *testing.T, environ []string) config.MasterKeys {
	t.Helper()
	masters, err := masterKeys(settingsOf(t, environ))
	require.NoError(t, err)
	return masters
}

// sealers counts, for all columns that are sealed, the values by the id of the key that sealed them.
func sealers(t *testing.T, db *database.DB) map[string]int64 {
	t.Helper()
	columns, err := keys.Columns()
	require.NoError(t, err)
	all := map[string]int64{}
	for _, c := range columns {
		var found []struct {
			ID string
			N  int64
		}
		require.NoError(t, db.Read(t.Context()).Table(c.Table).Select("LOWER(HEX(SUBSTR("+c.Name+", 1, 4))) AS id, COUNT(*) AS n").
			Where("LENGTH("+c.Name+") > 0").Group("LOWER(HEX(SUBSTR("+c.Name+", 1, 4)))").Find(&found).Error)
		for _, f := range found {
			all[f.ID] += f.N
		}
	}
	return all
}

// acquaint makes a member with a phone on each of the servers, and reads them all on each.
func (w *running) acquaint(t *testing.T, known map[string]string, servers ...*instance) {
	t.Helper()
	for _, s := range servers {
		phone := fmt.Sprintf("137%08d", len(known))
		known[s.must(201, "POST", "/api/members", w.owner, map[string]any{"name": "会员", "phone": phone}).str("id")] = "137****" + phone[7:]
	}
	for id, phone := range known {
		for _, s := range servers {
			require.Equal(t, phone, s.must(200, "GET", "/api/members/"+id, w.owner, nil).str("phone"))
		}
	}
	for _, s := range servers { // which makes each server read the account's secrets anew
		s.must(200, "PATCH", "/api/account", w.owner, map[string]any{"secret": testSecret})
	}
}

// The data key is changed under two servers while members write and others join, by a command that is killed at each of
// its stages. Everything opens on both servers all the time, and afterwards nothing is sealed with the old key.
func TestKeysRotateData_changesTheDataKeyUnderServersThatRun(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		other := w.two(t)
		db, old := w.app.db, w.app.keys.DataKey()
		clerk := w.addStaff(model.RoleClerk, "小王", w.addStore("一店"))
		scene := w.must(201, "POST", "/api/codes", clerk.token, map[string]string{"kind": "clerk"}).str("scene")
		var crowd talkers
		crowd.join(t, w, scene, 4)
		crowd.find(t, db)
		const bystanders = 8000 // so many that the command can be killed among them
		for first := 0; first < bystanders; first += 500 {
			rows := make([]*model.Member, 500)
			for i := range rows {
				rows[i] = &model.Member{ID: fmt.Sprintf("00000000-0000-7000-8000-%012d", first+i), AccountID: w.accountID, Kind: model.MemberKnown, PhoneSealed: w.app.keys.SealString("+8613600000000")}
			}
			require.NoError(t, db.InsertNew(t.Context(), rows))
		}
		stop := crowd.chatter(t, 50*time.Millisecond)
		defer stop()
		known := map[string]string{}
		w.acquaint(t, known, w.instance, other)

		c := w.changeDataKey(t)
		c.until(t, "until every server has read the new key")
		c.kill()
		w.acquaint(t, known, w.instance, other)
		require.Len(t, sealers(t, db), 1, "the new key does not seal yet")

		c = w.changeDataKey(t)
		c.until(t, "going on with a change of the data key that was interrupted")
		c.until(t, "until no server seals with the old key any more")
		c.kill()
		w.acquaint(t, known, w.instance, other) // whether they have looked or not

		c = w.changeDataKey(t)
		c.until(t, "sealing anew")
		require.Eventually(t, func() bool { return sealers(t, db)[old] < bystanders }, patience, time.Millisecond)
		c.kill()
		left := sealers(t, db)
		require.Positive(t, left[old])
		require.Greater(t, len(left), 1)
		require.NotEqual(t, old, w.app.keys.DataKey())
		require.Equal(t, w.app.keys.DataKey(), other.app.keys.DataKey(), "both have taken it up by themselves")
		w.acquaint(t, known, w.instance, other)
		_, lines := examined(t, w.environ)
		require.Contains(t, starts(lines, "note data key"), "keys rotate --data")

		c = w.changeDataKey(t)
		c.until(t, "no value in the database is sealed with the old data key any more")
		require.NoError(t, c.cmd.Wait(), "%s", &c.noise)
		require.NotContains(t, c.noise.String(), "warning")
		after := sealers(t, db)
		require.Len(t, after, 1)
		require.Greater(t, after[w.app.keys.DataKey()], int64(bystanders))
		w.acquaint(t, known, w.instance, other)
		_, lines = examined(t, w.environ)
		require.Empty(t, starts(lines, "note data key"))

		stop()
		crowd.arrives(t, db)
		for _, s := range []*instance{w.instance, other} {
			require.NotContains(t, s.logs.String(), "another key")
			require.NotContains(t, s.logs.String(), `"level":"ERROR"`)
		}
		other.stop()
		w.stop()
		w.instance = w.start(t, roleAll)
		other = w.two(t)
		require.Equal(t, w.app.keys.DataKey(), other.app.keys.DataKey())
		w.acquaint(t, known, w.instance, other)
		status, body := other.send(w.push("oStranger", "1"))
		require.Equal(t, []any{200, "success"}, []any{status, body}, "the account's keys open")
		require.Len(t, sealers(t, w.app.db), 1)
	})
}

func TestKeysRotateData_refusesWhatWouldHarm(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		two := with(w.environ, key(8)+","+base64.StdEncoding.EncodeToString(mastersOf(t, w.environ)[0]))
		code, _, stderr := cli(t, two, "keys", "rotate", "--data")
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, "end that change first")
		code, _, stderr = cli(t, with(w.environ, key(8)), "keys", "rotate", "--data")
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, "sealed with another master key")
		require.Equal(t, keys.Settled, w.app.keys.Stage())
		require.NoError(t, w.app.keys.Follow(t.Context(), nil))
		require.Equal(t, keys.Settled, w.app.keys.Stage())
	})
	code, _, stderr := cli(t, environment(t, database.SQLite, "http://127.0.0.1:1"), "keys", "rotate", "--data")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "there is no database")
}

// A server that starts without its database from a copy of before the change opens everything when that is back; what it
// kept meanwhile is sealed with the old key, and the next start without the database is from a copy with the new one.
func TestKeysRotateData_goesTogetherWithStartsWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	throughEach(t, func(t *testing.T, w *running, proxy *databasetest.Proxy, db *database.DB) {
		masters := mastersOf(t, w.environ)
		p := w.spawn(t, roleAll)
		p.kill()
		ring, err := keys.Load(t.Context(), db, masters)
		require.NoError(t, err)
		require.NoError(t, ring.Announce(t.Context()))
		require.NoError(t, ring.Switch(t.Context()))
		swept, err := ring.Sweep(t.Context(), func(string, int64) {})
		require.NoError(t, err)
		require.Positive(t, swept.Anew)
		require.NoError(t, ring.Settle(t.Context()))
		done := int64(0)
		takes := func() {
			t.Helper()
			proxy.Cut()
			p = w.spawn(t, roleAll)
			done++
			status, body := p.send(w.push("oOne", strconv.FormatInt(done, 10)))
			require.Equal(t, []any{200, "success"}, []any{status, body})
			proxy.Heal()
			require.Eventually(t, func() bool {
				var n int64
				require.NoError(t, db.Read(t.Context()).Model(&model.Push{}).Where("state = ?", model.PushDone).Count(&n).Error)
				return n == done
			}, demoPatience, 20*time.Millisecond, "%s", p.logs)
			require.NotContains(t, p.logs.String(), "set aside")
		}
		takes()
		folder := journal.Open(t.Context(), journal.Options{Dir: settingsOf(t, w.environ).JournalDir, Now: time.Now, Log: quiet()})
		t.Cleanup(func() { require.NoError(t, folder.Close()) })
		eventually(t, func() bool {
			kept, err := folder.Kept(journal.KeptKeys)
			require.NoError(t, err)
			copied, err := keys.FromCopy(kept, masters)
			require.NoError(t, err)
			accounts, err := folder.Kept(journal.KeptAccounts)
			require.NoError(t, err)
			return copied.DataKey() == ring.DataKey() && strings.HasPrefix(hex.EncodeToString(accounts), ring.DataKey())
		}, "the copies are of after the change")
		p.kill()
		takes()
	})
}
