package wechat

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const massPath = "/cgi-bin/message/mass/send"

func massOf(to ...string) MassMessage {
	return MassMessage{ToUsers: to, Kind: KindText, Text: "private words", ClientMsgID: "job-1"}
}

func openids(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = "openid-of-a-member-" + strconv.Itoa(i)
	}
	return all
}

func TestSendMass_writesEveryKindWithItsClientID(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.answer(massPath, `{"errcode":0,"errmsg":"send job submission success","msg_id":34182,"msg_data_id":206227730}`)
	for want, m := range map[string]MassMessage{
		`{"touser":["a","b"],"msgtype":"text","text":{"content":"<a href=\"x\">&</a>"},"clientmsgid":"c"}`:            {Kind: KindText, Text: `<a href="x">&</a>`},
		`{"touser":["a","b"],"msgtype":"image","images":{"media_ids":["m"]},"clientmsgid":"c"}`:                       {Kind: KindImage, MediaID: "m"},
		`{"touser":["a","b"],"msgtype":"mpnews","mpnews":{"media_id":"m"},"send_ignore_reprint":0,"clientmsgid":"c"}`: {Kind: KindArticles, MediaID: "m"},
	} {
		m.ToUsers, m.ClientMsgID = []string{"a", "b"}, "c"
		id, err := r.api.SendMass(t.Context(), m)
		require.NoError(t, err)
		require.Equal(t, "34182", id)
		calls := r.fake.calls(massPath)
		require.Equal(t, want, calls[len(calls)-1].body)
	}
}

func TestSendMass_refusesWhatWeChatWouldRefuseWithoutSending(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.answer(massPath, `{"errcode":0,"msg_id":1}`)
	for name, m := range map[string]MassMessage{
		"one":          massOf("a"),
		"nobody":       massOf(),
		"too many":     massOf(openids(MassMost + 1)...),
		"twice":        massOf("a", "b", "a"),
		"empty openid": massOf("a", ""),
		"no words":     {ToUsers: []string{"a", "b"}, Kind: KindText, ClientMsgID: "c"},
		"no picture":   {ToUsers: []string{"a", "b"}, Kind: KindImage, ClientMsgID: "c"},
		"no article":   {ToUsers: []string{"a", "b"}, Kind: KindArticles, ClientMsgID: "c"},
		"other kind":   {ToUsers: []string{"a", "b"}, Kind: KindMenu, Text: "x", ClientMsgID: "c"},
		"no id":        {ToUsers: []string{"a", "b"}, Kind: KindText, Text: "x"},
		"long id":      {ToUsers: []string{"a", "b"}, Kind: KindText, Text: "x", ClientMsgID: strings.Repeat("c", 65)},
	} {
		_, err := r.api.SendMass(t.Context(), m)
		require.Error(t, err, name)
		r.requireError(t, err, ReactGiveUp, "bad_input")
	}
	require.Empty(t, r.fake.seen)
	m := massOf(openids(MassMost)...)
	m.ClientMsgID = strings.Repeat("c", 64)
	_, err := r.api.SendMass(t.Context(), m)
	require.NoError(t, err, "as many as WeChat takes")
}

