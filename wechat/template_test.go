package wechat

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSendTemplate_sendsTheFieldsAndTellsRefusals(t *testing.T) {
	t.Parallel()
	const path = "/cgi-bin/message/template/send"
	r := newRig(t)
	r.fake.answer(path, `{"errcode":0,"errmsg":"ok","msgid":200228332}`)
	m := TemplateMessage{ToUser: "o1", TemplateID: "T", URL: "https://x/app", ClientMsgID: "n1", Data: map[string]string{"thing1": "王 & <宝>"}}
	id, err := r.api.SendTemplate(t.Context(), m)
	require.NoError(t, err)
	require.Equal(t, "200228332", id)
	require.Contains(t, r.fake.calls(path)[0].body, "王 & <宝>", "text stands as it is")
	require.JSONEq(t, `{"touser":"o1","template_id":"T","url":"https://x/app","client_msg_id":"n1","data":{"thing1":{"value":"王 & <宝>"}}}`,
		r.fake.calls(path)[0].body)

	r.fake.answer(path, `{"errcode":43004,"errmsg":"require subscribe"}`)
	_, err = r.api.SendTemplate(t.Context(), m)
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, ReactGiveUp, e.Reaction)
	require.Equal(t, "unsubscribed", e.Reason)
	m.ClientMsgID = ""
	_, err = r.api.SendTemplate(t.Context(), m)
	require.Error(t, err)
}
