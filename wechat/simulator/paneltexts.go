package simulator

import "strconv"

// apiText is what an API path does, for people; the path itself when it is a rare one.
func apiText(path string) string {
	switch path {
	case "":
		return "所有接口"
	case "/cgi-bin/token", "/cgi-bin/stable_token":
		return "取接口令牌"
	case "/cgi-bin/message/custom/send":
		return "发客服消息"
	case "/cgi-bin/message/custom/typing":
		return "显示正在输入"
	case "/cgi-bin/message/template/send":
		return "发模板消息"
	case "/cgi-bin/message/subscribe/bizsend":
		return "发订阅通知"
	case "/cgi-bin/message/mass/send", "/cgi-bin/message/mass/sendall":
		return "群发"
	case "/cgi-bin/message/mass/get":
		return "查群发结果"
	case "/cgi-bin/message/mass/delete":
		return "删群发"
	case "/cgi-bin/template/get_all_private_template":
		return "列出模板"
	case "/wxaapi/newtmpl/gettemplate":
		return "列出订阅通知模板"
	case "/cgi-bin/message/mass/preview":
		return "群发预览"
	case "/cgi-bin/qrcode/create":
		return "做二维码"
	case "/cgi-bin/media/upload":
		return "传图片、语音、视频"
	case "/cgi-bin/media/get":
		return "取图片、语音、视频"
	case "/cgi-bin/user/info", "/cgi-bin/user/info/batchget":
		return "查关注者"
	case "/cgi-bin/user/get":
		return "列出关注者"
	case "/cgi-bin/menu/create":
		return "改菜单"
	case "/cgi-bin/menu/get":
		return "查菜单"
	}
	return path
}

// usualCodes are the errcodes that the panel offers; any other can be typed.
func usualCodes() []int {
	return []int{45015, 45047, 45009, 45011, 45028, 43004, 43101, 47003, 40037, 48002, 40001, 42001, 48001, 50002, -1}
}

func codeText(code int) string {
	switch code {
	case -1:
		return "系统繁忙"
	case 40001:
		return "令牌不对"
	case 40037:
		return "没有这个模板"
	case 42001:
		return "令牌过期"
	case 43004:
		return "对方没有关注"
	case 43101:
		return "对方没有允许订阅通知"
	case 45009:
		return "今天的次数用完了"
	case 45011:
		return "这分钟的次数用完了"
	case 45028:
		return "没有群发次数了"
	case 45065:
		return "这个编号的群发已经收过"
	case 45066:
		return "这个编号的群发试得太快"
	case 45015:
		return "超过 48 小时"
	case 45047:
		return "条数用完了"
	case 47003:
		return "模板内容格式不对"
	case 48001:
		return "没有这个接口的权限"
	case 48002:
		return "对方不收消息"
	case 48004, 50002:
		return "接口被封"
	}
	return ""
}

// faultText says what a fault does.
func faultText(f Fault) string {
	switch f.Kind {
	case FaultCode:
		text := "返回错误码 " + strconv.Itoa(f.Code)
		if means := codeText(f.Code); means != "" {
			text += "（" + means + "）"
		}
		return text
	case FaultStatus:
		if f.Code == 0 {
			return "HTTP 502"
		}
		return "HTTP " + strconv.Itoa(f.Code)
	case FaultSlow:
		return "慢 " + f.Delay.String()
	case FaultCutBefore:
		return "没做就断开"
	case FaultCutAfter:
		return "做了才断开（结果不明）"
	case FaultNonsense:
		return "返回乱码"
	}
	return string(f.Kind)
}

func pushText(kind PushFaultKind) string {
	switch kind {
	case PushDuplicate:
		return "重复推送"
	case PushReorder:
		return "乱序"
	case PushConcurrent:
		return "三次同时到"
	case PushLost:
		return "丢失"
	case PushSkew:
		return "签名时间不准"
	case PushStatus:
		return "结果改成"
	case PushLate:
		return "晚到"
	case PushAgain:
		return "过后再推一次"
	case PushForeignID:
		return "编号对不上"
	}
	return string(kind)
}

// eventText names the results of sends, for people; the event itself when it is another.
func eventText(event string) string {
	switch event {
	case "MASSSENDJOBFINISH":
		return "群发结果"
	case "TEMPLATESENDJOBFINISH":
		return "模板消息结果"
	case "subscribe_msg_sent_event":
		return "订阅通知结果"
	}
	return event
}

func resultText(result string) string {
	switch result {
	case resultOK:
		return "收下了"
	case resultTimeout:
		return "超时"
	case resultRefused:
		return "连不上"
	case resultStatus:
		return "状态不对"
	case resultBad:
		return "回答不合法"
	}
	return result
}
