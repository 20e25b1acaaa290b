package campaign

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
	"liuke/service/fault"
)

func TestCheckSubscription_holdsTheTextsAgainstTheKindsOfTheirFields(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		template *model.CampaignTemplate
		reason   string
	}{
		"fits":                       {&model.CampaignTemplate{ID: "t", Fields: map[string]string{"thing1": "{member}的活动", "time2": "2026-12-01 10:00", "name3": "{clerk}"}}, ""},
		"none":                       {nil, "required"},
		"no id":                      {&model.CampaignTemplate{ID: " ", Fields: map[string]string{"thing1": "x"}}, "required"},
		"no fields":                  {&model.CampaignTemplate{ID: "t"}, "required"},
		"too long without any name":  {&model.CampaignTemplate{ID: "t", Fields: map[string]string{"thing1": strings.Repeat("长", 21)}}, "does_not_fit"},
		"no time":                    {&model.CampaignTemplate{ID: "t", Fields: map[string]string{"time1": "明天"}}, "does_not_fit"},
		"a phrase is of five":        {&model.CampaignTemplate{ID: "t", Fields: map[string]string{"phrase1": "新品到货通知"}}, "does_not_fit"},
		"empty":                      {&model.CampaignTemplate{ID: "t", Fields: map[string]string{"thing1": " "}}, "required"},
		"a field that is none":       {&model.CampaignTemplate{ID: "t", Fields: map[string]string{"thing1": "{price}"}}, "unknown_field"},
		"a page that is not secured": {&model.CampaignTemplate{ID: "t", URL: "http://a", Fields: map[string]string{"thing1": "x"}}, "not_https"},
	} {
		err := checkSubscription(c.template)
		if c.reason == "" {
			require.NoError(t, err, name)
			continue
		}
		require.Error(t, err, name)
		require.Equal(t, c.reason, fault.Of(err).Fields[0].Reason, name)
	}
}

func TestFits_cutsWordsAndRefusesTheRest(t *testing.T) {
	t.Parallel()
	long := &model.CampaignTemplate{Fields: map[string]string{"thing1": strings.Repeat("名", 25)}}
	require.True(t, fits(long))
	require.Equal(t, strings.Repeat("名", 19)+"…", long.Fields["thing1"])
	require.False(t, fits(&model.CampaignTemplate{Fields: map[string]string{"thing1": "好", "name2": strings.Repeat("名", 11)}}))
	require.False(t, fits(&model.CampaignTemplate{Fields: map[string]string{"thing1": ""}}), "who has no name")
}
