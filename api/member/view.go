package member

import (
	"liuke/api/rest"
	"liuke/model"
	"liuke/service/member"
)

// Member is a member's file.
type Member struct {
	ID             string          `json:"id"`
	Kind           string          `json:"kind" enum:"member,prospect"`
	Name           string          `json:"name"`
	Phone          *string         `json:"phone" doc:"masked"`
	CardNo         *string         `json:"card_no"`
	StoreID        *string         `json:"store_id"`
	ClerkID        *string         `json:"clerk_id"`
	OpenID         *string         `json:"openid"`
	Subscribed     bool            `json:"subscribed"`
	ConversationID *string         `json:"conversation_id" doc:"the conversation with the member; null when there is none that the caller may open"`
	BoundAt        rest.TimeOrNull `json:"bound_at"`
	Level          *string         `json:"level"`
	Points         int64           `json:"points"`
	CreatedAt      rest.Time       `json:"created_at"`

	Birthday         *string  `json:"birthday" doc:"2006-01-02"`
	Sex              *string  `json:"sex" doc:"female or male"`
	Children         []Child  `json:"children" nullable:"false"`
	PreferredChannel *string  `json:"preferred_channel" doc:"wechat, phone, sms or none"`
	PreferredHours   *string  `json:"preferred_hours"`
	Class            *string  `json:"class" doc:"seed or key"`
	SubClass         *string  `json:"sub_class"`
	Tags             []string `json:"tags" nullable:"false"`
}

// Child is a child of a member.
type Child struct {
	Name     string `json:"name,omitempty" maxLength:"60"`
	Birthday string `json:"birthday" doc:"2006-01-02"`
	Sex      string `json:"sex,omitempty" enum:"female,male"`
}

func view(f member.File) Member {
	m := f.Member
	v := Member{
		ID: m.ID, Kind: m.Kind, Name: m.Name, Phone: rest.Null(f.Phone), CardNo: rest.Null(m.CardNo),
		StoreID: rest.Null(m.StoreID), ClerkID: rest.Null(m.ClerkID), BoundAt: rest.TimeOrNull(m.BoundAt),
		Level: rest.Null(m.Level), Points: m.Points, CreatedAt: rest.Time(m.CreatedAt), ConversationID: rest.Null(f.ConversationID),

		Birthday: rest.Null(f.Facts.Birthday), Sex: rest.Null(f.Facts.Sex), Children: []Child{},
		PreferredChannel: rest.Null(f.Facts.Channel), PreferredHours: rest.Null(f.Facts.Hours),
		Class: rest.Null(f.Class.Class), SubClass: rest.Null(f.Class.SubClass), Tags: append([]string{}, f.Tags...),
	}
	for _, c := range f.Facts.Children {
		v.Children = append(v.Children, Child(c))
	}
	if f.Follower != nil {
		v.OpenID, v.Subscribed = rest.Null(f.Follower.OpenID), f.Follower.Subscribed
	}
	return v
}

// Binding says to whom a member belonged from when to when.
type Binding struct {
	ClerkID string          `json:"clerk_id"`
	StoreID *string         `json:"store_id"`
	From    rest.Time       `json:"from"`
	To      rest.TimeOrNull `json:"to" doc:"null: today's"`
	How     string          `json:"how" enum:"scan,import,claim,handover,manual"`
	By      By              `json:"by"`
}

// By is who did it.
type By struct {
	Kind string  `json:"kind" enum:"staff,system"`
	ID   *string `json:"id"`
}

func bindingView(b model.Binding) Binding {
	v := Binding{ClerkID: b.ClerkID, StoreID: rest.Null(b.StoreID), From: rest.Time(b.FromAt), How: b.How, By: By{b.ByKind, rest.Null(b.ByID)}}
	if !b.Open() {
		v.To = rest.TimeOrNull(b.ToAt)
	}
	return v
}
