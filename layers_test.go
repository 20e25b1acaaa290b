package liuke_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "liuke/"

// tiers lists every package, lowest first. A package imports lower tiers only, so two rooms of one tier meet nowhere
// but in cmd/liuke.
func tiers() [][]string {
	basics := []string{"service/staff", "service/feed", "service/media", "service/inbound", "service/consent"}
	shared := []string{"service/delivery", "service/member"}
	facts := []string{"service/purchase", "service/segment", "service/complaint"}
	capabilities := []string{
		"service/binding", "service/chat", "service/handover", "service/campaign", "service/care", "service/value",
		"service/winback", "service/report", "service/notice", "service/transfer", "service/privacy",
	}
	rooms := []string{"api/callback", "api/session", "api/stream"}
	for _, s := range slices.Concat([]string{"service/account", "service/sms"}, basics, shared, facts, capabilities) {
		rooms = append(rooms, "api/"+path.Base(s))
	}
	return [][]string{
		{".", "config", "model", "wechat", "service/textmessage", "web", "service/fault"},
		{"model/database", "wechat/simulator", "service/textmessage/standin", "service/access", "service/sheet"},
		{"model/database/databasetest", "model/keys", "service/audit", "service/bus", "service/idempotency", "service/metrics", "service/worker"},
		{"service/account", "service/journal", "service/limit", "service/rate", "service/sms"},
		basics,
		shared,
		facts,
		append(capabilities, "service/backup"),
		{"service/worldtest"},
		{"api/rest", "api/qr", "api/binding/poster"},
		rooms,
		{"api", "bench/naive"},
		{"api/apitest"},
		{"cmd/liuke", "bench", "tools/testservers", "tools/licences", "tools/plan"},
	}
}

// openToRooms is what every api/<room> may import beside the service of its own name.
func openToRooms() []string {
	return []string{"api/rest", "api/qr", "model", "service/access", "service/fault", "service/feed", "service/media", "service/sheet"}
}

// exceptions are rooms without a service of their own name, and what they may import instead.
func exceptions() map[string][]string {
	return map[string][]string{
		"api/account":  {"service/audit"},
		"api/binding":  {"api/binding/poster"},
		"api/campaign": {"service/segment", "wechat"},
		"api/callback": {"wechat", "service/account", "service/inbound"},
		"api/session":  {"service/account", "service/staff"},
		"api/stream":   {"service/staff"},
	}
}

// faultsOf names what is wrong with what one package imports.
func faultsOf(pkg string, imports []string) []string {
	tierOf := map[string]int{}
	for n, packages := range tiers() {
		for _, p := range packages {
			tierOf[p] = n
		}
	}
	mine, known := tierOf[pkg]
	if !known {
		return []string{pkg + " stands in no tier"}
	}

	var faults []string
	for _, imp := range imports {
		imp, ours := strings.CutPrefix(imp, module)
		if !ours {
			continue
		}
		tier, known := tierOf[imp]
		room, isRoom := strings.CutPrefix(pkg, "api/")
		isRoom = isRoom && room != "rest" && room != "apitest"
		switch {
		case !known:
			faults = append(faults, pkg+" imports "+imp+", which stands in no tier")
		case tier >= mine:
			faults = append(faults, pkg+" imports "+imp+", which is not below it")
		case isRoom && imp != "service/"+room && !slices.Contains(openToRooms(), imp) && !slices.Contains(exceptions()[pkg], imp):
			faults = append(faults, pkg+" imports "+imp+", which belongs to another room")
		}
	}
	return faults
}

// The test opens the files itself: what a child process such as "go list" reads is not known to the test cache, which
// would go on answering "ok (cached)".
func TestImports_pointDownTheTiers(t *testing.T) {
	t.Parallel()
	seen := 0
	err := filepath.WalkDir(".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && file != "." && (strings.HasPrefix(entry.Name(), ".") ||
			slices.Contains([]string{"bin", "data", "node_modules", "testdata", "vendor"}, entry.Name())) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		imports, err := importsOf(file)
		if err != nil {
			return err
		}
		seen++
		for _, fault := range faultsOf(path.Dir(filepath.ToSlash(file)), imports) {
			t.Errorf("%s: %s", file, fault)
		}
		return nil
	})
	require.NoError(t, err)
	require.Positive(t, seen)
}

func importsOf(file string) ([]string, error) {
	src, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	imports := make([]string, len(src.Imports))
	for i, spec := range src.Imports {
		if imports[i], err = strconv.Unquote(spec.Path.Value); err != nil {
			return nil, err
		}
	}
	return imports, nil
}

func TestFaultsOf_findsWhatPointsSidewaysUpOrIntoAnotherRoom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pkg, imp, fault string }{
		{"service/chat", "fmt", ""},
		{"service/chat", "gorm.io/gorm", ""},
		{"service/chat", "liuke/service/member", ""},
		{"service/chat", "liuke/service/handover", "service/chat imports service/handover, which is not below it"},
		{"service/member", "liuke/service/delivery", "service/member imports service/delivery, which is not below it"},
		{"service/feed", "liuke/service/chat", "service/feed imports service/chat, which is not below it"},
		{"service/feed", "liuke/api/rest", "service/feed imports api/rest, which is not below it"},
		{"model", "liuke/config", "model imports config, which is not below it"},
		{"wechat", "liuke/wechat/simulator", "wechat imports wechat/simulator, which is not below it"},
		{"service/worker", "liuke/service/utils", "service/worker imports service/utils, which stands in no tier"},
		{"service/utils", "fmt", "service/utils stands in no tier"},
		{"api/chat", "liuke/service/chat", ""},
		{"api/chat", "liuke/service/media", ""},
		{"api/chat", "liuke/api/rest", ""},
		{"api/chat", "liuke/service/binding", "api/chat imports service/binding, which belongs to another room"},
		{"api/chat", "liuke/service/member", "api/chat imports service/member, which belongs to another room"},
		{"api/chat", "liuke/model/database", "api/chat imports model/database, which belongs to another room"},
		{"api/chat", "liuke/api/member", "api/chat imports api/member, which is not below it"},
		{"api/callback", "liuke/service/inbound", ""},
		{"api/callback", "liuke/wechat", ""},
		{"api/session", "liuke/wechat", "api/session imports wechat, which belongs to another room"},
		{"api/rest", "liuke/service/staff", ""},
		{"api", "liuke/api/chat", ""},
		{"cmd/liuke", "liuke/service/chat", ""},
		{"cmd/liuke", "liuke/bench", "cmd/liuke imports bench, which is not below it"},
	} {
		faults := faultsOf(c.pkg, []string{c.imp})
		if c.fault == "" {
			require.Empty(t, faults, "%s imports %s", c.pkg, c.imp)
			continue
		}
		require.Equal(t, []string{c.fault}, faults)
	}
}

func TestTiers_listEachPackageOnce(t *testing.T) {
	t.Parallel()
	all := slices.Concat(tiers()...)
	slices.Sort(all)
	require.Equal(t, slices.Compact(slices.Clone(all)), all)
}
