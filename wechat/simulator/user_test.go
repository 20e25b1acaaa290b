package simulator

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFollowersAreListedByPages(t *testing.T) {
	t.Parallel()
	all := []string{"a", "b", "c", "d", "e"}
	p, f := page(all, "", 2)
	require.Nil(t, f)
	require.Equal(t, openidPage{5, 2, &openidList{[]string{"a", "b"}}, "b"}, p)
	p, _ = page(all, "d", 2)
	require.Equal(t, openidPage{5, 1, &openidList{[]string{"e"}}, "e"}, p)
	p, _ = page(all, "e", 2)
	require.Equal(t, openidPage{5, 0, nil, ""}, p)
	_, f = page(all, "x", 2)
	require.Equal(t, 40003, f.ErrCode)

	w := newWorld(t)
	first, second := w.fan("a"), w.fan("b")
	require.NoError(t, w.Unfollow(testApp, first))
	a := w.get("/cgi-bin/user/get")
	require.Equal(t, int64(1), a.num("total"))
	require.Equal(t, second, a.str("next_openid"))
	require.Equal(t, int64(1), w.get("/cgi-bin/user/get?next_openid="+first).num("count"), "who has left still marks the place")
}

func TestABatchHoldsAtMostAHundredOpenIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fan := w.fan("a")
	list := func(n int) []answer {
		all := make([]answer, n)
		for i := range all {
			all[i] = answer{"openid": fan, "lang": "zh_CN"}
		}
		return all
	}
	require.Len(t, w.post("/cgi-bin/user/info/batchget", answer{"user_list": list(100)})["user_info_list"], 100)
	require.Equal(t, 40032, w.post("/cgi-bin/user/info/batchget", answer{"user_list": list(101)}).code())
	require.Equal(t, 40032, w.post("/cgi-bin/user/info/batchget", answer{"user_list": list(0)}).code())
	require.Equal(t, 40003, w.post("/cgi-bin/user/info/batchget", answer{"user_list": []answer{{"openid": "x"}}}).code())
	require.Equal(t, 0, w.post("/cgi-bin/user/info/updateremark", answer{"openid": fan, "remark": "老客户"}).code())
	require.Equal(t, "老客户", w.get("/cgi-bin/user/info?openid="+fan).str("remark"))
	require.Equal(t, 40035, w.post("/cgi-bin/user/info/updateremark", answer{"openid": fan, "remark": strings.Repeat("字", 30)}).code())
}

func TestTagsKeepTheirLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	create := func(name string) answer { return w.post("/cgi-bin/tags/create", answer{"tag": answer{"name": name}}) }
	fan := w.fan("a")
	ids := []int{}
	for i := range 100 {
		a := create(fmt.Sprint("t", i))
		require.Equal(t, 0, a.code())
		tag, _ := a["tag"].(map[string]any)
		id, _ := tag["id"].(json.Number)
		n, _ := id.Int64()
		ids = append(ids, int(n))
	}
	require.Equal(t, 45056, create("one too many").code())
	require.Equal(t, 45157, create("t1").code())
	require.Equal(t, 45157, create("").code())
	require.Equal(t, 45158, create(strings.Repeat("字", 31)).code())
	require.Len(t, w.get("/cgi-bin/tags/get")["tags"], 101, "with WeChat's own")

	tagging := func(tag int, openids ...string) int {
		return w.post("/cgi-bin/tags/members/batchtagging", answer{"openid_list": openids, "tagid": tag}).code()
	}
	for i := range 20 {
		require.Equal(t, 0, tagging(ids[i], fan))
	}
	require.Equal(t, 0, tagging(ids[0], fan), "again is no harm")
	require.Equal(t, 45059, tagging(ids[20], fan))
	require.Equal(t, 45159, tagging(9999, fan))
	require.Equal(t, 40032, tagging(ids[0], make([]string, 51)...))
	require.Equal(t, 40003, tagging(ids[0], "stranger"))
	require.NoError(t, w.AddAccount(Account{AppID: otherApp, Secret: "s", Token: "t"}))
	require.Equal(t, 49003, tagging(ids[0], w.NewPerson("b").OpenIDs[otherApp]))

	require.Len(t, w.post("/cgi-bin/tags/getidlist", answer{"openid": fan})["tagid_list"], 20)
	require.Equal(t, int64(1), w.post("/cgi-bin/user/tag/get", answer{"tagid": ids[0], "next_openid": ""}).num("count"))
	require.Equal(t, 0, w.post("/cgi-bin/tags/members/batchuntagging", answer{"openid_list": []string{fan}, "tagid": ids[0]}).code())
	require.Equal(t, int64(0), w.post("/cgi-bin/user/tag/get", answer{"tagid": ids[0]}).num("count"))
	require.Equal(t, 0, w.post("/cgi-bin/tags/update", answer{"tag": answer{"id": ids[0], "name": "新"}}).code())
	require.Equal(t, 45058, w.post("/cgi-bin/tags/update", answer{"tag": answer{"id": 2, "name": "新新"}}).code())
	require.Equal(t, 0, w.post("/cgi-bin/tags/delete", answer{"tag": answer{"id": ids[1]}}).code())
	require.Equal(t, 45159, w.post("/cgi-bin/tags/delete", answer{"tag": answer{"id": ids[1]}}).code())
	require.Len(t, w.post("/cgi-bin/tags/getidlist", answer{"openid": fan})["tagid_list"], 18)
}
