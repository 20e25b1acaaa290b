package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"liuke/model"
	"liuke/service/access"
	"liuke/service/account"
	"liuke/service/audit"
	"liuke/service/fault"
	"liuke/service/staff"
)

type accountCommand struct {
	Add accountAddCommand `cmd:"" help:"Take a service account in, with its first owner. The owner's password is read from standard input."`
}

type accountAddCommand struct {
	AppID      string `name:"appid" required:"" help:"WeChat's id of the account."`
	Secret     string `required:"" help:"AppSecret."`
	Token      string `required:"" help:"Token of the callback, 3 to 32 letters and digits."`
	AESKey     string `name:"aes-key" help:"EncodingAESKey, 43 characters. Without it pushes are plain."`
	Name       string `required:"" help:"Name of the account."`
	OriginalID string `name:"original-id" help:"gh_… id of the account."`
	OwnerPhone string `required:"" help:"Phone of the first owner, by which he signs in."`
	OwnerName  string `required:"" help:"Name of the first owner."`
}

// added is what the command prints.
type added struct {
	AccountID   string `json:"account_id"`
	OwnerID     string `json:"owner_id"`
	CallbackURL string `json:"callback_url"`
}

// Run adds the account and its owner.
func (c accountAddCommand) Run(w *world) (err error) {
	cfg, log, err := w.settings()
	if err != nil {
		return err
	}
	password, err := firstLine(w.stdin)
	if err != nil {
		return err
	}
	db, ring, err := openReady(w.ctx, cfg, time.Now, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	records := audit.New(audit.Deps{DB: db})
	accounts := account.New(account.Deps{DB: db, Keys: ring, Audit: records})
	people := staff.New(staff.Deps{DB: db, Keys: ring, Audit: records, Hashing: hashing})
	out, err := c.add(w.ctx, accounts, people, password)
	if err != nil {
		return explain(err)
	}
	out.CallbackURL = cfg.PublicURL + "/wechat/" + c.AppID
	return json.NewEncoder(w.stdout).Encode(out)
}

func (c accountAddCommand) add(ctx context.Context, accounts *account.Service, people *staff.Service, password string) (added, error) {
	row, err := accounts.Add(ctx, access.System(""), account.Add{
		AppID: c.AppID, Secret: c.Secret, Token: c.Token, AESKey: c.AESKey, Name: c.Name, OriginalID: c.OriginalID,
	})
	id := row.ID
	if fault.Is(err, fault.Conflict) {
		id, err = ownerless(ctx, accounts, people, c.AppID)
	}
	if err != nil {
		return added{}, err
	}
	owner, err := people.Create(ctx, access.System(id), staff.Create{
		Name: c.OwnerName, Phone: c.OwnerPhone, Password: password, Role: model.RoleOwner,
	})
	if err != nil {
		return added{}, fmt.Errorf("the account is there, its owner is not (repeat the command): %w", err)
	}
	return added{AccountID: id, OwnerID: owner.ID}, nil
}

// ownerless finds the account of a command that failed at the owner, so that it can be repeated.
func ownerless(ctx context.Context, accounts *account.Service, people *staff.Service, appid string) (string, error) {
	known, err := accounts.ByAppID(ctx, appid)
	if err != nil {
		return "", err
	}
	owners, _, err := people.List(ctx, access.System(known.AccountID), staff.Filter{Role: model.RoleOwner}, staff.Page{Limit: 1})
	if err != nil {
		return "", err
	}
	if len(owners) > 0 {
		return "", fmt.Errorf("the account %s is there already", appid)
	}
	return known.AccountID, nil
}

// firstLine reads a secret that must not stand among the arguments.
func firstLine(r io.Reader) (string, error) {
	text, err := bufio.NewReader(io.LimitReader(r, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password from standard input: %w", err)
	}
	text = strings.TrimRight(text, "\r\n")
	if text == "" {
		return "", &usageError{"the owner's password is read from standard input, which is empty"}
	}
	return text, nil
}

// explain tells what is wrong with the input in the words of the command line.
func explain(err error) error {
	f := fault.Of(err)
	if f == nil || len(f.Fields) == 0 {
		return err
	}
	problems := make([]string, len(f.Fields))
	for i, field := range f.Fields {
		problems[i] = field.Name + " is " + strings.ReplaceAll(field.Reason, "_", " ")
	}
	return errors.New("wrong input: " + strings.Join(problems, ", "))
}
