package config_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/config"
)

// Keys of 32 bytes; their bytes spell nothing.
const (
	keyA = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	keyB = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA="
)

func TestLoad_givesTheDefaultsOfTheContract(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load([]string{"PATH=/bin", "LIUKE_REDIS=", "LIUKE_TEST_MYSQL=x"})
	require.NoError(t, err)
	require.Equal(t, config.Config{
		Listen:       "127.0.0.1:8080",
		PublicURL:    "http://127.0.0.1:8080",
		Database:     config.Database{Kind: config.SQLite, Path: "data/liuke.db"},
		Media:        config.Media{Kind: config.File, Dir: "data/media"},
		JournalDir:   "data/journal",
		WeChatAPIURL: "https://api.weixin.qq.com",
		SMSAPIURL:    "https://sms.tencentcloudapi.com",
		LimitAddress: config.Limit{PerSecond: 300, Burst: 5000},
		LimitStaff:   config.Limit{PerSecond: 1000, Burst: 5000},
		LimitKey:     config.Limit{PerSecond: 1000, Burst: 5000},
		LimitAccount: config.Limit{PerSecond: 10000, Burst: 50000},
		LogLevel:     slog.LevelInfo,
	}, cfg)
}

func TestLoad_readsEverySetting(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load([]string{
		"LIUKE_LISTEN=0.0.0.0:80",
		"LIUKE_ADMIN_LISTEN=127.0.0.1:6060",
		"LIUKE_PUBLIC_URL=https://liuke.example.com/",
		"LIUKE_DATABASE=mysql:u:p:w@tcp(db:3306)/liuke",
		"LIUKE_REDIS=redis://:pw@r1:6379/2",
		"LIUKE_MEDIA=file:/srv/media",
		"LIUKE_MASTER_KEY=" + keyA + "," + keyB,
		"LIUKE_JOURNAL=/srv/journal",
		"LIUKE_WECHAT_API_URL=http://127.0.0.1:9090/base/",
		"LIUKE_SMS_API_URL=http://127.0.0.1:9091/",
		"LIUKE_LIMIT_ADDRESS=1/2", "LIUKE_LIMIT_STAFF=3/4", "LIUKE_LIMIT_KEY=5/6", "LIUKE_LIMIT_ACCOUNT=7/8",
		"LIUKE_LOG_LEVEL=debug",
	})
	require.NoError(t, err)
	require.Len(t, cfg.MasterKeys, 2)
	require.Equal(t, byte(1), cfg.MasterKeys[0][1])
	require.Equal(t, byte(30), cfg.MasterKeys[1][1])
	cfg.MasterKeys = nil
	require.Equal(t, config.Config{
		Listen:       "0.0.0.0:80",
		AdminListen:  "127.0.0.1:6060",
		PublicURL:    "https://liuke.example.com",
		Database:     config.Database{Kind: config.MySQL, DSN: "u:p:w@tcp(db:3306)/liuke"},
		Redis:        config.Redis{Addrs: []string{"r1:6379"}, DB: 2, Password: "pw"},
		Media:        config.Media{Kind: config.File, Dir: "/srv/media"},
		JournalDir:   "/srv/journal",
		WeChatAPIURL: "http://127.0.0.1:9090/base",
		SMSAPIURL:    "http://127.0.0.1:9091",
		LimitAddress: config.Limit{PerSecond: 1, Burst: 2},
		LimitStaff:   config.Limit{PerSecond: 3, Burst: 4},
		LimitKey:     config.Limit{PerSecond: 5, Burst: 6},
		LimitAccount: config.Limit{PerSecond: 7, Burst: 8},
		LogLevel:     slog.LevelDebug,
	}, cfg)
}

func TestLoad_followsTheListenAddressWithThePublicOne(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		":9000":        "http://127.0.0.1:9000",
		"[::1]:9000":   "http://[::1]:9000",
		"shop.lan:80":  "http://shop.lan:80",
		"0.0.0.0:8080": "http://0.0.0.0:8080",
	} {
		cfg, err := config.Load([]string{"LIUKE_LISTEN=" + listen})
		require.NoError(t, err, listen)
		require.Equal(t, want, cfg.PublicURL)
	}
}

func TestLoad_takesEverySettingFromAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	values := map[string]string{
		"LIUKE_LISTEN": "127.0.0.1:1", "LIUKE_ADMIN_LISTEN": "[::1]:2", "LIUKE_PUBLIC_URL": "http://a", "LIUKE_DATABASE": "sqlite:a.db",
		"LIUKE_REDIS": "redis://r", "LIUKE_MEDIA": "file:m", "LIUKE_MASTER_KEY": keyA, "LIUKE_JOURNAL": "j",
		"LIUKE_WECHAT_API_URL": "http://w", "LIUKE_SMS_API_URL": "http://s", "LIUKE_LOG_LEVEL": "warn",
		"LIUKE_LIMIT_ADDRESS": "1/2", "LIUKE_LIMIT_STAFF": "0.5/3", "LIUKE_LIMIT_KEY": "4/5", "LIUKE_LIMIT_ACCOUNT": "1000000/1000000",
	}
	var direct, files []string
	for name, value := range values {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(value+"\r\n"), 0o600))
		direct = append(direct, name+"="+value)
		files = append(files, name+"_FILE="+path)
	}
	want, err := config.Load(direct)
	require.NoError(t, err)
	got, err := config.Load(files)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, slog.LevelWarn, got.LogLevel)
	require.Equal(t, config.Limit{PerSecond: 0.5, Burst: 3}, got.LimitStaff)
}

