package account

import (
	"context"
	"net/http"

	"liuke/api/rest"
	"liuke/model"
	"liuke/service/access"
	"liuke/service/account"
)

func (r *Room) mountCheck(a *rest.API) {
	rest.Register(a, rest.Operation{
		Method: http.MethodPost, Path: "/api/account/check", Tag: tag, ID: "checkAccount", Roles: []string{model.RoleOwner},
		Status: http.StatusOK, Summary: "Find out what is wrong between the account and WeChat", Errors: []int{http.StatusNotFound},
	}, r.check)
}

// Check is one finding about the connection to WeChat.
type Check struct {
	Check  string          `json:"check" enum:"state,secret,api,address,callback,aes_key,token,pushes,quota,journal"`
	OK     bool            `json:"ok"`
	Reason string          `json:"reason" doc:"stable word; empty when all is well"`
	Detail string          `json:"detail" doc:"the address that WeChat does not allow, an errcode, a count of the last hour, the APIs that are stopped, how many pushes wait in this instance's journal"`
	At     rest.TimeOrNull `json:"at" doc:"of the last push; until when APIs are stopped"`
}

// Checks are the findings.
type Checks struct {
	Items []Check `json:"items" nullable:"false"`
}

func (r *Room) check(ctx context.Context, actor access.Actor, _ *struct{}) (Checks, error) {
	found, err := r.checker.Check(ctx, actor)
	out := Checks{Items: make([]Check, len(found))}
	for i, c := range found {
		out.Items[i] = viewCheck(c)
	}
	return out, err
}

func viewCheck(c account.Check) Check {
	return Check{Check: c.Name, OK: c.OK, Reason: c.Reason, Detail: c.Detail, At: rest.TimeOrNull(c.At)}
}
