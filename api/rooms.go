package api

import (
	accountapi "liuke/api/account"
	bindingapi "liuke/api/binding"
	campaignapi "liuke/api/campaign"
	chatapi "liuke/api/chat"
	complaintapi "liuke/api/complaint"
	consentapi "liuke/api/consent"
	handoverapi "liuke/api/handover"
	mediaapi "liuke/api/media"
	memberapi "liuke/api/member"
	noticeapi "liuke/api/notice"
	privacyapi "liuke/api/privacy"
	purchaseapi "liuke/api/purchase"
	reportapi "liuke/api/report"
	"liuke/api/rest"
	segmentapi "liuke/api/segment"
	sessionapi "liuke/api/session"
	smsapi "liuke/api/sms"
	staffapi "liuke/api/staff"
	transferapi "liuke/api/transfer"
)

// rooms are all rooms with operations, but the stream, which has a state of its own.
func rooms(d Deps) []rest.Room {
	return []rest.Room{
		sessionapi.New(sessionapi.Deps{Staff: d.Staff, Accounts: d.Accounts, PublicURL: d.PublicURL}),
		staffapi.New(staffapi.Deps{Staff: d.Staff, PublicURL: d.PublicURL}),
		accountapi.New(accountapi.Deps{Accounts: d.Accounts, Audit: d.Audit, Checker: d.Checker, PublicURL: d.PublicURL}),
		memberapi.New(d.Members),
		transferapi.New(d.Transfer),
		purchaseapi.New(d.Purchases),
		segmentapi.New(d.Segments),
		consentapi.New(d.Consents, d.Log),
		complaintapi.New(d.Complaints),
		campaignapi.New(d.Campaigns),
		bindingapi.New(d.Binding),
		chatapi.New(d.Chat, d.Media),
		handoverapi.New(d.Handover),
		mediaapi.New(d.Media),
		reportapi.New(d.Report),
		noticeapi.New(d.Notice),
		smsapi.New(d.SMS),
		privacyapi.New(d.Privacy),
	}
}
