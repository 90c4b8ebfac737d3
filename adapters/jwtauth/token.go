package jwtauth

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/journey-os/journey-api/adapters/jwtauth/strictjson"
	"github.com/journey-os/journey-api/core"
)

// token is a JWS in compact form (RFC 7515, section 3.1), decoded and not yet verified.
type token struct {
	header header
	claims claims
	// signed is what the signature covers: the first two parts as received.
	signed    string
	signature []byte
}

// header is the JOSE header (RFC 7515, section 4). Other members are ignored, as the RFC asks, above all jwk, jku, x5u
// and x5c, with which a token would bring its own key. With a shared secret, kid has no meaning.
type header struct {
	Algorithm strictjson.Text `json:"alg"`
	KeyID     strictjson.Text `json:"kid"`
	Type      strictjson.Text `json:"typ"`
	Critical  jsontext.Value  `json:"crit"`
	Unencoded jsontext.Value  `json:"b64"`
}

// The causes are fixed texts, since a decoder's error may quote the token.
var (
	errNotThreeParts  = errors.New("not three parts")
	errNotBase64      = errors.New("a part is not canonical base64url")
	errHeaderJSON     = errors.New("the header is not a strict JSON object")
	errPayloadJSON    = errors.New("the payload is not a strict JSON object")
	errHeaderCritical = errors.New("the header has crit or b64")
	errHeaderType     = errors.New("the header's typ is not that of an access token")
)

func malformed(cause error) error {
	return core.NewAuthenticationError(core.ReasonTokenMalformed,
		"The token is malformed: send the session's access_token, whole and unchanged").WithCause(cause)
}

// refuseAPIKey recognises Supabase's API keys that are no JWT by their prefix.
func refuseAPIKey(bearer string) error {
	switch {
	case strings.HasPrefix(bearer, "sb_publishable_"):
		return notAUserToken("This is the project's publishable API key, not a user's token: " +
			"sign in and send the session's access_token")
	case strings.HasPrefix(bearer, "sb_secret_"):
		return notAUserToken("This is a secret API key of the project, which must stay on a server, not a user's token: " +
			"sign in and send the session's access_token")
	case strings.HasPrefix(bearer, "sb_"):
		return notAUserToken("This is an API key of the project, not a user's token: " +
			"sign in and send the session's access_token")
	}
	return nil
}

// decodeToken splits and decodes the token. It accepts an empty signature, which the check of the algorithm or of the
// signature refuses.
func decodeToken(bearer string) (*token, error) {
	if strings.Count(bearer, ".") != 2 {
		return nil, malformed(errNotThreeParts)
	}
	headerPart, rest, _ := strings.Cut(bearer, ".")
	payloadPart, signaturePart, _ := strings.Cut(rest, ".")
	header, headerErr := decodePart(headerPart)
	payload, payloadErr := decodePart(payloadPart)
	signature, signatureErr := decodePart(signaturePart)
	if headerErr != nil || payloadErr != nil || signatureErr != nil {
		return nil, malformed(errNotBase64)
	}
	decoded := &token{signed: bearer[:len(headerPart)+1+len(payloadPart)], signature: signature}
	if !strictjson.Decode(header, &decoded.header) {
		return nil, malformed(errHeaderJSON)
	}
	if !strictjson.Decode(payload, &decoded.claims) {
		return nil, malformed(errPayloadJSON)
	}
	return decoded, nil
}

var base64URL = base64.RawURLEncoding.Strict()

// decodePart decodes one part. It refuses line breaks itself, which even the strict decoder skips.
func decodePart(part string) ([]byte, error) {
	if strings.IndexByte(part, '\r') >= 0 || strings.IndexByte(part, '\n') >= 0 {
		return nil, errNotBase64
	}
	return base64URL.DecodeString(part)
}

// check refuses headers that would change the meaning of the token (RFC 7515, section 4.1.11; RFC 7797) and JWTs of
// another kind (RFC 8725, section 3.11). typ may be missing.
func (h header) check() error {
	if h.Critical != nil || h.Unencoded != nil {
		return malformed(errHeaderCritical)
	}
	if h.Type.State != strictjson.Missing && !isAccessTokenType(h.Type.Value) {
		return malformed(errHeaderType)
	}
	return nil
}

// isAccessTokenType recognises JWT (RFC 7519, section 5.1) and at+jwt (RFC 9068, section 2.1), compared as media types.
func isAccessTokenType(name string) bool {
	name = strings.TrimPrefix(strings.ToLower(name), "application/")
	return name == "jwt" || name == "at+jwt"
}
