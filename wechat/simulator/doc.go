// Package simulator stands in for WeChat: the API that a service account calls, the pushes that WeChat makes to the
// account's callback, and the phones of the people who follow it. It keeps WeChat's rules (windows, counts, quotas,
// token lives, scenes, media that expire), can be made to fail in the ways WeChat fails, and has a clock that can be
// moved. Tests, the demo and people use it.
//
// It was written from WeChat's published rules alone and imports nothing else of this module, so that a
// misunderstanding in package wechat is not repeated here and thereby hidden.
//
// One Handler serves three things: WeChat's own paths (/cgi-bin/…, /sns/…, /connect/…), the control API under /sim/
// (described in control.go), and the pages of the phones under /.
//
// All state is in memory and bounded. Nothing survives a restart, but openids and permanent codes come out the same
// for the same seed and the same order of calls.
package simulator
