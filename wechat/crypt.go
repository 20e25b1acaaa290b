package wechat

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
)

// Layout of the sealed text: 16 random bytes, 4 bytes length, message, appid, padding to 32.
const (
	sealBlock   = 32
	sealRandom  = 16
	sealHeader  = sealRandom + 4
	aesKeyChars = 43
)

// decrypt opens a sealed text by the first key that fits. The standard library is used instead of the SDK's
// util.DecryptMsg, which tests only the last padding byte, steers by panics and decodes the base64 once per key.
func decrypt(appID string, keys []string, sealed []byte) ([]byte, error) {
	cipherText, err := base64.StdEncoding.AppendDecode(nil, sealed)
	if err != nil {
		return nil, refuse(ErrBroken, "base64")
	}
	if len(cipherText) == 0 || len(cipherText)%sealBlock != 0 {
		return nil, refuse(ErrBroken, "length of the sealed text")
	}
	for i, key := range keys {
		text := cipherText
		if i < len(keys)-1 {
			text = make([]byte, len(cipherText))
		}
		if plain, ok := decryptWith(appID, key, text, cipherText); ok {
			return plain, nil
		}
	}
	// Which of the checks failed is not told: the answer must not become a padding oracle.
	return nil, refuse(ErrForbidden, "sealed text")
}

// decryptWith writes into dst, which may be the cipher text itself.
func decryptWith(appID, encodedKey string, dst, cipherText []byte) ([]byte, bool) {
	key, ok := decodeKey(encodedKey)
	if !ok {
		return nil, false
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, false
	}
	cipher.NewCBCDecrypter(block, key[:aes.BlockSize]).CryptBlocks(dst, cipherText)
	return unseal(appID, dst)
}

func decodeKey(encoded string) (key [32]byte, ok bool) {
	if len(encoded) != aesKeyChars {
		return key, false
	}
	var text [aesKeyChars + 1]byte
	copy(text[:], encoded)
	text[aesKeyChars] = '='
	var decoded [33]byte // DecodedLen of 44 characters
	n, err := base64.StdEncoding.Decode(decoded[:], text[:])
	if err != nil || n != len(key) {
		return key, false
	}
	copy(key[:], decoded[:n])
	return key, true
}

// unseal takes the message out of a decrypted text and holds everything around it to what it must be.
func unseal(appID string, text []byte) ([]byte, bool) {
	pad := int(text[len(text)-1])
	if pad < 1 || pad > sealBlock || pad > len(text)-sealHeader {
		return nil, false
	}
	for _, b := range text[len(text)-pad:] {
		if int(b) != pad {
			return nil, false
		}
	}
	text = text[:len(text)-pad]
	size := int64(binary.BigEndian.Uint32(text[sealRandom:sealHeader]))
	if size > int64(len(text)-sealHeader) {
		return nil, false
	}
	end := sealHeader + int(size)
	if appID == "" || !sameText(string(text[end:]), appID) {
		return nil, false
	}
	return text[sealHeader:end:end], true
}
