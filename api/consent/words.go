package consent

import (
	"strings"

	"github.com/gin-gonic/gin"

	"liuke/model"
)

// purposeWords are what the page says of one purpose; Asked is what a member says yes to, and is kept with his yes.
type purposeWords struct{ Name, Why, Asked string }

type pageWords struct {
	Lang, Title, Saved, IsOn, IsOff, On, Off, NoMore, NoMoreWhy, Confirm, Open string

	purposes map[string]purposeWords
	failures map[string]string // by reason
}

// wordsFor picks the language: Chinese, unless the phone asks for English first.
func wordsFor(c *gin.Context) pageWords {
	if strings.HasPrefix(strings.ToLower(c.GetHeader("Accept-Language")), "en") {
		return english()
	}
	return chinese()
}

func chinese() pageWords {
	return pageWords{
		Lang: "zh-CN", Title: "消息设置", Saved: "已保存。", IsOn: "接收", IsOff: "不接收", On: "同意接收", Off: "不再接收", NoMore: "以上都不再接收",
		NoMoreWhy: "您主动来问时，店员还是会回复您。", Confirm: "要重新接收，请先用微信确认是您本人。", Open: "用微信确认",
		purposes: map[string]purposeWords{
			model.ConsentForService:   {"服务通知", "到货、积分、会员卡这类和您有关的通知。", "可以给您发到货、积分和会员卡的通知吗？"},
			model.ConsentForMarketing: {"活动和优惠", "打折、活动、新品这类推广信息。", "可以给您发活动和优惠信息吗？"},
			model.ConsentForProfiling: {"按消费推荐", "按您买过什么，推荐适合您的东西。", "可以按您的消费给您推荐合适的商品吗？"},
		},
		failures: map[string]string{
			"link_unknown":   "这个链接不对。请从公众号的菜单打开，或直接回复“退订”。",
			"link_expired":   "这个链接过期了。请从公众号的菜单打开，或直接回复“退订”。",
			"code_unknown":   "微信没有认出您。请关掉这一页，从公众号的菜单重新打开。",
			"no_member":      "您还不是这里的会员，没有消息会发给您。",
			"not_allowed":    "要重新接收，请从公众号的菜单打开，用微信确认是您本人。",
			"too_many_calls": "打开得太频繁了，请过一会儿再试。",
			"other":          "没有成功，请稍后再试。",
		},
	}
}

func english() pageWords {
	return pageWords{
		Lang: "en", Title: "What you receive", Saved: "Saved.", IsOn: "on", IsOff: "off", On: "Yes, send me these", Off: "Stop these", NoMore: "Stop all of these",
		NoMoreWhy: "When you write to us, your clerk still answers.", Confirm: "To switch something on, first confirm in WeChat that it is you.", Open: "Confirm in WeChat",
		purposes: map[string]purposeWords{
			model.ConsentForService:   {"Service notices", "About your orders, points and card.", "May we send you notices about your orders, points and card?"},
			model.ConsentForMarketing: {"Offers and events", "Discounts, events and new goods.", "May we send you offers and news of events?"},
			model.ConsentForProfiling: {"Recommendations", "Chosen by what you have bought.", "May we recommend things by what you have bought?"},
		},
		failures: map[string]string{
			"link_unknown":   "This link is not right. Open the page from the account's menu, or reply TD.",
			"link_expired":   "This link is too old. Open the page from the account's menu, or reply TD.",
			"code_unknown":   "WeChat did not tell who you are. Close this page and open it again from the account's menu.",
			"no_member":      "You are no member here; nothing is sent to you.",
			"not_allowed":    "To switch something on, open the page from the account's menu.",
			"too_many_calls": "That was too often. Please try again in a while.",
			"other":          "That did not work. Please try again later.",
		},
	}
}
