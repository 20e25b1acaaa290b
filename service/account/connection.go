package account

import (
	"context"
	"crypto/sha1" //nolint:gosec // WeChat prescribes SHA-1 for its signatures.
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/access"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/wechat"
)

// Names of what is checked.
const (
	CheckState    = "state"    // does the account send at all
	CheckSecret   = "secret"   // does WeChat take AppID, AppSecret and our address
	CheckAPI      = "api"      // does a call with the token work
	CheckAddress  = "address"  // can WeChat call this kind of address: port 80 or 443
	CheckCallback = "callback" // does our own public address lead here
	CheckAESKey   = "aes_key"  // are pushes encrypted, with our key
	CheckToken    = "token"    // are pushes signed with our token
	CheckPushes   = "pushes"   // did a push ever come
	CheckQuota    = "quota"    // does WeChat still take today's calls
	CheckJournal  = "journal"  // do pushes wait in this instance's journal, and could it take some
)

// Check is one finding. Reason is "" when all is well, else a stable word.
type Check struct {
	Name   string
	OK     bool
	Reason string
	Detail string // an address, a count, the names of APIs: nothing secret
	At     int64  // of the last push, or until when an API is stopped, Unix milliseconds; 0 = none
}

// CheckerDeps is what a Checker needs.
type CheckerDeps struct {
	DB       *database.DB
	Accounts *Service
	Audit    *audit.Service
	WeChat   *wechat.Client
	// PublicURL is the only address that is called beside WeChat's.
	PublicURL string
	// Journal tells how many pushes wait in this instance's journal and whether it could take none; nil: there is no journal.
	Journal func() (pushes int64, refuses bool)
}

// Checker finds out what is wrong between an account and WeChat.
type Checker struct{ deps CheckerDeps }

// NewChecker makes a Checker.
func NewChecker(d CheckerDeps) *Checker { return &Checker{d} }

// callbackTimeout is what WeChat gives a callback.
const callbackTimeout = 5 * time.Second

// Check looks at everything. For the owner, and for the program itself. What is wrong is a finding, never an error.
func (c *Checker) Check(ctx context.Context, actor access.Actor) ([]Check, error) {
	if !actor.Is(model.RoleOwner) && actor.Kind != model.BySystem {
		return nil, fault.New(fault.Forbidden, "owner_only")
	}
	row, err := c.deps.Accounts.Get(ctx, actor)
	if err != nil {
		return nil, err
	}
	v, err := c.deps.Accounts.byID(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	all := []Check{{Name: CheckState, OK: row.State == model.AccountActive, Reason: row.StateReason}}
	all = append(all, c.wechat(ctx, v)...)
	all = append(all, addressCheck(c.deps.PublicURL), c.callback(ctx, v))
	all = append(all, c.refusals(row.ID, v)...)
	pushes, err := c.pushes(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	quota, err := c.quota(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	all = append(all, pushes, quota)
	if c.deps.Journal != nil {
		all = append(all, journalCheck(c.deps.Journal()))
	}
	return all, c.deps.Audit.Record(ctx, actor, audit.Entry{Action: "account.check", Object: "account", ObjectID: row.ID})
}

// wechat asks for a token and makes the cheapest call with it.
func (c *Checker) wechat(ctx context.Context, v *value) []Check {
	api := c.deps.WeChat.Account(v.credentials)
	secret := Check{Name: CheckSecret, OK: true}
	if err := api.CheckSecret(ctx); err != nil {
		secret.OK = false
		secret.Reason, secret.Detail = wechatReason(err)
		return []Check{secret, {Name: CheckAPI, Reason: "no_token"}}
	}
	call := Check{Name: CheckAPI, OK: true}
	if _, err := api.CallbackIPs(ctx); err != nil {
		call.OK = false
		call.Reason, call.Detail = wechatReason(err)
	}
	return []Check{secret, call}
}

func wechatReason(err error) (reason, detail string) {
	var e *wechat.Error
	if !errors.As(err, &e) {
		return "internal", ""
	}
	if e.IP != "" {
		return e.Reason, e.IP
	}
	if e.Code != 0 {
		return e.Reason, strconv.Itoa(e.Code)
	}
	return "wechat_" + e.Reason, ""
}

// addressCheck knows that WeChat calls http on port 80 and https on 443 only. A loopback address is the demo's.
func addressCheck(address string) Check {
	check := Check{Name: CheckAddress}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "":
		check.Reason = "invalid"
	case loopback(u.Hostname()):
		check.OK = true
	case u.Scheme == "http" && u.Port() != "" && u.Port() != "80", u.Scheme == "https" && u.Port() != "" && u.Port() != "443":
		check.Reason, check.Detail = "port_not_allowed", u.Port()
	default:
		check.OK = true
	}
	return check
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// callback calls the account's own callback as WeChat does when the address is entered there.
func (c *Checker) callback(ctx context.Context, v *value) Check {
	check := Check{Name: CheckCallback}
	nonce := strings.ReplaceAll(model.NewID(), "-", "")
	stamp := strconv.FormatInt(c.deps.DB.Now().Unix(), 10)
	query := url.Values{
		"signature": {signature(v.callback.Secrets.Token, stamp, nonce)}, "timestamp": {stamp}, "nonce": {nonce}, "echostr": {nonce},
	}
	ctx, cancel := context.WithTimeout(ctx, callbackTimeout)
	defer cancel()
	address := strings.TrimSuffix(c.deps.PublicURL, "/") + "/wechat/" + url.PathEscape(v.row.AppID) + "?" + query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		check.Reason = "invalid"
		return check
	}
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		check.Reason = "unreachable"
		return check
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1024))
	switch {
	case err != nil:
		check.Reason = "unreachable"
	case resp.StatusCode == http.StatusForbidden:
		check.Reason = "token"
	case resp.StatusCode != http.StatusOK || string(body) != nonce:
		check.Reason, check.Detail = "wrong_answer", strconv.Itoa(resp.StatusCode)
	default:
		check.OK = true
	}
	return check
}

