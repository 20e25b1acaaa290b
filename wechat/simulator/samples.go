package simulator

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
)

// samplePicture makes a small picture for a phone that has none at hand.
func samplePicture() []byte {
	img := sampleImage(240, 180)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil
	}
	return b.Bytes()
}

func sampleThumb() []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, sampleImage(64, 48), nil); err != nil {
		return nil
	}
	return b.Bytes()
}

func sampleImage(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, color.RGBA{R: uint8(120 + x*100/w), G: uint8(200 - y*90/h), B: 160, A: 255})
		}
	}
	return img
}

// sampleVoice makes two seconds of silence in narrow-band AMR.
func sampleVoice() []byte {
	b := []byte("#!AMR\n")
	for range 100 {
		b = append(b, 0x04)
		b = append(b, make([]byte, 12)...)
	}
	return b
}

// sampleVideo makes the head of an MP4 file, enough to be known as one.
func sampleVideo() []byte {
	b := []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom")
	return append(b, "\x00\x00\x00\x08mdat"...)
}