func TestSendMass_takesTheIDOfARepeatForItsOwn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"errcode":45065,"errmsg":"clientmsgid exist","msg_id":3147483653}`:   "3147483653",
		`{"errcode":45065,"errmsg":"clientmsgid exist","msg_id":"3147483653"}`: "3147483653",
		`{"errcode":45065,"errmsg":"clientmsgid exist"}`:                       "",
		`{"errcode":45065,"errmsg":"clientmsgid exist","msg_id":null}`:         "",
	} {
		r := newRig(t)
		r.fake.answer(massPath, text)
		id, err := r.api.SendMass(t.Context(), massOf("a", "b"))
		require.NoError(t, err, text)
		require.Equal(t, want, id, text)
		require.Equal(t, "message/mass/send 45065 accepted", r.seen.calls[1])
	}
}

func TestSendMass_saysWhatCameOfEveryTry(t *testing.T) {
	t.Parallel()
	now := testNow()
	for name, c := range map[string]struct {
		answer string
		want   Result
	}{
		"no quota":     {`{"errcode":45028}`, Result{Outcome: OutcomeRefused, Reason: "no_mass_quota", Concern: ConcernAPI}},
		"too soon":     {`{"errcode":45066}`, Result{Outcome: OutcomeLater, Reason: "client_id_too_soon", After: now.Add(75 * time.Second)}},
		"no id":        {`{"errcode":0}`, Result{Outcome: OutcomeUnknown, Reason: "bad_answer", After: now.Add(75 * time.Second)}},
		"not WeChat":   {`<html>`, Result{Outcome: OutcomeUnknown, Reason: "bad_answer", After: now.Add(75 * time.Second)}},
		"busy":         {`{"errcode":-1}`, Result{Outcome: OutcomeLater, Reason: "system_busy", After: now.Add(1500 * time.Millisecond)}},
		"nobody known": {`{"errcode":40003}`, Result{Outcome: OutcomeRefused, Reason: "bad_openid", Concern: ConcernMember}},
	} {
		r := newRig(t)
		r.fake.answer(massPath, c.answer)
		id, err := r.api.SendMass(t.Context(), massOf("openid-of-a-member", "b"))
		require.Empty(t, id)
		r.requireClean(t, err)
		require.Equal(t, c.want, ResultOf(id, err, now, 0.5), name)
	}
}

func TestSendMass_mayBeRepeatedWithItsIDWhenTheAnswerIsLost(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for reason, handler := range map[string]http.HandlerFunc{
		"network":     func(w http.ResponseWriter, _ *http.Request) { _ = hijack(t, w).Close() },
		"http_status": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
	} {
		r.fake.on(massPath, handler)
		id, err := r.api.SendMass(t.Context(), massOf("a", "b"))
		want := Result{Outcome: OutcomeUnknown, Reason: reason, After: testNow().Add(time.Minute)}
		require.Equal(t, want, ResultOf(id, err, testNow(), 0))
		r.requireClean(t, err)
	}
	require.Len(t, r.fake.calls(massPath), 2, "never sent again by itself")
}

func TestSendMass_wasNotSentWhenOnlyTheTokenGotLost(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.on(tokenPath, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	id, err := r.api.SendMass(t.Context(), massOf("a", "b"))
	require.Equal(t, OutcomeLater, ResultOf(id, err, testNow(), 0).Outcome)
	require.Empty(t, r.fake.calls(massPath))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	id, err = r.api.SendMass(ctx, massOf("a", "b"))
	require.Equal(t, OutcomeLater, ResultOf(id, err, testNow(), 0).Outcome, "left before the start")
}

func TestMassState_knowsWeChatsWords(t *testing.T) {
	t.Parallel()
	const path = "/cgi-bin/message/mass/get"
	r := newRig(t)
	for word, want := range map[string]MassState{
		"SENDING": MassSending, "SEND_SUCCESS": MassSent, "SEND_FAIL": MassFailed, "DELETE": MassDeleted, "PARKED": MassOther, "": MassOther,
	} {
		r.fake.answer(path, `{"msg_id":201053012,"msg_status":"`+word+`"}`)
		got, err := r.api.MassState(t.Context(), "201053012")
		require.NoError(t, err)
		require.Equal(t, want, got, word)
	}
	require.JSONEq(t, `{"msg_id":"201053012"}`, r.fake.calls(path)[0].body)
	r.fake.answer(path, `{"errcode":-1}`)
	_, err := r.api.MassState(t.Context(), "201053012")
	r.requireError(t, err, ReactRetryLater, "system_busy")
	_, err = r.api.MassState(t.Context(), "")
	r.requireError(t, err, ReactGiveUp, "bad_input")
}

func TestDeleteMass_namesTheJobByNumber(t *testing.T) {
	t.Parallel()
	const path = "/cgi-bin/message/mass/delete"
	r := newRig(t)
	r.fake.on(path, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`) })
	require.NoError(t, r.api.DeleteMass(t.Context(), "30124"))
	require.JSONEq(t, `{"msg_id":30124}`, r.fake.calls(path)[0].body)
	r.requireError(t, r.api.DeleteMass(t.Context(), "x"), ReactGiveUp, "bad_input")
}
