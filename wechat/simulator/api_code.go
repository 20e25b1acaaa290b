package simulator

import (
	"time"
	"unicode/utf8"
)

func createCode(c *call) (any, *fail) {
	var in struct {
		ActionName string `json:"action_name"`
		Expire     *int64 `json:"expire_seconds"`
		ActionInfo struct {
			Scene struct {
				ID  int64  `json:"scene_id"`
				Str string `json:"scene_str"`
			} `json:"scene"`
		} `json:"action_info"`
	}
	if f := c.json(&in); f != nil {
		return nil, f
	}
	scene, permanent := in.ActionInfo.Scene, false
	switch in.ActionName {
	case "QR_SCENE":
		scene.ID, scene.Str = sceneID(scene.ID, maxTemporaryID), ""
	case "QR_LIMIT_SCENE":
		scene.ID, scene.Str, permanent = sceneID(scene.ID, maxPermanentID), "", true
	case "QR_STR_SCENE", "QR_LIMIT_STR_SCENE":
		if n := utf8.RuneCountInString(scene.Str); n < 1 || n > maxSceneLength {
			return nil, failedWith(40097, "scene_str")
		}
		scene.ID, permanent = 0, in.ActionName == "QR_LIMIT_STR_SCENE"
	default:
		return nil, failedWith(40097, "action_name")
	}
	life := int64(defaultCodeLife)
	if in.Expire != nil && !permanent {
		if life = *in.Expire; life < 1 || life > maxCodeLife {
			return nil, failedWith(40097, "expire_seconds")
		}
	}
	made, f := c.newCode(c.acc, scene.ID, scene.Str, permanent, time.Duration(life)*time.Second)
	if f != nil {
		return nil, f
	}
	answer := struct {
		Ticket  string `json:"ticket"`
		Seconds int64  `json:"expire_seconds,omitempty"`
		URL     string `json:"url"`
	}{made.Ticket, life, made.URL}
	if permanent {
		answer.Seconds = 0
	}
	return answer, nil
}

// sceneID is what becomes of an id: one out of range silently turns into another.
func sceneID(id, most int64) int64 {
	if id < 1 || id > most {
		return strangeSceneID
	}
	return id
}
