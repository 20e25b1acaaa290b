package simulator

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTemporaryMediaLiveThreeDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.upload("/cgi-bin/media/upload?type=image", samplePicture())
	require.Equal(t, "image", a.str("type"))
	require.NotZero(t, a.num("created_at"))
	id := a.str("media_id")
	status, head, data := w.do(http.MethodGet, w.with("/cgi-bin/media/get?media_id="+id), "", nil)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "image/png", head.Get("Content-Type"))
	require.Equal(t, `attachment; filename="`+id+`.png"`, head.Get("Content-Disposition"))
	require.Equal(t, samplePicture(), data)
	w.Advance(72 * time.Hour)
	w.access = ""
	require.Equal(t, 40007, w.get("/cgi-bin/media/get?media_id="+id).code())
	fan := w.fan("a")
	_, err := w.SendText(testApp, fan, "hi")
	require.NoError(t, err)
	require.Equal(t, 40007, w.post("/cgi-bin/message/custom/send", answer{"touser": fan, "msgtype": "image", "image": answer{"media_id": id}}).code())
	_, _, kept := w.Media(id)
	require.True(t, kept, "the phone still shows it")
}

func TestAVideoIsAnsweredAsAnAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.upload("/cgi-bin/media/upload?type=video", sampleVideo()).str("media_id")
	url := w.get("/cgi-bin/media/get?media_id=" + id).str("video_url")
	require.True(t, strings.HasPrefix(url, w.api.URL))
	status, head, data := w.do(http.MethodGet, strings.TrimPrefix(url, w.api.URL), "", nil)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "video/mp4", head.Get("Content-Type"))
	require.Equal(t, sampleVideo(), data)
}

func TestMediaAreCheckedByKindContentAndSize(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	long := append([]byte("#!AMR\n"), bytes.Repeat(append([]byte{0x04}, make([]byte, 12)...), 3001)...)
	for name, c := range map[string]struct {
		path string
		data []byte
		code int
	}{
		"unknown kind":           {"/cgi-bin/media/upload?type=file", samplePicture(), 40004},
		"nothing":                {"/cgi-bin/media/upload?type=image", nil, 44001},
		"text as image":          {"/cgi-bin/media/upload?type=image", []byte("hello"), 40005},
		"picture as voice":       {"/cgi-bin/media/upload?type=voice", samplePicture(), 40005},
		"image of 10 MB and one": {"/cgi-bin/media/upload?type=image", append(samplePicture(), make([]byte, 10<<20)...), 40009},
		"voice over 2 MB":        {"/cgi-bin/media/upload?type=voice", append([]byte("ID3"), make([]byte, 2<<20)...), 40010},
		"voice over a minute":    {"/cgi-bin/media/upload?type=voice", long, 45007},
		"video over 10 MB":       {"/cgi-bin/media/upload?type=video", append(sampleVideo(), make([]byte, 10<<20)...), 40011},
		"thumb over 64 KB":       {"/cgi-bin/media/upload?type=thumb", append(sampleThumb(), make([]byte, 64<<10)...), 40012},
		"bmp as temporary":       {"/cgi-bin/media/upload?type=image", []byte("BM000000000000"), 40005},
		"bmp as permanent":       {"/cgi-bin/material/add_material?type=image", []byte("BM000000000000"), 0},
		"article image of 1 MB":  {"/cgi-bin/media/uploadimg", append(samplePicture(), make([]byte, 1<<20)...), 40009},
		"article image":          {"/cgi-bin/media/uploadimg", samplePicture(), 0},
	} {
		require.Equal(t, c.code, w.upload(c.path, c.data).code(), name)
	}
	require.Equal(t, 41005, w.post("/cgi-bin/media/upload?type=image", answer{}).code())
	require.Equal(t, 41006, w.get("/cgi-bin/media/get").code())
}

func TestPermanentMediaStayUntilDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.upload("/cgi-bin/material/add_material?type=image", samplePicture()).str("media_id")
	require.Equal(t, int64(1), w.get("/cgi-bin/material/get_materialcount").num("image_count"))
	w.Advance(400 * 24 * time.Hour)
	w.access = ""
	status, _, _ := w.do(http.MethodGet, w.with("/cgi-bin/media/get?media_id="+id), "", nil)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, 0, w.post("/cgi-bin/material/del_material", answer{"media_id": id}).code())
	require.Equal(t, 40007, w.post("/cgi-bin/material/del_material", answer{"media_id": id}).code())
}

func TestInboundMediaCanBeFetchedByTheirID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fan := w.fan("a")
	for _, send := range []func(string, string, []byte) (int64, error){w.SendImage, w.SendVoice, w.SendVideo, w.SendShortVideo} {
		_, err := send(testApp, fan, nil)
		require.NoError(t, err)
	}
	_, err := w.SendLocation(testApp, fan, 31.2304, 121.4737, "人民广场")
	require.NoError(t, err)
	_, err = w.SendLink(testApp, fan, "t", "d", "https://example.com/?a=1&b=2")
	require.NoError(t, err)
	_, err = w.SendVoice(testApp, fan, samplePicture())
	require.Error(t, err)
	w.settle()
	g := w.server.seen()
	require.Len(t, g, 6)
	for i, kind := range []string{"image", "voice", "video", "shortvideo"} {
		require.Contains(t, g[i].xml, "<MsgType><![CDATA["+kind+"]]></MsgType>")
		_, rest, _ := strings.Cut(g[i].xml, "<MediaId><![CDATA[")
		id, _, _ := strings.Cut(rest, "]]>")
		status, _, _ := w.do(http.MethodGet, w.with("/cgi-bin/media/get?media_id="+id), "", nil)
		require.Equal(t, http.StatusOK, status)
		require.NotEqual(t, 40007, func() int {
			if i < 2 {
				return 0
			}
			return w.get("/cgi-bin/media/get?media_id=" + id).code()
		}())
	}
	require.Contains(t, g[1].xml, "<Format><![CDATA[amr]]></Format><MediaId16K>")
	require.Contains(t, g[4].xml, "<Location_X>31.230400</Location_X><Location_Y>121.473700</Location_Y><Scale>15</Scale><Label><![CDATA[人民广场]]></Label>")
	require.Contains(t, g[5].xml, "<Url><![CDATA[https://example.com/?a=1&b=2]]></Url>")
}

func TestTheMediaStoreForgetsTheOldestWhenItIsFull(t *testing.T) {
	t.Parallel()
	m := mediaStore{byID: map[string]*medium{}}
	data := make([]byte, maxMedia/4)
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		m.add(&medium{id: id, data: data})
	}
	require.NotContains(t, m.byID, "a")
	require.Contains(t, m.byID, "e")
	require.LessOrEqual(t, m.bytes, maxMedia)
}

func TestTheLogsKeepOnlyTheNewest(t *testing.T) {
	t.Parallel()
	var r ring[int]
	for i := range 3 * maxKept {
		r.add(i, 1)
	}
	require.Len(t, r.newest(), maxKept)
	require.Equal(t, 2*maxKept, r.newest()[0])
	require.Less(t, len(r.entries), 2*maxKept)
	var big ring[int]
	for i := range 100 {
		big.add(i, maxKeptBytes/10)
	}
	require.Less(t, len(big.entries), 30)
}
