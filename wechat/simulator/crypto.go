package simulator

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // WeChat's signature is SHA-1
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
)

// padBlock is the block size of the padding, twice that of the cipher.
const padBlock = 32

// sign is WeChat's signature over the token, the timestamp, the nonce and, for msg_signature, the encrypted text.
func sign(parts ...string) string {
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}

// encrypt wraps a message for the account: 16 random bytes, length, message, app id, padding, AES-256-CBC, base64.
func encrypt(key []byte, appid string, msg []byte) (string, error) {
	head := make([]byte, 20)
	if _, err := rand.Read(head[:16]); err != nil {
		return "", err
	}
	binary.BigEndian.PutUint32(head[16:], uint32(len(msg))) //nolint:gosec // far below 4 GiB
	plain := slices.Concat(head, msg, []byte(appid))
	pad := padBlock - len(plain)%padBlock
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain), nil
}

var errCipher = errors.New("the encrypted text is broken")

// decrypt is the reverse of encrypt. It returns the message and the app id inside.
func decrypt(key []byte, text string) (msg []byte, appid string, err error) {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(data) == 0 || len(data)%aes.BlockSize != 0 {
		return nil, "", errCipher
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, "", err
	}
	cipher.NewCBCDecrypter(block, key[:16]).CryptBlocks(data, data)
	pad := int(data[len(data)-1])
	if pad < 1 || pad > padBlock || len(data) < 20+pad {
		return nil, "", errCipher
	}
	data = data[:len(data)-pad]
	size := int64(binary.BigEndian.Uint32(data[16:20]))
	if size > int64(len(data)-20) {
		return nil, "", errCipher
	}
	return data[20 : 20+size], string(data[20+size:]), nil
}
