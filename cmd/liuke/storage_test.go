package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/wechat/simulator"
)

// storageVariable is how many members the measurement of storage takes, which is left out when it is unset. 3,000 take two
// minutes.
const storageVariable = "LIUKE_TEST_STORAGE"

// What a member and a message take on disk, in MariaDB's own account of its tables (testservers --durable, so that each has a
// file). docs/SCALING.md quotes it.
func TestStorage_ofAMemberAndAMessage(t *testing.T) {
	t.Parallel()
	members, err := strconv.Atoi(os.Getenv(storageVariable))
	if err != nil || os.Getenv(databasetest.MySQLVariable) == "" {
		return
	}
	const perMember = 20
	w := startApp(t, database.MySQL)
	clerk := w.addStaff(model.RoleClerk, "小王", w.addStore("一店"))
	scene := w.must(201, "POST", "/api/codes", clerk.token, map[string]string{"kind": "clerk"}).str("scene")
	empty := w.tables(t)
	people := make([]simulator.Person, members)
	for n := range people {
		people[n] = w.sim.NewPerson(fmt.Sprint("会员", n))
		_, err := w.sim.Scan(w.appid, people[n].OpenID, scene)
		require.NoError(t, err)
		if n%50 == 0 {
			w.settle()
		}
	}
	w.settle()
	w.rest(t, "SELECT (SELECT COUNT(*) FROM push_bundles) + (SELECT COUNT(*) FROM pushes WHERE state = 0)")
	known := w.tables(t)
	for n := range perMember {
		for i, p := range people {
			_, err := w.sim.SendText(w.appid, p.OpenID, fmt.Sprintf("第%d句:请问这款奶粉还有货吗,周末想过来看看", n))
			require.NoError(t, err)
			if i%50 == 0 {
				w.settle()
			}
		}
	}
	w.settle()
	w.rest(t, "SELECT (SELECT COUNT(*) FROM push_bundles) + (SELECT COUNT(*) FROM pushes WHERE state = 0)")
	spoken := w.tables(t)
	member, memberText := difference(empty, known, members)
	message, messageText := difference(known, spoken, members*perMember)
	t.Logf("a member who scanned a code, by table:\n%s", memberText)
	t.Logf("a message from a member, by table:\n%s", messageText)
	require.Less(t, member, int64(12_000), "bytes a member")
	require.Less(t, message, int64(4_000), "bytes a message")
}

// tables gives the bytes of each table with its indexes.
func (w *running) tables(t *testing.T) map[string]int64 {
	t.Helper()
	var names []string
	db := w.app.db.Read(t.Context())
	require.NoError(t, db.Raw("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()").Scan(&names).Error)
	sizes := map[string]int64{}
	for _, name := range names {
		require.NoError(t, db.Exec("ANALYZE TABLE "+name).Error)
		var size int64
		require.NoError(t, db.Raw("SELECT data_length + index_length FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?", name).
			Scan(&size).Error)
		sizes[name] = size
	}
	return sizes
}

// rest waits until a count is 0.
func (w *running) rest(t *testing.T, count string) {
	t.Helper()
	eventually(t, func() bool {
		var n int64
		require.NoError(t, w.app.db.Read(t.Context()).Raw(count).Scan(&n).Error)
		return n == 0
	}, "all effects are there")
}

// difference tells by how much n things made each table grow, and all together.
func difference(before, after map[string]int64, n int) (each int64, text string) {
	all := int64(0)
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if grown := (after[name] - before[name]) / int64(n); grown > 0 {
			text += fmt.Sprintf("%-24s %6d\n", name, grown)
			all += after[name] - before[name]
		}
	}
	each = all / int64(n)
	return each, text + fmt.Sprintf("%-24s %6d bytes\n", "together", each)
}
