package account

import (
	"context"
	"fmt"

	"liuke/model"
	"liuke/model/database"
	"liuke/service/fault"
	"liuke/wechat"
)

// Callback is what is needed to open a push.
type Callback struct {
	AccountID string
	Secrets   wechat.Secrets
}

// ByAppID gives what opens the pushes of an appid. It is made for the hot path: from memory, at most two seconds old,
// and what is known stays usable while the database is away. An unknown appid is not found.
func (s *Service) ByAppID(ctx context.Context, appid string) (*Callback, error) {
	v, err := s.byAppID(ctx, appid)
	if err != nil {
		return nil, err
	}
	return &v.callback, nil
}

func (s *Service) byAppID(ctx context.Context, appid string) (*value, error) {
	if e := load(s.cache.byAppID, appid); e != nil {
		if v := e.current(ctx, s.db.Now, s.ask); v != nil {
			return v, nil
		}
	}
	now := s.db.Now().UnixMilli()
	if !validAppID(appid) || s.cache.unknown.has(appid, now) {
		return nil, fault.New(fault.NotFound, "not_found")
	}
	row, err := findByAppID(s.db.Read(ctx), appid)
	if database.IsNotFound(err) {
		s.cache.unknown.add(appid, now)
		return nil, fault.New(fault.NotFound, "not_found")
	}
	if err != nil {
		return nil, err
	}
	return s.keep(row, now)
}

// Credentials gives what WeChat's API asks for; cached like ByAppID.
func (s *Service) Credentials(ctx context.Context, accountID string) (wechat.Credentials, error) {
	v, err := s.byID(ctx, accountID)
	if err != nil {
		return wechat.Credentials{}, err
	}
	return v.credentials, nil
}

// Settings gives an account's settings without its sealed columns; cached like ByAppID. It is for the program's own
// work; people ask Get.
func (s *Service) Settings(ctx context.Context, accountID string) (model.Account, error) {
	v, err := s.byID(ctx, accountID)
	if err != nil {
		return model.Account{}, err
	}
	return v.row, nil
}

func (s *Service) byID(ctx context.Context, accountID string) (*value, error) {
	if e := load(s.cache.byID, accountID); e != nil {
		if v := e.current(ctx, s.db.Now, s.ask); v != nil {
			return v, nil
		}
	}
	now := s.db.Now().UnixMilli()
	row, err := findAccount(s.db.Read(ctx), accountID)
	if database.IsNotFound(err) {
		return nil, fault.New(fault.NotFound, "not_found")
	}
	if err != nil {
		return nil, err
	}
	return s.keep(row, now)
}

func (s *Service) keep(row model.Account, at int64) (*value, error) {
	v, err := s.open(row)
	if err != nil {
		return nil, err
	}
	s.cache.put(v, at)
	return v, nil
}

// ask compares versions and reads the account again only if it changed.
func (s *Service) ask(ctx context.Context, v *value) (*value, error) {
	version, err := findVersion(s.db.Read(ctx), v.row.ID)
	if err == nil && version == v.row.Version {
		return v, nil
	}
	var row model.Account
	if err == nil {
		row, err = findAccount(s.db.Read(ctx), v.row.ID)
	}
	if database.IsNotFound(err) {
		s.cache.drop(v)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.open(row)
}

// open unseals an account for the cache.
func (s *Service) open(row model.Account) (*value, error) {
	var plain [4]string
	for i, sealed := range [][]byte{row.SecretSealed, row.TokenSealed, row.AESKeySealed, row.AESKeyPreviousSealed} {
		text, err := s.keys.OpenString(sealed)
		if err != nil {
			return nil, fmt.Errorf("open the secrets of account %s: %w", row.ID, err)
		}
		plain[i] = text
	}
	v := &value{
		callback:    Callback{AccountID: row.ID, Secrets: wechat.Secrets{AppID: row.AppID, Token: plain[1]}},
		credentials: wechat.Credentials{AppID: row.AppID, Secret: plain[0]},
	}
	for _, key := range plain[2:] {
		if key != "" {
			v.callback.Secrets.AESKeys = append(v.callback.Secrets.AESKeys, key)
		}
	}
	row.SecretSealed, row.TokenSealed, row.AESKeySealed, row.AESKeyPreviousSealed = nil, nil, nil, nil
	v.row = row
	return v, nil
}
