package simulator

// What the phones say, besides the pages.
const (
	textFollowed   = "关注了公众号"
	textUnfollowed = "取消了关注"
	textScanned    = "扫描了二维码"
	textTapped     = "点击了菜单："
	textConsent    = "订阅通知："
	textNobody     = "无名氏"
)

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