func signature(parts ...string) string {
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) //nolint:gosec // See the import.
	return hex.EncodeToString(sum[:])
}

// refusals tells from what came in the last hour whether token and AES key are those that WeChat has.
func (c *Checker) refusals(accountID string, v *value) []Check {
	count := func(reason string) int64 {
		return c.deps.Accounts.refusals.count(refusalKey{accountID, reason}, c.deps.DB.Now())
	}
	key := Check{Name: CheckAESKey, OK: true}
	for _, reason := range []string{wechat.RefusedAESKey, wechat.RefusedNoAESKey, wechat.RefusedPlain} {
		if n := count(reason); n > 0 {
			key = Check{Name: CheckAESKey, Reason: reason, Detail: strconv.FormatInt(n, 10)}
			break
		}
	}
	if key.OK && len(v.callback.Secrets.AESKeys) == 0 {
		key.OK, key.Reason = false, "plain_mode"
	}
	token := Check{Name: CheckToken, OK: true}
	for _, reason := range []string{wechat.RefusedToken, wechat.RefusedTimestamp} {
		if n := count(reason); n > 0 {
			token = Check{Name: CheckToken, Reason: reason, Detail: strconv.FormatInt(n, 10)}
			break
		}
	}
	return []Check{key, token}
}

// quota tells which APIs WeChat answers no more today.
func (c *Checker) quota(ctx context.Context, accountID string) (Check, error) {
	check := Check{Name: CheckQuota, OK: true}
	var rows []model.APIStop
	now := c.deps.DB.Now().UnixMilli()
	if err := c.deps.DB.Read(ctx).Where("account_id = ? AND stopped_until > ?", accountID, now).Order("api").Find(&rows).Error; err != nil {
		return check, fmt.Errorf("find stopped apis: %w", err)
	}
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = r.API
		check.OK, check.Reason, check.At = false, r.Reason, max(check.At, r.Until)
	}
	check.Detail = strings.Join(names, ", ")
	return check, nil
}

// journalCheck tells of this instance alone; the others' journals are not seen from here.
func journalCheck(pushes int64, refuses bool) Check {
	switch {
	case refuses:
		return Check{Name: CheckJournal, Reason: "journal_unavailable"}
	case pushes > 0:
		return Check{Name: CheckJournal, Reason: "journal_holding", Detail: strconv.FormatInt(pushes, 10)}
	}
	return Check{Name: CheckJournal, OK: true}
}

func (c *Checker) pushes(ctx context.Context, accountID string) (Check, error) {
	check := Check{Name: CheckPushes, Reason: "none_yet"}
	var at []int64
	err := c.deps.DB.Read(ctx).Model(&model.Push{}).Where("account_id = ?", accountID).
		Order("received_at DESC").Limit(1).Pluck("received_at", &at).Error
	if err != nil {
		return check, fmt.Errorf("find the last push: %w", err)
	}
	if len(at) == 1 {
		check = Check{Name: CheckPushes, OK: true, At: at[0]}
	}
	return check, nil
}
