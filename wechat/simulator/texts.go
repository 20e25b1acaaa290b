package simulator

import "strings"

// What the phones say, besides the pages.
const (
	textFollowed   = "关注了公众号"
	textUnfollowed = "取消了关注"
	textScanned    = "扫描了二维码"
	textTapped     = "点击了菜单："
	textConsent    = "回答订阅弹窗："
	textWithdrawn  = "在设置里关掉了订阅通知："
	textNobody     = "无名氏"
)

// answersText says what a person did about subscription notices.
func answersText(acc *account, event string, answers []Consent) string {
	said := make([]string, 0, len(answers))
	for _, a := range answers {
		title := a.TemplateID
		if t := acc.template(a.TemplateID, true); t != nil {
			title = t.Title
		}
		switch {
		case event == "subscribe_msg_change_event":
			said = append(said, title)
		case a.Accept:
			said = append(said, "允许“"+title+"”")
		default:
			said = append(said, "不要“"+title+"”")
		}
	}
	if event == "subscribe_msg_change_event" {
		return textWithdrawn + strings.Join(said, "、")
	}
	return textConsent + strings.Join(said, "，")
}

func viaText(v Via) string {
	switch v {
	case ViaCustom:
		return "客服消息"
	case ViaPassive:
		return "被动回复"
	case ViaTemplate:
		return "模板消息"
	case ViaSubscribe:
		return "订阅通知"
	case ViaMass:
		return "群发"
	case ViaPreview:
		return "群发预览"
	case ViaNotice:
		return "系统提示"
	}
	return string(v)
}
