package config_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/caarlos0/env/v11"
	"github.com/stretchr/testify/require"

	"liuke/config"
)

func TestExampleEnv_namesEverySettingWithItsDefault(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("example.env")
	require.NoError(t, err)
	settings, err := env.GetFieldParams(&config.Config{})
	require.NoError(t, err)
	known := map[string]bool{}
	for _, s := range settings {
		known[s.Key] = true
		line := "(?m)^#" + s.Key + "="
		if s.HasDefaultValue {
			line += regexp.QuoteMeta(s.DefaultValue) + "$"
		}
		require.Regexp(t, line, string(manual))
	}
	require.Len(t, known, 15)
	for _, line := range regexp.MustCompile(`(?m)^#?(LIUKE_\w+)=`).FindAllSubmatch(manual, -1) {
		require.True(t, known[string(line[1])], "%s is in the manual only", line[1])
	}
}

func TestExampleEnv_holdsOnlySettingsThatLoad(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("example.env")
	require.NoError(t, err)
	for _, line := range regexp.MustCompile(`(?m)^#(LIUKE_\w+=.*)$`).FindAllSubmatch(manual, -1) {
		_, err := config.Load([]string{string(line[1]), "LIUKE_MASTER_KEY_FILE=testdata/master.key"})
		require.NoError(t, err, "%s", line[1])
	}
}
