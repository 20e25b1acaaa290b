package journal_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/model/keys"
	"liuke/service/journal"
)

// playWriter in the environment makes the test binary write into the journal there until it is killed.
const playWriter = "PLAY_JOURNAL"

func TestMain(m *testing.M) {
	if dir := os.Getenv(playWriter); dir != "" {
		write(dir)
	}
	os.Exit(m.Run())
}

// master is the master key of the tests.
func master() [][]byte { return [][]byte{bytes.Repeat([]byte{9}, keys.Size)} }

// newRing makes keys as a database has them, and keeps them in the folder for other processes.
func newRing(t *testing.T, dir string) *keys.Ring {
	t.Helper()
	db := databasetest.Open(t, databasetest.Fresh(t, database.SQLite), time.Now)
	ring, err := keys.Load(t.Context(), db, master())
	require.NoError(t, err)
	j := journal.Open(t.Context(), options(dir))
	require.NoError(t, ring.Follow(t.Context(), func(copied []byte) error { return j.Keep(journal.KeptKeys, copied) }))
	require.NoError(t, j.Close())
	return ring
}

func options(dir string) journal.Options {
	return journal.Options{Dir: dir, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
}

func open(t *testing.T, o journal.Options, ring *keys.Ring) *journal.Journal {
	t.Helper()
	j := journal.Open(t.Context(), o)
	j.UseKeys(ring)
	t.Cleanup(func() { require.NoError(t, j.Close()) })
	return j
}

func pushes(n int) []*model.Push {
	rows := make([]*model.Push, n)
	for i := range rows {
		rows[i] = &model.Push{
			ID: model.NewID(), Lane: i % 8, AccountID: model.NewID(), Dedupe: []byte{1, byte(i)}, OpenID: fmt.Sprintf("oReadable%d", i),
			MsgType: "text", Body: []byte("<xml>你好 readable</xml>"), ReceivedAt: int64(i),
		}
	}
	return rows
}

// drain takes everything out.
func drain(t *testing.T, j *journal.Journal) []*model.Push {
	t.Helper()
	var all []*model.Push
	for {
		part, err := j.Next(t.Context())
		require.NoError(t, err)
		if len(part.Pushes) == 0 {
			return all
		}
		all = append(all, part.Pushes...)
		require.NoError(t, j.Remove(t.Context(), part))
	}
}

func folders(t *testing.T, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "*-*-*-*-*"))
	require.NoError(t, err)
	return all
}

func TestJournal_givesPushesBackInOrderAndSealsThem(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "journal")
	ring := newRing(t, dir)
	j := open(t, options(dir), ring)
	rows := pushes(2*journal.PartPushes + 7)
	for at := 0; at < len(rows); at += 300 {
		require.NoError(t, j.Append(t.Context(), rows[at:min(at+300, len(rows))]))
	}
	oldest, err := j.Oldest(t.Context())
	require.NoError(t, err)
	require.Equal(t, rows[0].ID, oldest)
	require.EqualValues(t, len(rows), j.Status().Pushes)
	require.Positive(t, j.Status().Bytes)

	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := e.Info()
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, "others may not touch %s", path)
		if !e.IsDir() {
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NotContains(t, string(content), "eadable", path)
		}
		return nil
	})
	require.NoError(t, err)

	require.Equal(t, rows, drain(t, j))
	require.Equal(t, journal.Status{}, j.Status())
	require.NoError(t, j.Shrink(t.Context()))
	oldest, err = j.Oldest(t.Context())
	require.NoError(t, err)
	require.Empty(t, oldest)
}

func TestJournal_isBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ring := newRing(t, dir)
	for name, change := range map[string]func(*journal.Options){
		"pushes": func(o *journal.Options) { o.MaxPushes = 5 },
		"bytes":  func(o *journal.Options) { o.MaxBytes = 5 * 400 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(filepath.Join(dir, name))
			change(&o)
			j := open(t, o, ring)
			taken := 0
			for ; taken < 20; taken++ {
				if err := j.Append(t.Context(), pushes(1)); err != nil {
					require.ErrorIs(t, err, journal.ErrFull)
					break
				}
			}
			require.True(t, taken > 1 && taken < 20, taken)
			require.ErrorIs(t, j.Append(t.Context(), pushes(3)), journal.ErrFull, "all or none")
			require.Len(t, drain(t, j), taken)
			require.NoError(t, j.Append(t.Context(), pushes(1)))
		})
	}
}

