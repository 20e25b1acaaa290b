package config

import (
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Redis says how to reach it: redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], several hosts separated by commas.
type Redis struct {
	Addrs    []string // host:port; empty: no Redis, everything stays in the process
	DB       int      // database number; a cluster knows only 0
	Cluster  bool     // more than one address was given
	Username string
	Password string
}

// UnmarshalText reads the value of LIUKE_REDIS. The scheme, the user and the database may stand with one host or
// with each, as long as they agree.
func (r *Redis) UnmarshalText(text []byte) error {
	var out Redis
	var user, db string
	for part := range strings.SplitSeq(string(text), ",") {
		part = strings.TrimSpace(part)
		if !strings.Contains(part, "://") {
			part = "redis://" + part
		}
		u, err := url.Parse(part)
		if err != nil || u.Scheme != "redis" || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" {
			return errors.New("must be redis://host:6379/0, or several of them separated by commas")
		}
		port := u.Port()
		if port == "" {
			port = "6379"
		}
		if !isPort(port) {
			return errors.New("has a port that is not one")
		}
		out.Addrs = append(out.Addrs, net.JoinHostPort(u.Hostname(), port))
		if u.User != nil {
			out.Username = u.User.Username()
			out.Password, _ = u.User.Password()
			if !agree(&user, u.User.String()) {
				return errors.New("must have the same user and password for every host")
			}
		}
		if !agree(&db, strings.Trim(u.Path, "/")) {
			return errors.New("must have the same database for every host")
		}
	}
	if db != "" {
		n, err := strconv.ParseUint(db, 10, 16)
		if err != nil {
			return errors.New("must end in the number of a database, such as /0")
		}
		out.DB = int(n)
	}
	out.Cluster = len(out.Addrs) > 1
	if out.Cluster && out.DB != 0 {
		return errors.New("cannot choose a database in a cluster, which has only 0")
	}
	*r = out
	return nil
}

// agree takes the first value that is given and tells whether later ones are the same.
func agree(have *string, got string) bool {
	if *have == "" {
		*have = got
	}
	return got == "" || got == *have
}

// String shows the addresses without the password.
func (r Redis) String() string {
	if len(r.Addrs) == 0 {
		return "in process"
	}
	user := ""
	if r.Username != "" || r.Password != "" {
		user = r.Username + ":" + hidden + "@"
	}
	return "redis://" + user + strings.Join(r.Addrs, ",") + "/" + strconv.Itoa(r.DB)
}

// GoString is String, for %#v.
func (r Redis) GoString() string { return r.String() }
