package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"liuke/model"
)

func TestNormalizePhone_takesWhatPeopleType(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"13800000001":        "+8613800000001",
		" 138 0000 0001 ":    "+8613800000001",
		"+86 138-0000-0001":  "+8613800000001",
		"008613800000001":    "+8613800000001",
		"8613800000001":      "+8613800000001",
		"１３８００００００01":        "+8613800000001",
		"12000000001":        "+8612000000001",
		"19912345678":        "+8619912345678",
		"+852 6123 4567":     "+85261234567",
		"+1 212 555 0100":    "+12125550100",
		"010-62345678":       "+861062345678",
		"":                   "",
		"   ":                "",
		"1380000000":         "",
		"138000000012":       "",
		"hello":              "",
		"1-800-FLOWERS":      "",
		"13800000001\x00":    "",
		"+999 12345":         "",
		"13800000001; ext 5": "",
		"139000000011390000000113900000001139000000011390000000": "",
	} {
		got, ok := model.NormalizePhone(in)
		require.Equal(t, want, got, "%q", in)
		require.Equal(t, want != "", ok, "%q", in)
	}
}

func TestMaskPhone_hidesTheMiddle(t *testing.T) {
	t.Parallel()
	require.Equal(t, "138****0001", model.MaskPhone("+8613800000001"))
	require.Equal(t, "+852****4567", model.MaskPhone("+85261234567"))
	require.Equal(t, "****", model.MaskPhone("+86110"))
	require.Empty(t, model.MaskPhone(""))
	require.Equal(t, "0001", model.PhoneLast4("+8613800000001"))
	require.Empty(t, model.PhoneLast4("1"))
}

func FuzzNormalizePhone(f *testing.F) {
	for _, s := range []string{"13800000001", "+852 6123 4567", "００８６", "1-800-FLOWERS", "\x00", "+"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e164, ok := model.NormalizePhone(s)
		if !ok {
			require.Empty(t, e164)
			return
		}
		again, ok := model.NormalizePhone(e164)
		require.True(t, ok, "%q gave %q, which is none", s, e164)
		require.Equal(t, e164, again)
		require.NotContains(t, model.MaskPhone(e164), e164[3:])
	})
}
