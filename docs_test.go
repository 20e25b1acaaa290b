package liuke_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// heaviestPicture bounds a picture of a screen, in bytes: the pages that show them open on poor networks too.
const heaviestPicture = 200_000

// documents are the pages that people read.
func documents(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	return append(pages, "README.md", "CHANGELOG.md")
}

func TestDocuments_leadToFilesThatAreThere(t *testing.T) {
	t.Parallel()
	links := regexp.MustCompile(`\]\(([^)\s]+)\)|src="([^"]+)"`)
	for _, page := range documents(t) {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, m := range links.FindAllStringSubmatch(string(text), -1) {
			target, _, _ := strings.Cut(m[1]+m[2], "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			_, err := os.Stat(filepath.Join(filepath.Dir(page), target))
			require.NoError(t, err, "%s names %s", page, target)
		}
	}
}

func TestReadme_showsEveryPictureAndNoneIsHeavy(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	pictures, err := filepath.Glob("docs/screens/*.png")
	require.NoError(t, err)
	require.NotEmpty(t, pictures)
	for _, p := range pictures {
		info, err := os.Stat(p)
		require.NoError(t, err)
		require.LessOrEqual(t, info.Size(), int64(heaviestPicture), p)
		require.Contains(t, string(readme), `"`+filepath.ToSlash(p)+`"`)
	}
}

func TestSecurity_namesTestsThatAreThere(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/SECURITY.md")
	require.NoError(t, err)
	names := regexp.MustCompile("`(Test[A-Za-z0-9_]+)`").FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, names)
	there := map[string]bool{}
	require.NoError(t, filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			if entry != nil && entry.Name() == "node_modules" {
				return filepath.SkipDir
			}
			return err
		}
		code, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(code), -1) {
			there[m[1]] = true
		}
		return err
	}))
	for _, m := range names {
		require.True(t, there[m[1]], m[1])
	}
}
