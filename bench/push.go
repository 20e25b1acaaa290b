package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // WeChat prescribes SHA-1 for its signatures.
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// account is the service account that the load comes from.
type account struct {
	AppID  string `json:"appid"`
	Secret string `json:"secret"`
	Token  string `json:"token"`
	AESKey string `json:"aes_key"` // 43 characters
}

// sealer makes pushes as WeChat sends them in safe mode. It is written apart from the code that is measured.
type sealer struct {
	account account
	block   cipher.Block
	iv      []byte
}

func newSealer(a account) (*sealer, error) {
	key, err := base64.StdEncoding.DecodeString(a.AESKey + "=")
	if err != nil || len(key) != 32 {
		return nil, errors.New("the AES key must have 43 characters of base64")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make the cipher: %w", err)
	}
	return &sealer{a, block, key[:aes.BlockSize]}, nil
}

// textMessage is the inner XML of a text of 20 characters.
func textMessage(openID string, msgID, at int64) []byte {
	const text = "你好，请问这件大衣还有小号吗？我想周末来"
	return fmt.Appendf(nil, "<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>\n<FromUserName><![CDATA[%s]]></FromUserName>\n"+
		"<CreateTime>%d</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[%s]]></Content>\n<MsgId>%d</MsgId>\n</xml>",
		openID, at, text, msgID)
}

// follow is the inner XML of somebody who follows by scanning a code.
func follow(openID, scene string, at int64) []byte {
	return fmt.Appendf(nil, "<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>\n<FromUserName><![CDATA[%s]]></FromUserName>\n"+
		"<CreateTime>%d</CreateTime>\n<MsgType><![CDATA[event]]></MsgType>\n<Event><![CDATA[subscribe]]></Event>\n"+
		"<EventKey><![CDATA[qrscene_%s]]></EventKey>\n<Ticket><![CDATA[gQ]]></Ticket>\n</xml>", openID, at, scene)
}

// request is a whole HTTP request with the message sealed and signed, ready to be written to a connection.
func (s *sealer) request(host, openID string, inner []byte, at int64) []byte {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	plain := append(make([]byte, 0, len(inner)+128), random[:]...)
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(inner))) //nolint:gosec // a few hundred bytes
	plain = append(append(plain, inner...), s.account.AppID...)
	pad := 32 - len(plain)%32
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(s.block, s.iv).CryptBlocks(plain, plain)
	sealed := base64.StdEncoding.EncodeToString(plain)

	timestamp, nonce := strconv.FormatInt(at, 10), hex.EncodeToString(random[:5])
	body := "<xml>\n    <ToUserName><![CDATA[gh_0123456789ab]]></ToUserName>\n    <Encrypt><![CDATA[" + sealed + "]]></Encrypt>\n</xml>\n"
	return []byte("POST /wechat/" + s.account.AppID + "?signature=" + sign(s.account.Token, timestamp, nonce) +
		"&timestamp=" + timestamp + "&nonce=" + nonce + "&openid=" + openID + "&encrypt_type=aes&msg_signature=" +
		sign(s.account.Token, timestamp, nonce, sealed) + " HTTP/1.1\r\nHost: " + host +
		"\r\nUser-Agent: Mozilla/4.0\r\nAccept: */*\r\nContent-Type: text/xml\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}

func sign(parts ...string) string {
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, ""))) //nolint:gosec // See the import.
	return hex.EncodeToString(sum[:])
}

// openIDs gives the pool that the pushes come from.
func openIDs(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("oBench%022d", i)
	}
	return ids
}