func TestJournal_refusesWhereItCannotWriteAndTriesAgain(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "journal")
	ring := newRing(t, filepath.Join(t.TempDir(), "elsewhere"))
	require.NoError(t, os.WriteFile(dir, nil, 0o600)) // a file where the folder should be
	j := open(t, options(dir), ring)
	began := time.Now()
	require.Error(t, j.Append(t.Context(), pushes(1)))
	require.Less(t, time.Since(began), time.Second)
	require.True(t, j.Status().Refuses)

	require.NoError(t, os.Remove(dir))
	require.NoError(t, j.Tend(t.Context()))
	require.False(t, j.Status().Refuses)
	require.NoError(t, j.Append(t.Context(), pushes(1)))
	require.Len(t, drain(t, j), 1)
}

func TestJournal_aFolderBelongsToOneAtATime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ring := newRing(t, dir)
	var all [6]*journal.Journal
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() { all[i] = journal.Open(t.Context(), options(dir)) })
	}
	wg.Wait()
	rows := pushes(len(all))
	for i, j := range all {
		j.UseKeys(ring)
		require.NoError(t, j.Append(t.Context(), rows[i:i+1]))
		require.NoError(t, j.Tend(t.Context()), "who lives is not adopted")
	}
	require.GreaterOrEqual(t, len(folders(t, dir)), len(all))
	for i, j := range all {
		require.Equal(t, rows[i:i+1], drain(t, j))
		require.NoError(t, j.Close())
	}
}

func TestJournal_adoptsWhatAnInstanceLeftAndRemovesItsFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ring := newRing(t, dir)
	a, b := open(t, options(dir), ring), open(t, options(dir), ring)
	left, mine := pushes(3), pushes(2)
	require.NoError(t, a.Append(t.Context(), left))
	require.NoError(t, b.Append(t.Context(), mine))
	require.NoError(t, b.Tend(t.Context()))
	require.EqualValues(t, 2, b.Status().Pushes)
	require.NoError(t, a.Close())
	require.NoError(t, b.Tend(t.Context()))
	require.EqualValues(t, 5, b.Status().Pushes)
	oldest, err := b.Oldest(t.Context())
	require.NoError(t, err)
	require.Equal(t, left[0].ID, oldest)
	require.Equal(t, append(left, mine...), drain(t, b))
	require.Len(t, folders(t, dir), 1)
}

func TestJournal_startsWithTheFolderThatWasLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ring := newRing(t, dir)
	rows := pushes(3)
	a := journal.Open(t.Context(), options(dir))
	a.UseKeys(ring)
	require.NoError(t, a.Append(t.Context(), rows))
	require.NoError(t, a.Close())
	b := open(t, options(dir), ring)
	require.EqualValues(t, 3, b.Status().Pushes)
	more := pushes(1)
	require.NoError(t, b.Append(t.Context(), more))
	require.Len(t, folders(t, dir), 1)
	require.Equal(t, append(rows, more...), drain(t, b))
}

func TestJournal_losesNothingThatItCannotOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ring, other := newRing(t, dir), newRing(t, t.TempDir())
	rows := pushes(2)
	a := journal.Open(t.Context(), options(dir))
	a.UseKeys(ring)
	require.NoError(t, a.Append(t.Context(), rows))
	require.NoError(t, a.Close())

	b := journal.Open(t.Context(), options(dir))
	b.UseKeys(other)
	require.Empty(t, drain(t, b))
	require.NoError(t, b.Append(t.Context(), pushes(1)))
	require.Len(t, drain(t, b), 1, "it stands in nobody's way")
	require.NoError(t, b.Close())

	require.Equal(t, rows, drain(t, open(t, options(dir), ring)))
}

