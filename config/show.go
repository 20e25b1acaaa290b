package config

import (
	"log/slog"
	"strings"
)

// hidden stands where a secret is.
const hidden = "***"

// LogValue gives every setting to the log, secrets hidden.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("listen", c.Listen),
		slog.String("admin_listen", c.AdminListen),
		slog.String("public_url", c.PublicURL),
		slog.String("database", c.Database.String()),
		slog.String("redis", c.Redis.String()),
		slog.String("media", c.Media.String()),
		slog.String("master_keys", c.MasterKeys.String()),
		slog.String("journal", c.JournalDir),
		slog.String("wechat_api_url", c.WeChatAPIURL),
		slog.String("sms_api_url", c.SMSAPIURL),
		slog.String("limit_address", c.LimitAddress.String()),
		slog.String("limit_staff", c.LimitStaff.String()),
		slog.String("limit_key", c.LimitKey.String()),
		slog.String("limit_account", c.LimitAccount.String()),
		slog.String("log_level", c.LogLevel.String()),
	)
}

// String gives every setting on one line, secrets hidden.
func (c Config) String() string {
	attrs := c.LogValue().Group()
	parts := make([]string, len(attrs))
	for i, a := range attrs {
		parts[i] = a.String()
	}
	return strings.Join(parts, " ")
}

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }
