package stack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

const mendKeys = "`journey-api init` in an empty place makes a .env that fits"

type keyHeader struct {
	Algorithm string `json:"alg"`
	Type      string `json:"typ"`
}

type keyClaims struct {
	Issuer  string `json:"iss"`
	Role    string `json:"role"`
	Expires int64  `json:"exp"`
}

// signKey makes an API key as a Supabase project has them: a JWT (HS256) whose role is that of the database.
func signKey(secret, role string, expires time.Time) string {
	signed := encode(keyHeader{Algorithm: "HS256", Type: "JWT"}) + "." +
		encode(keyClaims{Issuer: "journey-api-stack", Role: role, Expires: expires.Unix()})
	return signed + "." + signature(signed, secret)
}

// checkKey reports whether PostgREST will take key for role.
func checkKey(name, key, secret, role string) error {
	fault := fmt.Errorf("%s is not a key of the role %s signed with SUPABASE_JWT_SECRET; %s", name, role, mendKeys)
	parts := strings.Split(key, ".")
	if len(parts) != 3 {
		return fault
	}
	var header keyHeader
	var claims keyClaims
	genuine := hmac.Equal([]byte(parts[2]), []byte(signature(parts[0]+"."+parts[1], secret)))
	if !genuine || decode(parts[0], &header) != nil || decode(parts[1], &claims) != nil ||
		header.Algorithm != "HS256" || claims.Role != role {
		return fault
	}
	if claims.Expires != 0 && claims.Expires < time.Now().Unix() {
		return fmt.Errorf("%s has expired; %s", name, mendKeys)
	}
	return nil
}

func signature(signed, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func encode(part any) string {
	text, err := json.Marshal(part)
	if err != nil {
		panic(err) // strings and numbers alone
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func decode(part string, into any) error {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
