// Package config reads the settings of the program from its environment.
//
// Every setting has a twin whose name ends in _FILE and that names a file with the value, for secrets. All faults
// are found in one go. example.env beside this file is the manual. No other package reads the environment.
package config

import (
	"errors"
	"log/slog"
	"sort"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Config is every setting, checked. Printing or logging it shows no secret.
type Config struct {
	// Listen is host:port to serve on. Port 0 takes a free one.
	Listen string `env:"LIUKE_LISTEN" envDefault:"127.0.0.1:8080"`
	// PublicURL is how browsers and WeChat reach the program: scheme and host, no slash at the end. When it is not
	// set it follows Listen, so with port 0 it holds the port 0 too.
	PublicURL string `env:"LIUKE_PUBLIC_URL"`
	// AdminListen is host:port, of this machine only, for profiles of the running program; empty: nowhere.
	AdminListen string `env:"LIUKE_ADMIN_LISTEN"`
	// Database says where the rows are.
	Database Database `env:"LIUKE_DATABASE" envDefault:"sqlite:data/liuke.db"`
	// Redis says where instances meet; without addresses everything stays in the process.
	Redis Redis `env:"LIUKE_REDIS"`
	// Media says where pictures, voice and video are kept.
	Media Media `env:"LIUKE_MEDIA" envDefault:"file:data/media"`
	// MasterKeys encrypt secrets and phone numbers at rest. Empty only with SQLite: see MasterKeyFile.
	MasterKeys MasterKeys `env:"LIUKE_MASTER_KEY"`
	// JournalDir is the folder for pushes taken while the database is away.
	JournalDir string `env:"LIUKE_JOURNAL" envDefault:"data/journal"`
	// WeChatAPIURL is the base of every WeChat API call, no slash at the end.
	WeChatAPIURL string `env:"LIUKE_WECHAT_API_URL" envDefault:"https://api.weixin.qq.com"`
	// SMSAPIURL is the base of every call to Tencent Cloud's text messages, no slash at the end.
	SMSAPIURL string `env:"LIUKE_SMS_API_URL" envDefault:"https://sms.tencentcloudapi.com"`
	// How often a caller may call: somebody unknown from one address, a person, a key, an account with all of them together.
	LimitAddress Limit `env:"LIUKE_LIMIT_ADDRESS" envDefault:"300/5000"`
	LimitStaff   Limit `env:"LIUKE_LIMIT_STAFF" envDefault:"1000/5000"`
	LimitKey     Limit `env:"LIUKE_LIMIT_KEY" envDefault:"1000/5000"`
	LimitAccount Limit `env:"LIUKE_LIMIT_ACCOUNT" envDefault:"10000/50000"`
	// LogLevel is the least level that is written.
	LogLevel slog.Level `env:"LIUKE_LOG_LEVEL" envDefault:"info"`
}

// Load reads the settings from lines NAME=value as os.Environ gives them. The error names every fault on a line of
// its own and holds no secret.
func Load(environ []string) (Config, error) {
	settings, err := env.GetFieldParams(&Config{})
	if err != nil {
		return Config{}, err
	}
	names := make([]string, len(settings))
	for i, s := range settings {
		names[i] = s.Key
	}

	values, faults := resolve(environ, names)
	var cfg Config
	faults.addParse(env.ParseWithOptions(&cfg, env.Options{Environment: values}))
	cfg.finish(&faults)
	if len(faults) > 0 {
		return Config{}, faults.err()
	}
	return cfg, nil
}

// finish checks what a single value cannot know and fills what follows from other settings.
func (c *Config) finish(f *faults) {
	if host, ok := checkListen(c.Listen); !ok {
		f.add("LIUKE_LISTEN", "must be host:port, such as 127.0.0.1:8080")
	} else if c.PublicURL == "" {
		c.PublicURL = "http://" + host
	}
	if c.AdminListen != "" {
		f.addErr("LIUKE_ADMIN_LISTEN", checkLoopback(c.AdminListen))
	}
	if c.PublicURL != "" {
		f.addErr("LIUKE_PUBLIC_URL", cleanURL(&c.PublicURL, false))
	}
	f.addErr("LIUKE_WECHAT_API_URL", cleanURL(&c.WeChatAPIURL, true))
	f.addErr("LIUKE_SMS_API_URL", cleanURL(&c.SMSAPIURL, false))
	if c.Database.Kind == MySQL && len(c.MasterKeys) == 0 && !f.has("LIUKE_MASTER_KEY") {
		f.add("LIUKE_MASTER_KEY", "is required with mysql: (openssl rand -base64 32 makes one)")
	}
}

// faults are the problems found, each beginning with the name of its setting.
type faults []string

func (f *faults) add(name, problem string) { *f = append(*f, name+": "+problem) }

func (f *faults) addErr(name string, err error) {
	if err != nil {
		f.add(name, err.Error())
	}
}

func (f *faults) has(name string) bool {
	for _, line := range *f {
		if strings.HasPrefix(line, name) {
			return true
		}
	}
	return false
}

// addParse turns the parser's errors, which name Go fields, into faults that name settings.
func (f *faults) addParse(err error) {
	if err == nil {
		return
	}
	var all env.AggregateError
	if !errors.As(err, &all) {
		f.add("settings", err.Error())
		return
	}
	for _, one := range all.Errors {
		var parse env.ParseError
		if errors.As(one, &parse) {
			f.add(settingOf(parse.Name), parse.Err.Error())
			continue
		}
		f.add("settings", one.Error())
	}
}

func (f *faults) err() error {
	sort.Strings(*f)
	return errors.New(strings.Join(*f, "\n"))
}
