// Package wechat is the only place that knows WeChat: the callback's cryptography and XML on the way in
// (CheckURL, OpenPush, Parse), the API client with its time-outs, token and reactions on the way out (Client, API).
//
// From the SDK silenceper/wechat only what is sound is used: its signature helper, and in tests its encryptor as an
// independent opposite. Its server accepts forged plain bodies, its parser loses data, and its client has neither
// time-outs nor contexts and puts secrets into errors, so these are our own.
package wechat
