package wechat

import "strings"

const scenePrefix = "qrscene_"

// eventBody makes the typed form of an event; name is in lower case, id is its MsgID.
func eventBody(name, key, id string, t *tree) Body {
	switch name {
	case "subscribe":
		// Some WeChat clients put other things into EventKey: only the prefix makes a scene.
		scene, ok := strings.CutPrefix(key, scenePrefix)
		if !ok {
			scene = ""
		}
		return Subscribe{EventKey: key, Scene: scene, Ticket: t.get(top, "Ticket")}
	case "unsubscribe":
		return Unsubscribe{}
	case "scan":
		return Scan{Scene: key, Ticket: t.get(top, "Ticket")}
	case "location":
		return LocationReport{
			Lat:       degrees(t.get(top, "Latitude")),
			Lng:       degrees(t.get(top, "Longitude")),
			Precision: degrees(t.get(top, "Precision")),
		}
	case "templatesendjobfinish":
		return TemplateSendFinished{MsgID: id, Status: t.get(top, "Status")}
	case "masssendjobfinish":
		return massSendFinished(id, t)
	case "kf_create_session":
		return KfSession{Act: KfCreate, Account: t.get(top, "KfAccount")}
	case "kf_close_session":
		return KfSession{Act: KfClose, Account: t.get(top, "KfAccount")}
	case "kf_switch_session":
		return KfSession{Act: KfSwitch, Account: t.get(top, "FromKfAccount"), To: t.get(top, "ToKfAccount")}
	case "user_info_modified":
		return authorizationChange(AuthorizationModified, t)
	case "user_authorization_revoke":
		return authorizationChange(AuthorizationRevoked, t)
	case "user_authorization_cancellation":
		return authorizationChange(AuthorizationEnded, t)
	}
	if body := menuBody(name, key, t); body != nil {
		return body
	}
	if body := subscriptionBody(name, t); body != nil {
		return body
	}
	return unknownBody(t)
}

func menuBody(name, key string, t *tree) Body {
	switch name {
	case "click":
		return Click{Key: key}
	case "view":
		return View{URL: key, MenuID: menuID(t)}
	case "view_miniprogram":
		return ViewMiniProgram{PagePath: key, MenuID: menuID(t)}
	case "scancode_push", "scancode_waitmsg":
		return MenuScan{
			Key: key, Wait: name == "scancode_waitmsg",
			ScanType: t.anywhere("ScanType"), Result: t.anywhere("ScanResult"),
		}
	case "pic_sysphoto", "pic_photo_or_album", "pic_weixin":
		body := MenuPictures{Key: key, Count: number(t.anywhere("Count"))}
		for _, l := range t.leaves {
			if l.name == "PicMd5Sum" {
				body.MD5s = append(body.MD5s, l.value)
			}
		}
		return body
	case "location_select":
		return MenuLocation{
			Key:   key,
			Lat:   degrees(t.anywhere("Location_X")),
			Lng:   degrees(t.anywhere("Location_Y")),
			Scale: number(t.anywhere("Scale")),
			Label: t.anywhere("Label"),
			POI:   t.anywhere("Poiname"),
		}
	default:
		return nil
	}
}

// menuID takes both spellings that WeChat has used.
func menuID(t *tree) string {
	if id := t.get(top, "MenuId"); id != "" {
		return id
	}
	return t.get(top, "MenuID")
}

// subscriptionBody looks for List nodes wherever they are: WeChat's own sample of the change event has them in the
// popup event's container.
func subscriptionBody(name string, t *tree) Body {
	switch name {
	case "subscribe_msg_popup_event":
		return SubscribePopup{Lists: choices(t)}
	case "subscribe_msg_change_event":
		return SubscribeChange{Lists: choices(t)}
	case "subscribe_msg_sent_event":
		lists := t.named("List")
		results := make([]SubscribeResult, 0, len(lists))
		for _, list := range lists {
			results = append(results, SubscribeResult{
				TemplateID: t.get(list, "TemplateId"),
				MsgID:      t.get(list, "MsgID"),
				Code:       number(t.get(list, "ErrorCode")),
				Status:     t.get(list, "ErrorStatus"),
			})
		}
		return SubscribeSent{Lists: results}
	default:
		return nil
	}
}

func choices(t *tree) []SubscribeChoice {
	lists := t.named("List")
	answers := make([]SubscribeChoice, 0, len(lists))
	for _, list := range lists {
		answers = append(answers, SubscribeChoice{
			TemplateID: t.get(list, "TemplateId"),
			Accepted:   t.get(list, "SubscribeStatusString") == "accept",
			Scene:      number(t.get(list, "PopupScene")),
		})
	}
	return answers
}

func authorizationChange(kind AuthorizationKind, t *tree) Body {
	return AuthorizationChange{
		Kind:       kind,
		OpenID:     t.get(top, "OpenID"),
		UnionID:    t.get(top, "UnionID"),
		AppID:      t.get(top, "AppID"),
		RevokeInfo: t.get(top, "RevokeInfo"),
	}
}

// platformEvent tells the events about the account itself, whose FromUserName is no customer.
func platformEvent(name string) bool {
	switch name {
	case "publishjobfinish", "wxa_media_check", "annual_renew", "verify_expired", "card_pass_check", "card_not_pass_check":
		return true
	default:
		return strings.HasPrefix(name, "qualification_verify_") || strings.HasPrefix(name, "naming_verify_")
	}
}
