package backup_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
	"liuke/model/database/databasetest"
	"liuke/service/backup"
)

func TestRestore_refusesADatabaseThatIsNotEmpty(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		store := folder(t)
		file, _ := write(t, db, store)
		for _, row := range []any{&model.Session{TokenHash: "1"}, &model.StoredKey{Name: "data"}} {
			insert(t, db, row)
			_, err := restore(t.Context(), db, store, file)
			require.ErrorIs(t, err, backup.ErrNotEmpty)
			require.Equal(t, 1, count(all(t, db, row)))
			_, err = db.Exec(t.Context(), "DELETE FROM sessions")
			require.NoError(t, err)
		}
	})
}

// small is a backup of a few rows and a file.
func small(t *testing.T) []byte {
	t.Helper()
	db, store := fresh(t, database.SQLite), folder(t)
	keep(t, db, store, "m1", []byte("a picture"))
	insert(t, db, &model.Member{ID: "1", Name: "李雷"}, &model.Member{ID: "2", Name: nasty})
	file, _ := write(t, db, store)
	return file
}

func TestRestore_writesNothingOfAFileThatIsCutOff(t *testing.T) {
	t.Parallel()
	file, db, store := small(t), fresh(t, database.SQLite), folder(t)
	for n := 0; n < len(file); n += 7 {
		_, err := backup.Verify(t.Context(), bytes.NewReader(file[:n]))
		require.ErrorIs(t, err, backup.ErrDamaged, "cut at %d of %d", n, len(file))
	}
	_, err := restore(t.Context(), db, store, file[:len(file)-1])
	require.ErrorIs(t, err, backup.ErrDamaged)
	requireEmpty(t, db)
	require.Empty(t, files(t, store))
}

func TestRestore_writesNothingOfAFileWithAChangedByte(t *testing.T) {
	t.Parallel()
	file, db, store := small(t), fresh(t, database.SQLite), folder(t)
	const header = 10 // of gzip: its flags and times say nothing about what follows
	for i := header; i < len(file); i += 5 {
		damaged := bytes.Clone(file)
		damaged[i] ^= 1
		_, err := backup.Verify(t.Context(), bytes.NewReader(damaged))
		if err == nil { // a code that the compression does not use
			require.Equal(t, open(t, file), open(t, damaged), "byte %d of %d", i, len(file))
			continue
		}
	}
	damaged := bytes.Clone(file)
	damaged[len(file)/2] ^= 1
	_, err := restore(t.Context(), db, store, damaged)
	require.ErrorIs(t, err, backup.ErrDamaged)
	requireEmpty(t, db)
	require.Empty(t, files(t, store))
}

// entry is one part of a backup.
type entry struct{ name, content string }

func open(t *testing.T, file []byte) []entry {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(file))
	require.NoError(t, err)
	r := tar.NewReader(zip)
	var parts []entry
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return parts
		}
		require.NoError(t, err)
		b, err := io.ReadAll(r)
		require.NoError(t, err)
		parts = append(parts, entry{h.Name, string(b)})
	}
}

func pack(t *testing.T, parts []entry) []byte {
	t.Helper()
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	w := tar.NewWriter(zip)
	for _, p := range parts {
		require.NoError(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: p.name, Size: int64(len(p.content)), Mode: 0o600}))
		_, err := w.Write([]byte(p.content))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, zip.Close())
	return b.Bytes()
}

