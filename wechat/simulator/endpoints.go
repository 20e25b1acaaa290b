package simulator

import "net/http"

// endpoint is one path of the API.
type endpoint struct {
	method string // empty = any
	open   bool   // needs no access_token
	do     func(c *call) (any, *fail)
}

func (s *Simulator) endpoints() map[string]endpoint {
	get := func(do func(c *call) (any, *fail)) endpoint { return endpoint{method: http.MethodGet, do: do} }
	post := func(do func(c *call) (any, *fail)) endpoint { return endpoint{method: http.MethodPost, do: do} }
	return map[string]endpoint{
		"/cgi-bin/token":             {open: true, do: getToken},
		"/cgi-bin/stable_token":      {method: http.MethodPost, open: true, do: getStableToken},
		"/cgi-bin/ticket/getticket":  get(getTicket),
		"/cgi-bin/getcallbackip":     get(getIPs),
		"/cgi-bin/get_api_domain_ip": get(getIPs),
		"/cgi-bin/clear_quota":       post(clearQuota),
		"/cgi-bin/clear_quota/v2":    {method: http.MethodPost, open: true, do: clearQuotaBySecret},
		"/cgi-bin/openapi/quota/get": post(getQuota),

		"/cgi-bin/message/custom/send":   post(customSend),
		"/cgi-bin/message/custom/typing": post(customTyping),
		"/cgi-bin/qrcode/create":         post(createCode),

		"/cgi-bin/user/info":                         get(userInfo),
		"/cgi-bin/user/info/batchget":                post(userBatch),
		"/cgi-bin/user/info/updateremark":            post(updateRemark),
		"/cgi-bin/user/get":                          get(userList),
		"/cgi-bin/user/tag/get":                      post(tagMembers),
		"/cgi-bin/tags/create":                       post(createTag),
		"/cgi-bin/tags/get":                          get(listTags),
		"/cgi-bin/tags/update":                       post(updateTag),
		"/cgi-bin/tags/delete":                       post(deleteTag),
		"/cgi-bin/tags/getidlist":                    post(tagsOf),
		"/cgi-bin/tags/members/batchtagging":         post(batchTag),
		"/cgi-bin/tags/members/batchuntagging":       post(batchUntag),
		"/cgi-bin/tags/members/getblacklist":         post(getBlacklist),
		"/cgi-bin/tags/members/batchblacklist":       post(batchBlacklist),
		"/cgi-bin/tags/members/batchunblacklist":     post(batchUnblacklist),
		"/cgi-bin/template/get_all_private_template": get(listTemplates),
		"/cgi-bin/template/api_add_template":         post(addTemplate),
		"/cgi-bin/template/del_private_template":     post(deleteTemplate),
		"/cgi-bin/message/template/send":             post(templateSend),
		"/cgi-bin/message/subscribe/bizsend":         post(subscribeSend),
		"/wxaapi/newtmpl/gettemplate":                get(listSubscribeTemplates),

		"/cgi-bin/message/mass/send":      post(massSendTo),
		"/cgi-bin/message/mass/sendall":   post(massSendAll),
		"/cgi-bin/message/mass/preview":   post(massPreview),
		"/cgi-bin/message/mass/get":       post(massGet),
		"/cgi-bin/message/mass/delete":    post(massDelete),
		"/cgi-bin/message/mass/speed/get": post(massSpeedGet),
		"/cgi-bin/message/mass/speed/set": post(massSpeedSet),

		"/cgi-bin/media/upload":               post(mediaUpload),
		"/cgi-bin/media/get":                  get(mediaGet),
		"/cgi-bin/media/uploadimg":            post(articleImage),
		"/cgi-bin/material/add_material":      post(addMaterial),
		"/cgi-bin/material/del_material":      post(deleteMaterial),
		"/cgi-bin/material/get_materialcount": get(countMaterial),

		"/cgi-bin/draft/add": post(addDraft),

		"/cgi-bin/menu/create": post(createMenu),
		"/cgi-bin/menu/get":    get(getMenu),
		"/cgi-bin/menu/delete": get(deleteMenu),

		"/sns/oauth2/access_token":  {open: true, do: webAccess},
		"/sns/oauth2/refresh_token": {open: true, do: webRefresh},
		"/sns/userinfo":             {open: true, do: webUserInfo},
		"/sns/auth":                 {open: true, do: webCheck},
	}
}
