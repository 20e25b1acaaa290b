package wechat

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

const apiUserInfo = "user/info"

// UserInfo is what WeChat still tells about a follower: no name and no picture since 2021-12-27.
// If Subscribed is false, nothing but the ids is set.
type UserInfo struct {
	Subscribed     bool
	OpenID         string
	UnionID        string
	SubscribedAt   time.Time // of the last follow, UTC
	Remark         string
	TagIDs         []int
	SubscribeScene string // ADD_SCENE_QR_CODE and the like
	QRScene        int
	QRSceneText    string
}

// UserInfo asks about one person. Errors: *Error.
func (a *API) UserInfo(ctx context.Context, openid string) (UserInfo, error) {
	if openid == "" {
		return UserInfo{}, badInput(apiUserInfo)
	}
	ctx, cancel := context.WithTimeout(ctx, a.client.timeout)
	defer cancel()
	var out struct {
		Subscribe int    `json:"subscribe"`
		OpenID    string `json:"openid"`
		UnionID   string `json:"unionid"`
		Time      int64  `json:"subscribe_time"`
		Remark    string `json:"remark"`
		Tags      []int  `json:"tagid_list"`
		Scene     string `json:"subscribe_scene"`
		QRScene   int    `json:"qr_scene"`
		QRText    string `json:"qr_scene_str"`
	}
	r := request{
		api: apiUserInfo, method: http.MethodGet, path: "/cgi-bin/user/info",
		query: url.Values{"openid": {openid}, "lang": {"zh_CN"}},
	}
	if err := a.call(ctx, r, takeJSON(ctx, r, &out)); err != nil {
		return UserInfo{}, err
	}
	info := UserInfo{
		Subscribed: out.Subscribe == 1, OpenID: out.OpenID, UnionID: out.UnionID, Remark: out.Remark, TagIDs: out.Tags,
		SubscribeScene: out.Scene, QRScene: out.QRScene, QRSceneText: out.QRText,
	}
	if out.Time > 0 && out.Time <= lastSecond {
		info.SubscribedAt = time.Unix(out.Time, 0).UTC()
	}
	return info, nil
}