func TestLoad_namesEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty")
	require.NoError(t, os.WriteFile(empty, []byte("\n"), 0o600))
	_, err := config.Load([]string{
		"LIUKE_LISTEN=8080",
		"LIUKE_PUBLIC_URL=liuke.example.com",
		"LIUKE_DATABASE=postgres://x",
		"LIUKE_REDIS=http://r",
		"LIUKE_MEDIA=data/media",
		"LIUKE_MASTER_KEY=short",
		"LIUKE_JOURNAL_FILE=" + empty,
		"LIUKE_WECHAT_API_URL_FILE=/does/not/exist",
		"LIUKE_LOG_LEVEL=loud",
		"LIUKE_LISTN=127.0.0.1:8080",
		"LIUKE_LISTEN_FILE=/etc/listen",
	})
	require.Error(t, err)
	var names []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		name, problem, ok := strings.Cut(line, ": ")
		require.True(t, ok, line)
		require.NotEmpty(t, problem, line)
		names = append(names, name)
	}
	require.Equal(t, []string{
		"LIUKE_DATABASE", "LIUKE_JOURNAL_FILE", "LIUKE_LISTEN", "LIUKE_LISTN", "LIUKE_LOG_LEVEL", "LIUKE_MASTER_KEY",
		"LIUKE_MEDIA", "LIUKE_PUBLIC_URL", "LIUKE_REDIS", "LIUKE_WECHAT_API_URL_FILE",
	}, names)
}

func TestLoad_refuses(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"LIUKE_LISTEN=127.0.0.1", "LIUKE_LISTEN=127.0.0.1:http", "LIUKE_LISTEN=127.0.0.1:65536", "LIUKE_LISTEN=:+80",
		"LIUKE_ADMIN_LISTEN=0.0.0.0:6060", "LIUKE_ADMIN_LISTEN=:6060", "LIUKE_ADMIN_LISTEN=10.0.0.1:6060", "LIUKE_ADMIN_LISTEN=[::]:6060",
		"LIUKE_ADMIN_LISTEN=localhost:6060", "LIUKE_ADMIN_LISTEN=127.0.0.1", "LIUKE_ADMIN_LISTEN=127.0.0.1:http",
		"LIUKE_PUBLIC_URL=ftp://a", "LIUKE_PUBLIC_URL=https://a/path", "LIUKE_PUBLIC_URL=https://u:p@a", "LIUKE_PUBLIC_URL=https://a?x=1",
		"LIUKE_PUBLIC_URL=https://", "LIUKE_PUBLIC_URL=https://a:99999", "LIUKE_WECHAT_API_URL=https://a#f", "LIUKE_WECHAT_API_URL=https:a", "LIUKE_SMS_API_URL=https://a/b",
		"LIUKE_DATABASE=sqlite:", "LIUKE_DATABASE=sqlite::memory:", "LIUKE_DATABASE=sqlite:a.db?mode=ro", "LIUKE_DATABASE=sqlite:file:a",
		"LIUKE_DATABASE=mysql:u:p@tcp(h:3306)/", "LIUKE_DATABASE=mysql:nonsense",
		"LIUKE_DATABASE=mysql:u:p@tcp(h:3306)/liuke", // no master key
		"LIUKE_REDIS=redis://", "LIUKE_REDIS=redis://r:port", "LIUKE_REDIS=redis://r:70000", "LIUKE_REDIS=redis://r/x", "LIUKE_REDIS=redis://r?db=1",
		"LIUKE_REDIS=redis://a,b/1", "LIUKE_REDIS=redis://x:1@a,redis://x:2@b", "LIUKE_REDIS=redis://a/0,b/1", "LIUKE_REDIS=redis://a,",
		"LIUKE_MEDIA=file:", "LIUKE_MEDIA=file:///srv", "LIUKE_MEDIA=s3://bucket", "LIUKE_MEDIA=s3://k:s@h", "LIUKE_MEDIA=s3://k@h/b",
		"LIUKE_MEDIA=s3://k:s@h/b?acl=public", "LIUKE_MEDIA=s3://k:s@h/b?tls=maybe",
		"LIUKE_MASTER_KEY=" + keyA + ",", "LIUKE_MASTER_KEY=" + keyA + "," + keyA, "LIUKE_MASTER_KEY=" + keyA + "," + keyB + "," + keyA,
		"LIUKE_MASTER_KEY=" + keyA[4:], "LIUKE_DATABASES=x", "LIUKE_FILE=x",
	} {
		_, err := config.Load([]string{line})
		require.Error(t, err, line)
		require.NotContains(t, err.Error(), "\n", line)
	}
}

