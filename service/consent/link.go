package consent

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"liuke/model"
	"liuke/service/fault"
)

// How long a link to a member's page opens: one that a message carries, and one that WeChat's sign-in leads to.
const (
	letterLife = 90 * 24 * time.Hour
	enterLife  = 30 * time.Minute
)

// PagePath is where the pages of an account lie; the appid and /consent follow.
const PagePath = "/m/"

// The kinds of links. Whoever reads a letter over somebody's shoulder, or in his chat, may have it: with it one can switch
// off, and no more. Only who came by WeChat's sign-in can allow something in his own name.
const (
	byLetter byte = 'l'
	bySignIn byte = 's'
)

// Link is the address of one member's page, for a text that he gets. It says nothing about him but the id of his file.
func (s *Service) Link(appID, accountID, memberID string, now time.Time) string {
	return s.Address(appID) + "/" + s.sign(byLetter, accountID, memberID, now.Add(letterLife))
}

// Address is where an account's members find their pages by WeChat's sign-in: for its menu.
func (s *Service) Address(appID string) string {
	return strings.TrimSuffix(s.publicURL, "/") + PagePath + appID + "/consent"
}

const (
	idBytes  = 16
	endBytes = 4
	macBytes = 16
)

// sign packs the kind, the member, the end and a keyed hash over them and the account. Ids are UUIDs, made by the program.
func (s *Service) sign(kind byte, accountID, memberID string, until time.Time) string {
	token := append(make([]byte, 0, 1+idBytes+endBytes+macBytes), kind)
	id, err := hex.DecodeString(strings.ReplaceAll(memberID, "-", ""))
	if err != nil || len(id) != idBytes {
		return "" // opens nothing
	}
	token = append(token, id...)
	token = binary.BigEndian.AppendUint32(token, uint32(until.Unix())) //nolint:gosec // until 2106
	return base64.RawURLEncoding.EncodeToString(append(token, s.mac(kind, accountID, memberID, until.Unix())...))
}

func (s *Service) mac(kind byte, accountID, memberID string, until int64) []byte {
	sum, err := hex.DecodeString(s.keys.Hash("consent_link", string(kind)+" "+accountID+" "+memberID+" "+strconv.FormatInt(until, 10)))
	if err != nil {
		panic("consent: a hash that is no hex") // keys.Hash gives nothing else
	}
	return sum[:macBytes]
}

// read opens a link: whose it is. NotFound link_unknown: not one of ours, or of another account; link_expired: too old.
func (s *Service) read(accountID, token string, now time.Time) (kind byte, memberID string, err error) {
	unknown := fault.New(fault.NotFound, "link_unknown")
	b, bad := base64.RawURLEncoding.Strict().DecodeString(token)
	if bad != nil || len(b) != 1+idBytes+endBytes+macBytes {
		return 0, "", unknown
	}
	kind, b = b[0], b[1:]
	h := hex.EncodeToString(b[:idBytes])
	memberID = h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
	until := int64(binary.BigEndian.Uint32(b[idBytes:]))
	switch {
	case !hmac.Equal(b[idBytes+endBytes:], s.mac(kind, accountID, memberID, until)):
		return 0, "", unknown
	case now.Unix() >= until:
		return 0, "", fault.New(fault.NotFound, "link_expired")
	}
	return kind, memberID, nil
}

// Enter is where WeChat is asked who opens the page.
func (s *Service) Enter(ctx context.Context, appID, state string) (string, error) {
	account, err := s.accounts.ByAppID(ctx, appID)
	if err != nil {
		return "", err
	}
	credentials, err := s.accounts.Credentials(ctx, account.AccountID)
	if err != nil {
		return "", err
	}
	return s.wechat.Account(credentials).AuthorizeURL(s.Address(appID), state), nil
}

// Entered takes the code that WeChat sent somebody back with, and gives the address of his page. NotFound no_member: the
// shop does not know him; code_unknown: WeChat does not know the code, or shows only a snapshot.
func (s *Service) Entered(ctx context.Context, appID, code string) (string, error) {
	account, err := s.accounts.ByAppID(ctx, appID)
	if err != nil {
		return "", err
	}
	credentials, err := s.accounts.Credentials(ctx, account.AccountID)
	if err != nil {
		return "", err
	}
	openID, err := s.wechat.Account(credentials).WebOpenID(ctx, code)
	if err != nil || model.ASCIIKey(openID, 64) == "" {
		return "", fault.New(fault.NotFound, "code_unknown").Because(err)
	}
	var rows []model.Follower
	err = s.db.Read(ctx).Where("account_id = ? AND openid = ? AND kind = ? AND member_id <> ''", account.AccountID, openID, model.FollowerMember).Find(&rows).Error
	if err != nil {
		return "", fmt.Errorf("find who opens a page: %w", err)
	}
	if len(rows) == 0 {
		return "", fault.New(fault.NotFound, "no_member")
	}
	return s.Address(appID) + "/" + s.sign(bySignIn, account.AccountID, rows[0].MemberID, s.db.Now().Add(enterLife)), nil
}
