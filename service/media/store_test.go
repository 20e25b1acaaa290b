package media_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"liuke/config"
	"liuke/service/media"
)

const key = "019a0000-aaaa-7bbb-8ccc-000000000001/2023/11/019a0000-aaaa-7bbb-8ccc-000000000002"

// storeEach runs the test with every kind of store.
func storeEach(t *testing.T, f func(t *testing.T, s media.Store)) {
	t.Helper()
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		s, err := media.OpenStore(t.Context(), config.Media{Kind: config.File, Dir: filepath.Join(t.TempDir(), "made")})
		require.NoError(t, err)
		f(t, s)
	})
	t.Run("s3", func(t *testing.T) {
		t.Parallel()
		service, settings := newS3(t)
		s, err := media.OpenStore(t.Context(), settings)
		require.NoError(t, err)
		f(t, s)
		require.Zero(t, service.unsafe)
		require.Empty(t, service.parts, "no half upload is left over")
	})
}

func listed(t *testing.T, s media.Store) map[string]int64 {
	t.Helper()
	all := map[string]int64{}
	require.NoError(t, s.List(t.Context(), func(key string, size int64) error {
		all[key] = size
		return nil
	}))
	return all
}

func content(t *testing.T, s media.Store, key string) []byte {
	t.Helper()
	r, err := s.Open(t.Context(), key)
	require.NoError(t, err)
	b, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	return b
}

func TestStore_keepsReplacesAndForgets(t *testing.T) {
	t.Parallel()
	storeEach(t, func(t *testing.T, s media.Store) {
		ctx := t.Context()
		_, err := s.Open(ctx, key)
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.NoError(t, s.Delete(ctx, key), "is not there anyway")
		require.Empty(t, listed(t, s))

		for _, size := range []int{0, 1, 70_000, 5 << 20, 5<<20 + 1, 11 << 20} {
			file := bytes.Repeat([]byte("0123456789abcde"), size/15+1)[:size]
			for _, told := range []int64{-1, int64(size)} {
				require.NoError(t, s.Put(ctx, key, iotest.HalfReader(bytes.NewReader(file)), told))
				require.True(t, bytes.Equal(file, content(t, s, key)), size)
				require.Equal(t, map[string]int64{key: int64(size)}, listed(t, s))
			}
			require.Error(t, s.Put(ctx, key, bytes.NewReader(file), int64(size)+1))
			require.Error(t, s.Put(ctx, key, bytes.NewReader(append(file, 'x')), int64(size)))
			require.True(t, bytes.Equal(file, content(t, s, key)), "a failure changes nothing")
		}
		for i := range 5 {
			require.NoError(t, s.Put(ctx, key+string(rune('a'+i)), strings.NewReader("x"), 1))
		}
		require.Len(t, listed(t, s), 6)
		stop := errors.New("enough")
		require.ErrorIs(t, s.List(ctx, func(string, int64) error { return stop }), stop)
		require.NoError(t, s.Delete(ctx, key))
		_, err = s.Open(ctx, key)
		require.ErrorIs(t, err, fs.ErrNotExist)
	})
}

func TestStore_readsFromAnywhere(t *testing.T) {
	t.Parallel()
	storeEach(t, func(t *testing.T, s media.Store) {
		require.NoError(t, s.Put(t.Context(), key, strings.NewReader("0123456789"), 10))
		r, err := s.Open(t.Context(), key)
		require.NoError(t, err)
		defer func() { require.NoError(t, r.Close()) }()
		end, err := r.Seek(0, io.SeekEnd)
		require.NoError(t, err)
		require.EqualValues(t, 10, end)
		for _, at := range []int64{7, 2} {
			_, err = r.Seek(at, io.SeekStart)
			require.NoError(t, err)
			b := make([]byte, 3)
			_, err = io.ReadFull(r, b)
			require.NoError(t, err)
			require.Equal(t, "0123456789"[at:at+3], string(b))
		}
	})
}

