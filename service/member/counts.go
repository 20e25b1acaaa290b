package member

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"liuke/model"
	"liuke/service/access"
)

// ClassCount is a class and sub-class with how many members have it.
type ClassCount struct {
	Class    string
	SubClass string
	Count    int64
}

// LevelCount is a level ("" = none) with how many members have it.
type LevelCount struct {
	Level string
	Count int64
}

// Counts says how many members the actor may see, and how they are spread (D1).
type Counts struct {
	Total, Subscribed, Unbound int64
	Classes                    []ClassCount
	Levels                     []LevelCount
	Tags                       []TagCount // the hundred most worn
}

// mostTags bounds the tags that are counted for a screen.
const mostTags = 100

// Counts counts the members of a filter in the actor's scope. The spread over classes is counted as if the filter named
// no class, and so with levels and tags: it says what choosing another would give.
func (s *Service) Counts(ctx context.Context, actor access.Actor, f Filter) (Counts, error) {
	var c Counts
	within := func(f Filter) *gorm.DB {
		return s.narrow(s.inScope(ctx, actor).Model(&model.Member{}), actor.AccountID, f)
	}
	base := func() *gorm.DB { return within(f) }
	anyClass, anyLevel, anyTag := f, f, f
	anyClass.Class, anyClass.SubClass, anyLevel.Level, anyTag.Tag = "", "", "", ""
	if err := base().Count(&c.Total).Error; err != nil {
		return c, fmt.Errorf("count members: %w", err)
	}
	if err := base().Where("members.clerk_id = ''").Count(&c.Unbound).Error; err != nil {
		return c, fmt.Errorf("count members without a clerk: %w", err)
	}
	if err := base().Where(follows).Count(&c.Subscribed).Error; err != nil {
		return c, fmt.Errorf("count followers: %w", err)
	}
	err := within(anyLevel).Select("members.level AS level, COUNT(*) AS count").Group("members.level").Order("members.level").Scan(&c.Levels).Error
	if err != nil {
		return c, fmt.Errorf("count levels: %w", err)
	}
	err = within(anyClass).Joins("JOIN member_classes ON member_classes.member_id = members.id").
		Select("member_classes.class AS class, member_classes.sub_class AS sub_class, COUNT(*) AS count").
		Group("member_classes.class, member_classes.sub_class").Order("member_classes.class, member_classes.sub_class").Scan(&c.Classes).Error
	if err != nil {
		return c, fmt.Errorf("count classes: %w", err)
	}
	err = within(anyTag).Joins("JOIN member_tags ON member_tags.member_id = members.id").
		Select("member_tags.tag AS tag, COUNT(*) AS count").Group("member_tags.tag").Order("COUNT(*) DESC, member_tags.tag").
		Limit(mostTags).Scan(&c.Tags).Error
	if err != nil {
		return c, fmt.Errorf("count tags: %w", err)
	}
	return c, nil
}
