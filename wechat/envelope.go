package wechat

// encryptNode finds the sealed text of an encrypted push, which is xml/Encrypt. Bodies of the compatible mode carry the
// plain fields too; those are not covered by any signature and are ignored.
func encryptNode(body []byte) ([]byte, error) {
	r := reader{in: body}
	var sealed []byte
	inside, found := false, false
	for {
		tok, err := r.next()
		if err != nil {
			return nil, err
		}
		switch tok.kind {
		case tokenStart:
			inside = r.depth == 2 && string(tok.text) == "Encrypt"
			if inside && found {
				return nil, refuse(ErrBroken, "second Encrypt")
			}
			found = found || inside
		case tokenText:
			switch {
			case !inside:
			case sealed == nil:
				sealed = tok.text[:len(tok.text):len(tok.text)]
			default:
				sealed = append(sealed, tok.text...)
			}
		case tokenEnd:
			inside = false
		case tokenEOF:
			if len(sealed) == 0 {
				return nil, refuse(ErrForbidden, "plain push to an account with a key")
			}
			return sealed, nil
		}
	}
}
