package liuke_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

// figuresShown are the names of what /metrics shows, as the program's source names them.
func figuresShown(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, file := range []string{"service/metrics/metrics.go", "cmd/liuke/app.go", "cmd/liuke/journal.go"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`"(liuke_[a-z_]+)", "`).FindAllStringSubmatch(string(text), -1) {
			names = append(names, m[1])
		}
	}
	require.Greater(t, len(names), 10)
	return names
}

func TestDeploy_asksOnlyForFiguresThatAreShown(t *testing.T) {
	t.Parallel()
	shown := figuresShown(t)
	used := map[string]bool{}
	for _, file := range []string{"deploy/alerts.yaml", "deploy/grafana.json", "docs/OPERATIONS.md"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, name := range regexp.MustCompile(`liuke_[a-z_]+`).FindAllString(string(text), -1) {
			base := name
			for _, end := range []string{"_bucket", "_count", "_sum"} {
				if cut, ok := strings.CutSuffix(name, end); ok {
					base = cut
				}
			}
			require.True(t, slices.Contains(shown, name) || slices.Contains(shown, base), "%s asks for %s", file, name)
			used[base] = true
		}
	}
	for _, name := range shown {
		require.True(t, used[name], "nobody looks at %s", name)
	}
}

func TestDeploy_filesAreWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert       string            `yaml:"alert"`
				Expr        string            `yaml:"expr"`
				Labels      map[string]string `yaml:"labels"`
				Annotations map[string]string `yaml:"annotations"`
			} `yaml:"rules"`
		} `yaml:"groups"`
	}
	require.NoError(t, yaml.Unmarshal(read(t, "deploy/alerts.yaml"), &rules))
	require.Len(t, rules.Groups, 1)
	for _, r := range rules.Groups[0].Rules {
		require.True(t, r.Alert != "" && r.Expr != "" && r.Annotations["summary"] != "", r)
		require.Contains(t, []string{"page", "ticket"}, r.Labels["severity"], r.Alert)
	}
	var board struct {
		Panels []struct{ Title string } `json:"panels"`
	}
	require.NoError(t, json.Unmarshal(read(t, "deploy/grafana.json"), &board))
	require.NotEmpty(t, board.Panels)

	// Every setting that the files name is one.
	example := string(read(t, "config/example.env"))
	files, err := filepath.Glob("deploy/*")
	require.NoError(t, err)
	for _, file := range files {
		for _, name := range regexp.MustCompile(`\bLIUKE_[A-Z_]+`).FindAllString(string(read(t, file)), -1) {
			require.Contains(t, example, name+"=", file)
		}
	}
	var compose struct {
		Services map[string]any `yaml:"services"`
	}
	require.NoError(t, yaml.Unmarshal(read(t, "deploy/compose.yaml"), &compose))
	require.Contains(t, compose.Services, "liuke-2")
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return text
}
