package simulator

import (
	"bytes"
	"errors"
	"fmt"
	"image"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// maxPicture is the largest side, in pixels, of a picture that is searched for a code.
const maxPicture = 6_000

// readQR finds the QR code in a PNG, JPEG or GIF and returns what it says.
func readQR(data []byte) (string, error) {
	size, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return "", fmt.Errorf("read the picture: %w", errors.Join(errNoQR, err))
	}
	if size.Width > maxPicture || size.Height > maxPicture {
		return "", errFile
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return "", fmt.Errorf("read the picture: %w", errors.Join(errNoQR, err))
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", fmt.Errorf("prepare the picture: %w", err)
	}
	found, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return "", errNoQR
	}
	return found.GetText(), nil
}
