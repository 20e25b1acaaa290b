package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"liuke/service/access"
	"liuke/service/account"
	"liuke/service/audit"
	"liuke/wechat"
)

// clockOfWeChat is how far our clock may be from WeChat's: a push that seems ten minutes old is refused.
const clockOfWeChat = time.Minute

// wechat tries every account as its owner can in the console.
func (d *doctor) wechat() {
	d.wechatClock()
	if d.keys == nil {
		return // told before
	}
	records := audit.New(audit.Deps{DB: d.db})
	accounts := account.New(account.Deps{DB: d.db, Keys: d.keys, Audit: records})
	client, err := wechat.NewClient(wechat.Options{BaseURL: d.cfg.WeChatAPIURL, Now: time.Now, Log: quiet()})
	if err != nil {
		d.ill("wechat", err.Error(), "correct LIUKE_WECHAT_API_URL")
		return
	}
	all, err := accounts.List(d.ctx)
	if err != nil {
		d.ill("wechat", "the accounts cannot be read", "look at the database")
		return
	}
	if len(all) == 0 {
		d.note("wechat", "no account yet: liuke account add")
	}
	checker := account.NewChecker(account.CheckerDeps{DB: d.db, Accounts: accounts, Audit: records, WeChat: client, PublicURL: d.cfg.PublicURL})
	for _, a := range all {
		d.account(checker, a.ID, a.AppID)
	}
}

// account tells the findings about one account.
func (d *doctor) account(checker *account.Checker, id, appid string) {
	ctx, cancel := d.bounded()
	defer cancel()
	findings, err := checker.Check(ctx, access.System(id))
	if err != nil {
		d.ill("wechat", appid+" could not be examined", "look at the database")
		return
	}
	wrong := false
	for _, f := range findings {
		if f.OK {
			continue
		}
		words := strings.TrimSpace(appid + " " + f.Name + " " + f.Reason + " " + f.Detail)
		if f.Name == account.CheckPushes {
			d.note("wechat", words)
			continue
		}
		wrong = true
		d.ill("wechat", words, mendOf(f.Name))
	}
	if !wrong {
		d.well("wechat", appid+" takes our calls and reaches us")
	}
}

// mendOf says what helps against a finding.
func mendOf(check string) string {
	switch check {
	case account.CheckState:
		return "mend what is found beside it, then let it send again in the console (账号)"
	case account.CheckSecret, account.CheckAPI:
		return "enter the AppSecret of WeChat's platform in the console (账号), and this server's address in WeChat's IP list"
	case account.CheckAddress:
		return "WeChat calls port 80 or 443 only: change LIUKE_PUBLIC_URL"
	case account.CheckCallback:
		return "the program must run and be reached at LIUKE_PUBLIC_URL from outside"
	case account.CheckAESKey, account.CheckToken:
		return "enter token and EncodingAESKey as they stand at WeChat in the console (账号), safe mode"
	case account.CheckQuota:
		return "WeChat counts anew at midnight, Beijing time; what waits leaves then"
	}
	return "the account's page in the console (账号) tells more"
}

// wechatClock compares this machine's clock with WeChat's.
func (d *doctor) wechatClock() {
	ctx, cancel := d.bounded()
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, d.cfg.WeChatAPIURL, http.NoBody)
	if err != nil {
		d.ill("wechat", "the address cannot be called", "correct LIUKE_WECHAT_API_URL")
		return
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		d.ill("wechat", d.cfg.WeChatAPIURL+" cannot be reached", "look at DNS, proxy and firewall: the program calls it over HTTPS")
		return
	}
	_ = resp.Body.Close()
	theirs, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return // it does not say
	}
	if apart := time.Since(theirs); apart.Abs() > clockOfWeChat {
		d.ill("clock", fmt.Sprintf("this machine's clock is %s apart from WeChat's", apart.Round(time.Second)), "let it be set by NTP: WeChat's pushes would be refused")
		return
	}
	d.well("clock", "as WeChat's")
}
