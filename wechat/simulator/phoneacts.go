package simulator

import (
	"net/http"
	"strconv"
	"strings"
)

// phoneAct does what a form of the phone asks for and returns the account to show next.
func (s *Simulator) phoneAct(r *http.Request, v *phoneView) (appid string, err error) {
	app, id := v.AppID, v.OpenID
	if err := s.Look(app, id); err != nil { // who does something on the phone sees what is on it
		return app, err
	}
	switch r.PathValue("act") {
	case "follow":
		err = s.Follow(app, id, "")
	case "look":
	case "unfollow":
		err = s.Unfollow(app, id)
	case "refuses":
		err = s.SetRefuses(app, id, r.FormValue("refuses") == "1")
	case "text":
		if text := strings.ReplaceAll(r.FormValue("text"), "\r\n", "\n"); text != "" {
			_, err = s.SendText(app, id, text)
		}
	case "image", "voice", "video":
		err = s.phoneMedia(r, v)
	case "location":
		err = s.phoneLocation(r, v)
	case "link":
		_, err = s.SendLink(app, id, r.FormValue("title"), r.FormValue("description"), r.FormValue("url"))
	case "scan":
		return s.phoneScan(r, v)
	case "menu":
		err = s.TapMenu(app, id, r.FormValue("key"))
	case "reply":
		_, err = s.TapReply(app, id, r.FormValue("id"))
	case "popup":
		err = s.phonePopup(r, v)
	case "withdraw":
		err = s.WithdrawConsent(app, id, r.FormValue("template"))
	case "odd":
		err = s.phoneOdd(r.FormValue("odd"), v)
	default:
		err = errAct
	}
	return app, err
}

func (s *Simulator) phoneMedia(r *http.Request, v *phoneView) error {
	data, err := file(r)
	if err != nil {
		return err
	}
	switch r.PathValue("act") {
	case "image":
		_, err = s.SendImage(v.AppID, v.OpenID, data)
	case "voice":
		_, err = s.SendVoice(v.AppID, v.OpenID, data)
	default:
		_, err = s.SendVideo(v.AppID, v.OpenID, data)
	}
	return err
}

func (s *Simulator) phoneLocation(r *http.Request, v *phoneView) error {
	lat, err := strconv.ParseFloat(r.FormValue("lat"), 64)
	if err != nil {
		return errPlace
	}
	lng, err := strconv.ParseFloat(r.FormValue("lng"), 64)
	if err != nil {
		return errPlace
	}
	_, err = s.SendLocation(v.AppID, v.OpenID, lat, lng, r.FormValue("label"))
	return err
}

// phoneScan takes a picture, a url or a ticket's url chosen from the list.
func (s *Simulator) phoneScan(r *http.Request, v *phoneView) (string, error) {
	data, err := file(r)
	if err != nil {
		return v.AppID, err
	}
	url := strings.TrimSpace(r.FormValue("url"))
	if data != nil {
		if url, err = readQR(data); err != nil {
			return v.AppID, err
		}
	}
	done, err := s.ScanURL(v.OpenID, url)
	if err != nil {
		return v.AppID, err
	}
	return done.AppID, nil
}

// phonePopup accepts the ticked templates and refuses the others.
func (s *Simulator) phonePopup(r *http.Request, v *phoneView) error {
	if err := r.ParseForm(); err != nil {
		return errAct
	}
	_, _, templates := s.phoneChoices(v.AppID)
	ticked := map[string]bool{}
	for _, id := range r.Form["accept"] {
		ticked[id] = true
	}
	answers := []Consent{}
	for _, t := range templates {
		answers = append(answers, Consent{TemplateID: t.ID, Accept: ticked[t.ID]})
	}
	return s.AnswerPopup(v.AppID, v.OpenID, answers...)
}

// phoneOdd sends what a server must bear: kinds that nobody knows, characters that XML forbids, several nodes of one name.
func (s *Simulator) phoneOdd(what string, v *phoneView) error {
	var err error
	switch what {
	case "kind":
		_, err = s.SendRaw(v.AppID, v.OpenID, Field{Name: "MsgType", Value: "hologram"}, Field{Name: "HologramUrl", Value: "https://example.com/h"})
	case "event":
		_, err = s.SendRaw(v.AppID, v.OpenID, Field{Name: "MsgType", Value: "event"}, Field{Name: "Event", Value: "user_did_something_new"})
	case "control":
		_, err = s.SendText(v.AppID, v.OpenID, "控制\x08字符\x14在这里\x1b[0m")
	case "lists":
		err = s.AnswerPopup(v.AppID, v.OpenID, Consent{"tmpl-1", true}, Consent{"tmpl-2", false}, Consent{"tmpl-3", true})
	default:
		err = errAct
	}
	return err
}