func TestStore_keepsNothingOfABrokenReader(t *testing.T) {
	t.Parallel()
	storeEach(t, func(t *testing.T, s media.Store) {
		broken := errors.New("broken")
		for _, size := range []int{10, 5 << 20, 6 << 20} {
			r := io.MultiReader(bytes.NewReader(make([]byte, size)), iotest.ErrReader(broken))
			require.ErrorIs(t, s.Put(t.Context(), key, r, -1), broken)
			require.Empty(t, listed(t, s))
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		require.Error(t, s.Put(gone, key, strings.NewReader("x"), 1))
		require.Empty(t, listed(t, s))
	})
}

func TestStore_takesNoKeyThatLeadsElsewhere(t *testing.T) {
	t.Parallel()
	storeEach(t, func(t *testing.T, s media.Store) {
		for _, bad := range []string{
			"", ".", "..", "../x", "a/../../x", "a/../b", "/etc/passwd", "a//b", "a/", "./a", `a\b`, `..\x`, "C:x", "a\x00b", "A", "ä",
			".unfinished/x", "a/.b", "a b", "a?b", "a%2e", strings.Repeat("x", 129),
		} {
			_, err := s.Open(t.Context(), bad)
			require.Error(t, err, bad)
			require.NotErrorIs(t, err, fs.ErrNotExist, bad)
			require.Error(t, s.Put(t.Context(), bad, strings.NewReader("x"), 1), bad)
			require.Error(t, s.Delete(t.Context(), bad), bad)
		}
	})
}

func TestFolder_isNotLedOutByALink(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	s, err := media.OpenStore(t.Context(), config.Media{Kind: config.File, Dir: dir})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(outside, "secret"), []byte("x"), 0o600))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "out")))
	_, err = s.Open(t.Context(), "out/secret")
	require.Error(t, err)
	require.Error(t, s.Put(t.Context(), "out/new", strings.NewReader("x"), 1))
	require.NoFileExists(t, filepath.Join(outside, "new"))
	require.Empty(t, listed(t, s))
}

func TestFolder_clearsUpAfterACrashAtTheStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	settings := config.Media{Kind: config.File, Dir: dir}
	_, err := media.OpenStore(t.Context(), settings)
	require.NoError(t, err)
	old, young := filepath.Join(dir, ".unfinished", "old"), filepath.Join(dir, ".unfinished", "young")
	for path, age := range map[string]time.Duration{old: 2 * time.Hour, young: time.Minute} {
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		at := time.Now().Add(-age)
		require.NoError(t, os.Chtimes(path, at, at))
	}
	s, err := media.OpenStore(t.Context(), settings)
	require.NoError(t, err)
	require.NoFileExists(t, old)
	require.FileExists(t, young, "another program may be writing it")
	require.Empty(t, listed(t, s))
	left, err := os.ReadDir(filepath.Join(dir, ".unfinished"))
	require.NoError(t, err)
	require.Len(t, left, 1)
}

func TestOpenStore_refusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, bad := range []config.Media{{}, {Kind: "ftp"}, {Kind: config.File, Dir: file}, {Kind: config.S3, Endpoint: "a b", Bucket: "x"}} {
		_, err := media.OpenStore(t.Context(), bad)
		require.Error(t, err)
	}
}

func TestS3_isNeededOnlyWhenUsed(t *testing.T) {
	t.Parallel()
	service, settings := newS3(t)
	service.down = true
	s, err := media.OpenStore(t.Context(), settings)
	require.NoError(t, err, "members' messages are taken in all the same")
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	require.Error(t, s.Put(ctx, key, strings.NewReader("x"), 1))
	_, err = s.Open(ctx, key)
	require.Error(t, err)
	require.NotErrorIs(t, err, fs.ErrNotExist)
	require.Error(t, s.List(ctx, func(string, int64) error { return nil }))
	service.mu.Lock()
	service.down = false
	service.objects["liuke/a/someone's own"] = []byte("x")
	service.objects["elsewhere"] = []byte("x")
	service.mu.Unlock()
	require.NoError(t, s.Put(t.Context(), key, strings.NewReader("x"), 1))
	require.Equal(t, map[string]int64{key: 1}, listed(t, s))
	require.Contains(t, service.objects, "liuke/a/"+key)
}