func TestVerify_findsWhatSomebodyChangedAndPackedAgain(t *testing.T) {
	t.Parallel()
	parts := open(t, small(t))
	_, err := backup.Verify(t.Context(), bytes.NewReader(pack(t, parts)))
	require.NoError(t, err, "packed again as it was")

	changed := func(name, old, new string) []entry {
		var out []entry
		hit := false
		for _, p := range parts {
			if strings.HasPrefix(p.name, name) {
				hit = hit || strings.Contains(p.content, old)
				p.content = strings.ReplaceAll(p.content, old, new)
			}
			out = append(out, p)
		}
		require.True(t, hit, "%s holds %s", name, old)
		return out
	}
	without := func(name string) []entry {
		var out []entry
		for _, p := range parts {
			if !strings.HasPrefix(p.name, name) {
				out = append(out, p)
			}
		}
		require.Len(t, out, len(parts)-1)
		return out
	}
	last := len(parts) - 1
	for what, fake := range map[string][]entry{
		"a row":                changed("tables/members", "李雷", "李磊"),
		"a column left out":    changed("tables/members", `"name":"李雷",`, ""),
		"a column too many":    changed("tables/members", `"name":"李雷"`, `"name":"李雷","nick":""`),
		"a wrong type":         changed("tables/members", `"points":0`, `"points":"0"`),
		"a number with digits": changed("tables/members", `"points":0`, `"points":0.5`),
		"a file":               changed("media/", "picture", "pictore"),
		"a checksum":           changed("media.sums/", "acc", "bcc"),
		"a count":              changed("manifest.json", `"rows": 2`, `"rows": 3`),
		"the start":            changed("liuke.json", `"1.2.3"`, `"1.2.4"`),
		"rows gone":            without("tables/members"),
		"a file gone":          without("media/"),
		"checksums gone":       without("media.sums/"),
		"no start":             without("liuke.json"),
		"no end":               without("manifest.json"),
		"a strange part":       append(append([]entry{}, parts[:last]...), entry{"etc/passwd", "x"}, parts[last]),
		"a strange table":      append(append([]entry{}, parts[:last]...), entry{"tables/sessions/000001", "{}\n"}, parts[last]),
		"something after it":   append(append([]entry{}, parts...), entry{"tables/members/000002", "{}\n"}),
		"nothing":              nil,
	} {
		_, err := backup.Verify(t.Context(), bytes.NewReader(pack(t, fake)))
		require.ErrorIs(t, err, backup.ErrDamaged, what)
	}
	for what, fake := range map[string][]entry{
		"format 2": changed("liuke.json", `"format": 1`, `"format": 2`),
		"schema":   changed("liuke.json", `"schema": `, `"schema": 1`),
	} {
		_, err := backup.Verify(t.Context(), bytes.NewReader(pack(t, fake)))
		require.ErrorContains(t, err, "1.2.3", "%s: it names the program that can", what)
		require.NotErrorIs(t, err, backup.ErrDamaged)
	}
	_, err = backup.Verify(t.Context(), strings.NewReader("SQLite format 3\x00"))
	require.ErrorIs(t, err, backup.ErrDamaged)
}

func TestRestore_leavesNoFileOutsideTheStore(t *testing.T) {
	t.Parallel()
	parts := open(t, small(t))
	for i := range parts {
		parts[i].name = strings.ReplaceAll(parts[i].name, "acc/2026/01/m1", "../../m1")
		parts[i].content = strings.ReplaceAll(parts[i].content, "  acc/2026/01/m1", "  ../../m1")
	}
	_, err := backup.Verify(t.Context(), bytes.NewReader(pack(t, parts)))
	require.ErrorIs(t, err, backup.ErrDamaged, "its checksum")
	db, store := fresh(t, database.SQLite), folder(t)
	require.Error(t, store.Put(t.Context(), "../../m1", strings.NewReader("x"), 1), "and the store would not take it either")
	_, err = restore(t.Context(), db, store, pack(t, parts))
	require.Error(t, err)
	requireEmpty(t, db)
}

func TestRestore_leavesTheDatabaseEmptyWhenItIsInterrupted(t *testing.T) {
	t.Parallel()
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		store := folder(t)
		keep(t, db, store, "m1", []byte("a picture"))
		insert(t, db, &model.Member{ID: "1"}, &model.StoredKey{Name: "data", Sealed: []byte("12345")})
		file, _ := write(t, db, store)

		to := fresh(t, db.Kind())
		ctx, cancel := context.WithCancel(t.Context())
		seen := map[string]bool{}
		stop := func(what string, _ int64) {
			if seen[what] = true; what == "members" {
				cancel()
			}
		}
		_, err := backup.Restore(ctx, backup.Target{DB: to, Media: store, Progress: stop}, bytes.NewReader(file))
		require.Error(t, err)
		require.True(t, seen["files"] && seen["members"], "it was under way")
		requireEmpty(t, to)

		_, err = restore(t.Context(), to, store, file)
		require.NoError(t, err, "and can be tried again")
		require.Equal(t, 1, count(all(t, to, &model.Member{})))
	})
}

// broken is a store that keeps nothing.
type broken struct{ backup.Store }

func (broken) Put(context.Context, string, io.Reader, int64) error { return errFull }

func TestRestore_endsWithTheErrorOfTheStore(t *testing.T) {
	t.Parallel()
	db := fresh(t, database.SQLite)
	_, err := restore(t.Context(), db, broken{folder(t)}, small(t))
	require.ErrorIs(t, err, errFull)
	requireEmpty(t, db)
}
