//go:build linux

package main

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model/database"
)

// The schema is brought up to date under traffic while two instances of the version before go on; then they are replaced, one
// by one. Only in the long form: it builds that version from the repository's history.
func TestChaos_theVersionBeforeServesWhileTheSchemaIsBroughtUpToDate(t *testing.T) {
	t.Parallel()
	if os.Getenv(chaosVariable) == "" {
		t.Skipf("LEFT OUT: building the version before takes a minute or two; `make chaos` does it (%s is not set)", chaosVariable)
	}
	old := versionBefore(t)
	c := newChaos(t, database.MySQL, rand.New(rand.NewPCG(number64(t, seedVariable, 1), 0)), old)
	before, _, err := c.db.SchemaVersion(t.Context())
	require.NoError(t, err)
	table := map[string]*tally{}
	v := c.round(harm{name: "migration while the version before runs", do: func(c *chaos) (wrong []string) {
		c.migrate("", c.environ)
		c.pause(c.spell())
		wrong = c.goesOn() // the old program on the new schema
		for _, m := range c.machines {
			m.program = ""
			c.kill(m)
			c.start(m)
			wrong = append(wrong, c.goesOn()...) // the old and the new beside each other, then the new alone
		}
		return wrong
	}}, table)
	after, want, err := c.db.SchemaVersion(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, after)
	require.Less(t, before, after, "the schema has grown")
	t.Logf("schema %d -> %d\n%s", before, after, printed(database.MySQL, table))
	require.Empty(t, v.faults(), "%s", c.logged(30, "WARN", "ERROR"))
}

// versionBefore builds the newest older version whose migrations are the beginning of today's, and gives the program's path.
func versionBefore(t *testing.T) string {
	t.Helper()
	const migrations = "model/database/migrations/mysql"
	git := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", "../.."}, args...)...)
		out, err := cmd.Output()
		require.NoError(t, err, "make chaos needs the repository with its history")
		return string(out)
	}
	files := func(commit string) []string { // mode, hash and path of each, in the order of their numbers
		return strings.Split(strings.TrimSpace(git("ls-tree", "-r", commit, "--", migrations)), "\n")
	}
	now := files("HEAD")
	commit := ""
	for c := range strings.Lines(git("log", "--format=%H", "--", migrations)) {
		then := files(strings.TrimSpace(c))
		if len(then) < len(now) && slices.Equal(then, now[:len(then)]) {
			commit = strings.TrimSpace(c)
			break
		}
	}
	require.NotEmpty(t, commit, "no older version has the beginning of today's migrations")
	dir := t.TempDir()
	archive := filepath.Join(dir, "source.tar")
	git("archive", "--output="+archive, commit)
	source := filepath.Join(dir, "source")
	require.NoError(t, os.Mkdir(source, 0o700))
	for _, step := range [][]string{
		{"tar", "-xf", archive, "-C", source},
		{"go", "-C", source, "build", "-o", filepath.Join(dir, "liuke"), "./cmd/liuke"},
	} {
		out, err := exec.CommandContext(t.Context(), step[0], step[1:]...).CombinedOutput() //nolint:gosec // tar and go
		require.NoError(t, err, "%s", out)
	}
	t.Logf("the version before is %s", commit[:12])
	return filepath.Join(dir, "liuke")
}