func TestJournal_aPartWithoutAPushSetAsideGoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ring := newRing(t, dir)
	j := journal.Open(t.Context(), options(dir))
	j.UseKeys(ring)
	rows := pushes(3)
	require.NoError(t, j.Append(t.Context(), rows))
	part, err := j.Next(t.Context())
	require.NoError(t, err)
	require.NoError(t, j.SetAside(t.Context(), &part, 2, os.ErrInvalid))
	require.Equal(t, rows[:2], part.Pushes)
	require.NoError(t, j.Remove(t.Context(), part))
	require.Empty(t, drain(t, j))
	require.NoError(t, j.Close())
	require.Equal(t, rows[2:], drain(t, open(t, options(dir), ring)), "tried again at the next start")
}

func TestKeep_isThereWholeForOthersOnThisDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ring := newRing(t, dir)
	a, b := open(t, options(dir), ring), open(t, options(dir), ring)
	none, err := a.Kept(journal.KeptAccounts)
	require.NoError(t, err)
	require.Nil(t, none)
	for _, text := range []string{"first", "second"} {
		require.NoError(t, a.Keep(journal.KeptAccounts, []byte(text)))
		got, err := b.Kept(journal.KeptAccounts)
		require.NoError(t, err)
		require.Equal(t, text, string(got))
	}
	kept, err := b.Kept(journal.KeptKeys)
	require.NoError(t, err)
	again, err := keys.FromCopy(kept, master())
	require.NoError(t, err)
	require.True(t, again.Same(ring))
	require.False(t, newRing(t, t.TempDir()).Same(ring))
	_, err = keys.FromCopy(kept, [][]byte{bytes.Repeat([]byte{8}, keys.Size)})
	require.Error(t, err)
}

// write is the process that is killed: it tells the id of each push once that is durable.
func write(dir string) {
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	ctx := context.Background()
	j := journal.Open(ctx, options(dir))
	kept, err := j.Kept(journal.KeptKeys)
	fail(err)
	ring, err := keys.FromCopy(kept, master())
	fail(err)
	j.UseKeys(ring)
	for {
		rows := pushes(3)
		fail(j.Append(ctx, rows))
		for _, r := range rows {
			fmt.Println(r.ID)
		}
	}
}

func TestJournal_keepsWhatItTookThroughAKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ring := newRing(t, dir)
	self, err := os.Executable()
	require.NoError(t, err)
	told := map[string]bool{}
	for round := range 5 {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), playWriter+"="+dir)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for n := 0; n < 20+7*round && lines.Scan(); n++ {
			told[lines.Text()] = true
		}
		require.NoError(t, cmd.Process.Kill())
		for lines.Scan() {
			if model.ValidID(lines.Text()) {
				told[lines.Text()] = true
			}
		}
		_ = cmd.Wait()
		require.Empty(t, stderr.String())
	}
	require.Greater(t, len(told), 100)
	j := open(t, options(dir), ring)
	require.NoError(t, j.Tend(t.Context()))
	last := ""
	for _, r := range drain(t, j) {
		require.Greater(t, r.ID, last, "in the order of arrival")
		last = r.ID
		delete(told, r.ID)
	}
	require.Empty(t, told)
	require.Len(t, folders(t, dir), 1)
}

func TestJournal_leavesADamagedFolderAloneAndGoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ring := newRing(t, dir)
	require.Len(t, folders(t, dir), 1)
	damaged := filepath.Join(folders(t, dir)[0], "pushes.db")
	require.NoError(t, os.WriteFile(damaged, []byte("no database at all, by a long way"), 0o600))
	var told bytes.Buffer
	o := options(dir)
	o.Log = slog.New(slog.NewJSONHandler(&told, nil))
	j := open(t, o, ring)
	for range 3 {
		require.NoError(t, j.Tend(t.Context()))
	}
	require.False(t, j.Status().Refuses)
	require.NoError(t, j.Append(t.Context(), pushes(1)))
	require.Len(t, drain(t, j), 1)
	require.FileExists(t, damaged)
	require.Equal(t, 1, strings.Count(told.String(), "cannot be opened"))
}
