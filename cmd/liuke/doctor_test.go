package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/model/database"
)

// examined runs the doctor, and gives its lines without the spaces that align them.
func examined(t *testing.T, environ []string) (code int, lines []string) {
	t.Helper()
	code, out, problems := cli(t, environ, "doctor")
	require.Equal(t, code == exitDone, problems == "", problems)
	for line := range strings.SplitSeq(strings.TrimSpace(out), "\n") {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return code, lines
}

func starts(lines []string, with string) string {
	for _, l := range lines {
		if strings.HasPrefix(l, with) {
			return l
		}
	}
	return ""
}

func TestDoctor_findsWhatIsWrongAndNothingElse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		environ := slices.Concat(w.environ, []string{"LIUKE_PUBLIC_URL=" + w.url})
		w.must(http.StatusOK, "PATCH", "/api/account", w.owner, map[string]any{"aes_key": testAESKey})
		facts, err := w.app.db.Inspect(t.Context())
		require.NoError(t, err)
		code, lines := examined(t, environ)
		if facts.Durable {
			require.Equal(t, exitDone, code, lines)
			require.NotEmpty(t, starts(lines, "ok database"))
		} else { // a server for tests is faster without, and is told so
			require.Equal(t, exitFailed, code, lines)
			require.Contains(t, starts(lines, "MEND database"), "innodb_flush_log_at_trx_commit=1")
			lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "MEND database") })
		}
		for _, with := range []string{"ok settings", "ok journal", "ok schema", "ok master key", "ok clock", "ok wechat " + w.appid} {
			require.NotEmpty(t, starts(lines, with), "%s: %v", with, lines)
		}
		require.Empty(t, starts(lines, "MEND"))

		w.must(http.StatusOK, "PATCH", "/api/account", w.owner, map[string]any{"secret": "not-the-secret"})
		code, lines = examined(t, environ)
		require.Equal(t, exitFailed, code)
		require.Contains(t, starts(lines, "MEND wechat "+w.appid+" secret"), "AppSecret")
		require.NotContains(t, strings.Join(lines, "\n"), "not-the-secret")

		require.NoError(t, w.app.db.InsertNew(t.Context(), &model.SchemaMeta{Name: "min_program", Value: "999"}))
		_, lines = examined(t, append(environ, "LIUKE_JOURNAL=/proc/nothing/here"))
		require.Contains(t, starts(lines, "MEND schema"), "newer liuke")
		require.NotEmpty(t, starts(lines, "MEND journal"))
	})
}

func TestDoctor_tellsWhatCannotBeReached(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *running) {
		environ := slices.Concat(w.environ, []string{
			"LIUKE_REDIS=redis://127.0.0.1:1/0", "LIUKE_WECHAT_API_URL=http://127.0.0.1:1", "LIUKE_PUBLIC_URL=http://liuke.example.com",
		})
		if w.kind == database.MySQL {
			environ = append(environ, "LIUKE_DATABASE=mysql:u:geheim@tcp(127.0.0.1:1)/liuke")
		}
		code, lines := examined(t, environ)
		require.Equal(t, exitFailed, code)
		require.NotEmpty(t, starts(lines, "MEND redis"))
		require.Contains(t, starts(lines, "MEND address"), "https")
		if w.kind == database.MySQL {
			require.Contains(t, starts(lines, "MEND database"), "127.0.0.1:1")
			require.NotContains(t, strings.Join(lines, "\n"), "geheim")
			return
		}
		require.Contains(t, starts(lines, "MEND wechat http://127.0.0.1:1"), "cannot be reached")
	})
	code, lines := examined(t, []string{"LIUKE_DATABASE=oracle:x", "LIUKE_LISTEN=nowhere"})
	require.Equal(t, exitFailed, code)
	require.NotEmpty(t, starts(lines, "MEND settings LIUKE_DATABASE"))
	require.NotEmpty(t, starts(lines, "MEND settings LIUKE_LISTEN"))
}
