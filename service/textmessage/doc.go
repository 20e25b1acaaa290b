// Package textmessage is the only package that knows providers of text messages (SMS, M3): what they are told, how a call
// is signed, and what their answers mean.
//
// In China a provider sends nothing but the templates that it has approved, under a signature that it has approved, so a
// message is a template with what stands in its blanks (Tencent Cloud, document 382/39023).
package textmessage