func TestLoad_leavesVariablesOfKubernetesAlone(t *testing.T) {
	t.Parallel()
	_, err := config.Load([]string{
		"LIUKE_SERVICE_HOST=10.0.0.1", "LIUKE_SERVICE_PORT=80", "LIUKE_SERVICE_PORT_HTTP=80", "LIUKE_PORT=tcp://10.0.0.1:80",
		"LIUKE_PORT_80_TCP=tcp://10.0.0.1:80", "LIUKE_PORT_80_TCP_ADDR=10.0.0.1", "LIUKE_MYSQL_SERVICE_HOST=10.0.0.2",
	})
	require.NoError(t, err)
}

func TestLoad_readsRedisAddresses(t *testing.T) {
	t.Parallel()
	cluster := []string{"a:6379", "b:7000"}
	for value, want := range map[string]config.Redis{
		"redis://a":                       {Addrs: []string{"a:6379"}},
		"redis://[::1]:7/3":               {Addrs: []string{"[::1]:7"}, DB: 3},
		"redis://me:p%2Cw@a":              {Addrs: []string{"a:6379"}, Username: "me", Password: "p,w"},
		"redis://a,b:7000":                {Addrs: cluster, Cluster: true},
		"redis://:p@a, redis://b:7000/0":  {Addrs: cluster, Cluster: true, Password: "p"},
		"redis://:p@a,redis://:p@b:7000/": {Addrs: cluster, Cluster: true, Password: "p"},
	} {
		cfg, err := config.Load([]string{"LIUKE_REDIS=" + value})
		require.NoError(t, err, value)
		require.Equal(t, want, cfg.Redis, value)
	}
}

func TestLoad_readsS3Addresses(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]config.Media{
		"s3://k:s%2F@h/b":                         {Kind: config.S3, Endpoint: "h", Bucket: "b", AccessKey: "k", SecretKey: "s/"},
		"s3://k:s@h:9000/b/p/q/?region=r&tls=off": {Kind: config.S3, Endpoint: "h:9000", Bucket: "b", Prefix: "p/q", Region: "r", AccessKey: "k", SecretKey: "s", PlainHTTP: true},
	} {
		cfg, err := config.Load([]string{"LIUKE_MEDIA=" + value})
		require.NoError(t, err, value)
		require.Equal(t, want, cfg.Media, value)
	}
}

func TestConfig_showsNoSecret(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load([]string{
		"LIUKE_DATABASE=mysql:dbuser:hush1@tcp(db.lan:3306)/liuke?tls=skip-verify",
		"LIUKE_REDIS=redis://ruser:hush2@redis.lan",
		"LIUKE_MEDIA=s3://hush3:hush4@s3.lan/bucket",
		"LIUKE_MASTER_KEY=" + keyA,
	})
	require.NoError(t, err)

	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("started", slog.Any("settings", cfg))
	shown := []string{logged.String(), cfg.String()}
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		shown = append(shown, fmt.Sprintf(verb, cfg), fmt.Sprintf(verb, []any{cfg.Database, cfg.Redis, cfg.Media, cfg.MasterKeys}))
	}
	for _, text := range shown {
		require.NotContains(t, text, "hush")
		require.NotContains(t, text, keyA)
		require.NotContains(t, text, "0x1, 0x2")
		require.NotContains(t, text, "0 1 2 3")
		require.Contains(t, text, "db.lan:3306")
		require.Contains(t, text, "redis.lan:6379")
		require.Contains(t, text, "s3.lan/bucket")
	}
}

func TestLoad_quotesNoSecretInItsFaults(t *testing.T) {
	t.Parallel()
	_, err := config.Load([]string{
		"LIUKE_DATABASE=mysql:u:hush@tcp(h:3306",
		"LIUKE_REDIS=redis://u:hush%zz@h",
		"LIUKE_MEDIA=s3://hush:hush@h/",
		"LIUKE_MASTER_KEY=hush",
		"LIUKE_PUBLIC_URL=https://u:hush%zz@h",
		"LIUKE_WECHAT_API_URL=https://u:hush@h",
	})
	require.Error(t, err)
	require.Len(t, strings.Split(err.Error(), "\n"), 6)
	require.NotContains(t, err.Error(), "hush")
}

func TestLimit_isOffWhereBothNumbersAreTheLargest(t *testing.T) {
	t.Parallel()
	for limit, off := range map[string]bool{"1000000/1000000": true, "1000000/5000": false, "300/1000000": false, "300/5000": false} {
		got, err := config.Load([]string{"LIUKE_LIMIT_STAFF=" + limit})
		require.NoError(t, err)
		require.Equal(t, off, got.LimitStaff.Off(), limit)
	}
}

func TestLoad_refusesLimitsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, limit := range []string{"20", "0/5", "-1/5", "5/0", "5/-1", "NaN/5", "Inf/5", "1e9/5", "5/1000001", "5/1.5", "a/b", "5/5/5"} {
		_, err := config.Load([]string{"LIUKE_LIMIT_STAFF=" + limit})
		require.ErrorContains(t, err, "LIUKE_LIMIT_STAFF: must be calls a second", limit)
	}
}
