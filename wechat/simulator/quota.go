package simulator

import (
	"slices"
	"strings"
	"time"
)

// quota counts the calls of one path by one account.
type quota struct {
	perDay, perMinute int
	day               dayCount
	minute            int64
	usedMinute        int
}

// usualQuota is the limit of a new account (WeChat: "API call limits"); the operator's console knows better.
func usualQuota(path string) (perDay, perMinute int) {
	switch path {
	case "/cgi-bin/token":
		return 2_000, 0
	case "/cgi-bin/stable_token":
		return 500_000, 10_000
	case "/cgi-bin/menu/create":
		return 1_000, 0
	case "/cgi-bin/menu/get":
		return 10_000, 0
	case "/cgi-bin/media/upload", "/cgi-bin/qrcode/create", "/cgi-bin/message/template/send":
		return 100_000, 0
	case "/cgi-bin/media/get":
		return 200_000, 0
	case "/cgi-bin/message/custom/send", "/cgi-bin/user/info":
		return 500_000, 0
	case "/cgi-bin/message/mass/send", "/cgi-bin/message/mass/sendall":
		return 100, 60
	case "/cgi-bin/user/get":
		return 500, 0
	case "/cgi-bin/user/info/updateremark":
		return 10_000, 0
	case "/sns/oauth2/access_token":
		return 0, 50_000
	}
	return 0, 0
}

func (acc *account) quota(path string) *quota {
	q, ok := acc.quotas[path]
	if !ok {
		q = &quota{}
		q.perDay, q.perMinute = usualQuota(path)
		acc.quotas[path] = q
	}
	return q
}

func (q *quota) minuteUsed(now time.Time) int {
	if q.minute != now.Unix()/60 {
		return 0
	}
	return q.usedMinute
}

func (q *quota) take(now time.Time) *fail {
	if q.perDay > 0 && q.day.at(now) >= q.perDay {
		return failed(45009)
	}
	if q.perMinute > 0 && q.minuteUsed(now) >= q.perMinute {
		return failed(45011)
	}
	q.day.add(now)
	q.usedMinute, q.minute = q.minuteUsed(now)+1, now.Unix()/60
	return nil
}

// SetQuota changes what the account may call that path a Beijing day and a minute; 0 = without limit.
func (s *Simulator) SetQuota(appid, path string, perDay, perMinute int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	acc, err := s.account(appid)
	if err != nil {
		return err
	}
	q := acc.quota(path)
	q.perDay, q.perMinute = perDay, perMinute
	return nil
}

// Quotas returns limits and use of every path that the account has called or that was given a limit, by path.
func (s *Simulator) Quotas(appid string) []Quota {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Quota{}
	acc, ok := s.accounts[appid]
	if !ok {
		return all
	}
	now := s.now()
	for path, q := range acc.quotas {
		all = append(all, Quota{AppID: appid, Path: path, PerDay: q.perDay, PerMinute: q.perMinute, UsedDay: q.day.at(now), UsedMinute: q.minuteUsed(now)})
	}
	slices.SortFunc(all, func(a, b Quota) int { return strings.Compare(a.Path, b.Path) })
	return all
}
